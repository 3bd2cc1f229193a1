# Copyright (c) AULLM-MM contributors.
"""Predictions of some clips as one figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

from aullm_mm.facs import action_unit, au_label

from .motion import as_picture, difference_overlay, draw_flow
from .style import (
    BLUE,
    GREY,
    INK,
    LARGE,
    MEDIUM,
    PALE,
    SMALL,
    VERMILLION,
    new_figure,
    plain_axes,
)

_NEEDED = ('title', 'onset', 'apex', 'scores', 'labels', 'aus')


def draw_predictions(clips: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw for each clip its frames, the movement made visible, and the AU scores.

    A bar is filled where the AU is truly present and hollow where it is absent; blue
    where the model is right and vermillion where it is wrong. AUs of unknown truth
    are hollow and grey.

    Args:
        clips (Sequence[Mapping]): One mapping a clip, with ``title`` (str), ``onset``
            and ``apex`` (images, uint8 or floats in [0, 1]), ``scores``
            (probabilities), ``labels`` (1 present, 0 absent, -1 unknown), ``aus``
            (numbers), and where wanted ``flow`` (pixels, right and down positive) and
            ``thresholds`` (one or one each; 0.5 where missing).

    Returns:
        Figure: One row a clip.

    Raises:
        ValueError: If there is no clip, or one lacks a key or does not fit; the message
            names the clip.

    Shapes:
        - onset, apex: :math:`(H, W)` or :math:`(H, W, 3)`
        - scores, labels, aus: :math:`(N,)`
        - flow: :math:`(H', W', 2)`

    Examples:
        >>> import numpy as np
        >>> face = np.full((32, 32), 0.5)
        >>> clip = dict(title='clip', onset=face, apex=face, aus=[12], scores=[.8],
        ...             labels=[1])
        >>> len(draw_predictions([clip]).axes)
        4
    """
    if not clips:
        raise ValueError('draw_predictions needs at least one clip, got none')
    for clip in clips:
        _check(clip)
    heights = [max(2.35, 0.55 + 0.235 * len(clip['aus'])) for clip in clips]
    header, footer = 0.08, 0.62
    total = sum(heights) + header + footer
    figure = new_figure(total)
    grid = figure.add_gridspec(
        len(clips),
        1,
        height_ratios=heights,
        left=0.012,
        right=0.955,
        top=1 - header / total,
        bottom=footer / total,
        hspace=0.0,
    )
    for row, clip in enumerate(clips):
        _draw_clip(figure, grid[row], clip, first=row == 0)
    unknown = any(-1 in np.asarray(clip['labels']) for clip in clips)
    _legend(figure, 0.04 / total, unknown)
    return figure


def _check(clip: Mapping[str, Any]) -> None:
    missing = [key for key in _NEEDED if key not in clip]
    if missing:
        raise ValueError(
            f'clip {clip.get("title", "?")!r} to draw lacks {", ".join(missing)}; '
            f'needed are {", ".join(_NEEDED)}'
        )
    sizes = [len(clip[key]) for key in ('aus', 'scores', 'labels')]
    if len(set(sizes)) > 1:
        raise ValueError(
            f'clip {clip["title"]!r} to draw has {sizes[0]} AUs, {sizes[1]} scores '
            f'and {sizes[2]} labels'
        )


def _draw_clip(
    figure: Figure, place: SubplotSpec, clip: Mapping[str, Any], first: bool
) -> None:
    grid = place.subgridspec(
        2, 5, width_ratios=(1, 1, 1, 1.08, 1.1), height_ratios=(0.14, 1), wspace=0.03
    )
    frames = [figure.add_subplot(grid[1, column]) for column in range(3)]
    onset, apex = as_picture(clip['onset']), as_picture(clip['apex'])
    overlay, factor = difference_overlay(onset, apex)
    names = ('onset', 'apex', 'apex \N{MINUS SIGN} onset, \N{MULTIPLICATION SIGN}')
    names = (*names[:2], f'{names[2]}{factor:.0f}')
    for axes, picture, name in zip(frames, (onset, apex, overlay), names):
        axes.imshow(picture, interpolation='lanczos')
        axes.set_axis_off()
        axes.text(
            0.5, -0.03, name, transform=axes.transAxes, ha='center', va='top',
            fontsize=SMALL, color=INK,
        )  # fmt: skip
    if clip.get('flow') is not None:
        draw_flow(frames[2], clip['flow'], onset.shape[:2])
    frames[0].set_title(
        clip['title'], loc='left', fontsize=LARGE, pad=5, fontweight='bold', color=INK
    )
    bars = figure.add_subplot(grid[1, 4])
    if first:
        bars.set_title('score of each AU', fontsize=MEDIUM, color=INK, pad=5)
    values = (clip[key] for key in ('aus', 'scores', 'labels'))
    draw_bars(bars, *values, clip.get('thresholds', 0.5))


def draw_bars(
    axes: Axes,
    aus: Sequence[int],
    scores: ArrayLike,
    labels: ArrayLike,
    thresholds: float | ArrayLike = 0.5,
) -> None:
    """Draw the score of each AU as a bar with its FACS name to the left.

    Args:
        axes (Axes): Where to draw; the names take nearly its width on its left.
        aus (Sequence[int]): AU numbers.
        scores (ArrayLike): Probabilities in [0, 1].
        labels (ArrayLike): 1 present, 0 absent, -1 unknown.
        thresholds (float | ArrayLike): One or one each. Defaults to 0.5.

    Shapes:
        - aus, scores, labels: :math:`(N,)`
    """
    scores, labels = np.asarray(scores, float), np.asarray(labels, float)
    thresholds = np.broadcast_to(thresholds, scores.shape)
    rows = np.arange(len(scores))
    colours = _colours(scores >= thresholds, labels)
    axes.barh(rows, np.ones(len(rows)), height=0.66, color=PALE, alpha=0.45)
    axes.barh(
        rows,
        scores,
        height=0.66,
        color=[c if label == 1 else 'white' for c, label in zip(colours, labels)],
        edgecolor=colours,
        linewidth=1.3,
    )
    axes.vlines(thresholds, rows - 0.45, rows + 0.45, color=INK, lw=1.1, ls='--')
    for row, (au, score) in enumerate(zip(aus, scores)):
        bold = 'bold' if labels[row] == 1 else 'normal'
        axes.text(-0.90, row, au_label(au), fontsize=MEDIUM, fontweight=bold,
                  color=INK, va='center', clip_on=False)  # fmt: skip
        axes.text(-0.64, row, action_unit(au).name, fontsize=SMALL, va='center',
                  color=INK if labels[row] == 1 else '#5B626B')  # fmt: skip
        axes.text(1.03, row, f'{score:.2f}', fontsize=SMALL, va='center',
                  fontweight=bold, color=INK)  # fmt: skip
    axes.set(xlim=(0, 1.0), ylim=(len(rows) - 0.4, -0.6), yticks=[])
    axes.set_xticks([0, 0.5, 1], ['0', '0.5', '1'])
    plain_axes(axes, left=False)


def _colours(predicted: np.ndarray, labels: np.ndarray) -> list[str]:
    right = predicted == (labels == 1)
    known = labels != -1
    return [
        (BLUE if ok else VERMILLION) if sure else GREY for ok, sure in zip(right, known)
    ]


def _legend(figure: Figure, bottom: float, unknown: bool) -> None:
    bars = (
        ('present, found', BLUE, BLUE),
        ('present, missed', VERMILLION, VERMILLION),
        ('absent, not found', 'white', BLUE),
        ('absent, false alarm', 'white', VERMILLION),
    )
    handles = [
        Patch(facecolor=face, edgecolor=edge, linewidth=1.3, label=label)
        for label, face, edge in bars
    ]
    if unknown:
        handles.append(Patch(facecolor='white', edgecolor=GREY, label='not known'))
    handles += [
        Line2D([], [], color=INK, lw=1.1, ls='--', label='threshold'),
        Patch(facecolor='#1B7837', label='brighter at apex'),
        Patch(facecolor='#762A83', label='darker at apex'),
    ]
    figure.legend(
        handles=handles,
        loc='lower center',
        bbox_to_anchor=(0.5, bottom),
        ncols=len(handles),
        frameon=False,
        fontsize=SMALL - 0.5,
        labelcolor=INK,
        handlelength=1.3,
        handletextpad=0.5,
        columnspacing=1.2,
    )
