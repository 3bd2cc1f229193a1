# Copyright (c) AULLM-MM contributors.
"""A deduction trace as a picture: the heat map of each present AU on the face."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from aullm_mm.facs import action_unit, au_label
from aullm_mm.faces.canonical import CANONICAL_BOUNDS, canonical_face

from .motion import as_picture
from .style import GREY, INK, MEDIUM, SMALL, VERMILLION, new_figure

HEAT_MAP = 'inferno'
COLUMNS = 4
_PANEL = 3.7  # height of a panel in inches
_LEGEND = ('Score without the movement of a region; orange: the AU is then no longer '
           'found; *: by the AU nodes alone.')
_ROWS = 3  # regions listed under a face


def draw_trace(
    trace: Mapping[str, Any],
    heats: Mapping[int, ArrayLike],
    face: ArrayLike | None = None,
) -> Figure:
    """Draw where each present AU's score comes from, and what each region is worth.

    Left and right are those of the person, as in the trace: the person's left is on
    the right of the picture.

    Args:
        trace (Mapping): A trace of :func:`aullm_mm.explain.trace_clips`.
        heats (Mapping): AU number to its heat map on the canonical face, at least 0;
            each is scaled by its own largest value.
        face (ArrayLike | None): Picture of the face on the canonical bounds. Defaults
            to None: the points of the canonical mesh.

    Returns:
        Figure: One panel an AU, four in a row; without a present AU a line that says
        so.

    Raises:
        ValueError: If a present AU has no heat map.

    Shapes:
        - heats: :math:`(h, w)` each; face: :math:`(H, W)` or :math:`(H, W, 3)`

    Examples:
        >>> entry = dict(au=4, score=.9, present=True, threshold=.5, regions=[])
        >>> figure = draw_trace(dict(aus=[entry]), {4: np.eye(8)})
        >>> figure.axes[0].get_title()
        'AU4 brow lowerer  0.9'
    """
    found = [entry for entry in trace['aus'] if entry['present']]
    missing = [entry['au'] for entry in found if entry['au'] not in heats]
    if missing:
        raise ValueError(
            f'no heat map of AU {", ".join(map(str, missing))} was given to draw')
    rows = max(1, -(-len(found) // COLUMNS))
    figure = new_figure(_PANEL * rows if found else 0.6)
    if not found:
        figure.text(0.02, 0.4, 'No AU was found in this clip.', color=INK,
                    fontsize=MEDIUM)  # fmt: skip
        return figure
    figure.text(0.012, 0.06 / rows / _PANEL, _LEGEND, fontsize=SMALL, color=GREY)
    grid = figure.add_gridspec(
        rows, COLUMNS, left=0.01, right=0.99, top=1 - 0.3 / (_PANEL * rows),
        bottom=1.02 / (_PANEL * rows), hspace=0.42, wspace=0.04)  # fmt: skip
    for index, entry in enumerate(found):
        axes = figure.add_subplot(grid[index // COLUMNS, index % COLUMNS])
        _draw_face(axes, face)
        _draw_heat(axes, np.asarray(heats[entry['au']], float))
        name = action_unit(entry['au']).name
        axes.set_title(f'{au_label(entry["au"])} {name}  {entry["score"]:g}',
                       fontsize=MEDIUM, color=INK, pad=4)  # fmt: skip
        _list_regions(axes, entry)
    return figure


def _draw_face(axes: Axes, face: ArrayLike | None) -> None:
    x0, x1, y0, y1 = CANONICAL_BOUNDS
    axes.set(xlim=(x0, x1), ylim=(y1, y0), aspect='equal')
    axes.set_axis_off()
    if face is None:
        axes.scatter(*canonical_face().T, s=1.5, color=GREY, linewidths=0)
    else:
        grey = as_picture(np.asarray(face)).mean(axis=2)
        axes.imshow(0.25 + 0.75 * grey, extent=(x0, x1, y1, y0), cmap='gray',
                    vmin=0, vmax=1)  # fmt: skip


def _draw_heat(axes: Axes, heat: np.ndarray) -> None:
    x0, x1, y0, y1 = CANONICAL_BOUNDS
    share = np.clip(heat / max(heat.max(), 1e-9), 0, 1)
    picture = matplotlib.colormaps[HEAT_MAP](0.25 + 0.65 * share)
    picture[..., 3] = 0.75 * share  # what has no part in it stays clear
    axes.imshow(picture, extent=(x0, x1, y1, y0), interpolation='bilinear')


def _list_regions(axes: Axes, entry: Mapping[str, Any]) -> None:
    """Under the face: the score without each of the foremost regions."""
    for row, region in enumerate(entry['regions'][:_ROWS]):
        place = f'{region["side"] or ""} {region["region"]}'.strip()
        if region['side'] == 'both':
            place = f'{region["region"]}, both sides'
        star = '' if region.get('measured', 'full') == 'full' else '*'
        axes.text(
            0.5, -0.05 - 0.085 * row,
            f'without {place}: {region["score"]:g}{star}', transform=axes.transAxes,
            ha='center', va='top', fontsize=SMALL,
            color=VERMILLION if region.get('flips') else INK)  # fmt: skip
