# Copyright (c) AULLM-MM contributors.
"""A sheet of one clip of a corpus: its frames, its movement, and how it was coded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from aullm_mm.facs import action_unit, au_label

from .flow_colours import flow_picture, flow_wheel, input_picture
from .motion import as_picture, difference_overlay
from .style import GREY, INK, LARGE, MEDIUM, SMALL, new_figure

_NEEDED = ('title', 'onset', 'apex', 'flow', 'aus', 'labels')
#: Height of a sheet in inches.
HEIGHT = 3.1


def draw_clip_sheet(clip: Mapping[str, Any]) -> Figure:
    """Draw onset, apex, magnified difference, flow and the model's input of a clip.

    Args:
        clip (Mapping): ``title`` (str), ``onset`` and ``apex`` (images, uint8 or floats
            in [0, 1]), ``flow`` (pixels, right and down positive), ``aus`` (numbers),
            ``labels`` (1 present, 0 absent, -1 unknown), and where wanted ``facts``
            (lines of text) and ``inputs`` (what the pipeline gives the model).

    Returns:
        Figure: The pictures side by side, the coding on their right.

    Raises:
        ValueError: If the clip lacks a key; the message names it.

    Shapes:
        - onset, apex: :math:`(H, W)` or :math:`(H, W, 3)`; flow: :math:`(H', W', 2+)`
        - labels, aus: :math:`(N,)`

    Examples:
        >>> face = np.full((32, 32), 0.5)
        >>> clip = dict(title='clip', onset=face, apex=face, aus=[4, 12],
        ...             flow=np.zeros((32, 32, 2)), labels=[0, 1])
        >>> [axes.get_title() for axes in draw_clip_sheet(clip).axes[:4]]
        ['onset', 'apex', 'apex − onset, ×255', 'flow, up to 0.0 pixels']
    """
    missing = [key for key in _NEEDED if key not in clip]
    if missing:
        raise ValueError(
            f'clip {clip.get("title", "?")!r} to draw lacks {", ".join(missing)}; '
            f'needed are {", ".join(_NEEDED)}'
        )
    pictures = _pictures(clip)
    figure = new_figure(HEIGHT, width=2.35 * len(pictures) + 2.9)
    grid = figure.add_gridspec(
        1, len(pictures) + 1, left=0.01, right=0.99, top=0.8, bottom=0.03, wspace=0.04,
        width_ratios=(*[1] * len(pictures), 1.2),
    )  # fmt: skip
    for column, (name, picture) in enumerate(pictures.items()):
        axes = figure.add_subplot(grid[column])
        axes.imshow(picture, interpolation='lanczos', cmap='gray', vmin=0, vmax=1)
        axes.set_axis_off()
        axes.set_title(name, fontsize=MEDIUM, color=INK, pad=4)
        if name.startswith('flow'):
            _draw_wheel(axes)
    figure.text(0.01, 0.96, clip['title'], fontsize=LARGE, fontweight='bold', color=INK,
                va='top', parse_math=False)  # fmt: skip
    text = figure.add_subplot(grid[len(pictures)])
    _write_coding(text, clip['aus'], clip['labels'], clip.get('facts', ()))
    return figure


def _pictures(clip: Mapping[str, Any]) -> dict[str, np.ndarray]:
    onset, apex = as_picture(clip['onset']), as_picture(clip['apex'])
    overlay, factor = difference_overlay(onset, apex)
    flow = np.asarray(clip['flow'], dtype=float)
    longest = float(np.percentile(np.hypot(flow[..., 0], flow[..., 1]), 99))
    names = 'apex \N{MINUS SIGN} onset, \N{MULTIPLICATION SIGN}'
    pictures = {
        'onset': onset, 'apex': apex, f'{names}{factor:.0f}': overlay,
        f'flow, up to {longest:.1f} pixels': flow_picture(flow, max(longest, 0.05)),
    }  # fmt: skip
    if clip.get('inputs') is not None:
        pictures['what the model is given'] = input_picture(clip['inputs'])
    return pictures


def _draw_wheel(axes: Axes) -> None:
    """Set the colours of the directions into a corner."""
    wheel = axes.inset_axes((0.82, 0.01, 0.17, 0.17))
    wheel.imshow(flow_wheel(61))
    wheel.set_axis_off()


def _write_coding(
    axes: Axes, aus: Sequence[int], labels: ArrayLike, facts: Sequence[str]
) -> None:
    """AUs that are present in bold, unknown ones with a question mark, then facts."""
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(1, 0))
    shown = [(au, label) for au, label in zip(aus, np.asarray(labels)) if label != 0]
    rows = [(f'{au_label(au)}{"?" if label < 0 else ""}', action_unit(au).name,
             INK if label > 0 else GREY) for au, label in shown]
    rows = rows or [('none', 'of the list', GREY)]
    step = min(0.1, 0.62 / len(rows))
    for row, (label, name, colour) in enumerate(rows):
        y = 0.03 + step * row
        axes.text(0.06, y, label, fontsize=MEDIUM, fontweight='bold', color=colour,
                  va='top')  # fmt: skip
        axes.text(0.30, y, name, fontsize=MEDIUM, color=colour, va='top')
    axes.text(0.06, 1.0, '\n'.join(facts), fontsize=SMALL, color=INK, va='bottom',
              linespacing=1.4, parse_math=False)  # fmt: skip
