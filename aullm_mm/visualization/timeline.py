# Copyright (c) AULLM-MM contributors.
"""The timeline of a video as a figure: when which action units moved."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from aullm_mm.facs import action_unit, au_label

from .page.timeline import Axis
from .style import AMBER, BLUE, GREY, INK, LARGE, MEDIUM, PALE, SMALL, new_figure
from .style import plain_axes

_KIND_COLOURS = {'micro': BLUE, 'macro': AMBER, 'given': BLUE}
#: Shortest bar, as a share of the length, so that a micro-expression is to be seen.
_LEAST = 0.004


def draw_timeline(result: Mapping[str, Any]) -> Figure:
    """Draw the movements of a video, the scores of their AUs, and the motion energy.

    A bar is a movement, its shade the score of the AU; bars below the threshold are
    thin. The same data is on the page of :mod:`aullm_mm.visualization.page`.

    Args:
        result: A result of the inferencer.

    Returns:
        AUs above, motion energy below where the result holds it.

    Examples:
        >>> moment = [dict(frame=f, seconds=f / 25) for f in (10, 14, 20)]
        >>> move = dict(zip(('onset', 'apex', 'offset'), moment), kind='micro', aus=[
        ...     dict(au=12, score=.9, present=True)])
        >>> result = dict(source=dict(name='clip', frames=50, seconds=2.0), model=dict(
        ...     aus=[4, 12]), movements=[move])
        >>> [t.get_text() for t in draw_timeline(result).axes[0].get_yticklabels()]
        ['movement', 'AU4 brow lowerer', 'AU12 lip corner puller']
    """
    aus = [int(au) for au in result['model']['aus']]
    axis, series = Axis(result), result.get('series') or {}
    energetic = bool(len(series.get('energy') or ())) and axis.unit == 'seconds'
    rows = len(aus) + 1
    height = 0.9 + 0.25 * rows + (0.9 if energetic else 0)
    figure = new_figure(height)
    grid = figure.add_gridspec(
        1 + energetic, 1, left=0.2, right=0.98, top=1 - 0.42 / height,
        bottom=0.45 / height, height_ratios=(rows, 3)[:1 + energetic], hspace=0.06)
    lanes = figure.add_subplot(grid[0])
    lanes.set_title(str(result['source']['name']), loc='left', fontsize=LARGE,
                    fontweight='bold', color=INK, parse_math=False)
    _draw_lanes(lanes, result, aus, axis)
    last = lanes
    if energetic:
        last = figure.add_subplot(grid[1], sharex=lanes)
        _draw_energy(last, series)
        lanes.tick_params(labelbottom=False)
    last.set_xlabel(axis.unit, fontsize=MEDIUM, color=INK)
    return figure


def _draw_lanes(
    axes: Axes, result: Mapping[str, Any], aus: list[int], axis: Axis
) -> None:
    key = 'seconds' if axis.unit == 'seconds' else 'frame'
    colours = matplotlib.colormaps['Blues']
    for movement in result['movements']:
        start, end = (movement[name][key] for name in ('onset', 'offset'))
        span = [(start, max(end - start, _LEAST * axis.length))]
        axes.broken_barh(span, (-0.35, 0.7), color=_KIND_COLOURS.get(
            movement['kind'], GREY))
        for row in movement['aus']:
            half = 0.36 if row['present'] else 0.12
            axes.broken_barh(span, (aus.index(row['au']) + 1 - half, 2 * half),
                             color=colours(0.15 + 0.8 * row['score']))
    for blink in result.get('blinks') or ():
        axes.plot(blink['apex'][key], -0.62, marker='v', ms=4, color=GREY,
                  clip_on=False)
    if result.get('blinks'):
        axes.text(-0.008 * axis.length, -0.62, 'blinks', fontsize=SMALL, color=GREY,
                  ha='right', va='center')
    names = [f'{au_label(au)} {action_unit(au).name}' for au in aus]
    axes.set_yticks(range(len(aus) + 1), ['movement', *names])
    axes.set(xlim=(0, axis.length), ylim=(len(aus) + 0.6, -0.6))
    axes.hlines(np.arange(len(aus) + 1) + 0.5, 0, axis.length, color=PALE, lw=0.6)
    plain_axes(axes, left=False)
    axes.tick_params(axis='y', length=0)


def _draw_energy(axes: Axes, series: Mapping[str, Any]) -> None:
    energy = np.array([np.nan if e is None else e for e in series['energy']], float)
    axes.fill_between(series['seconds'], energy, color=BLUE, alpha=0.2, lw=0)
    axes.plot(series['seconds'], energy, color=BLUE, lw=1.2)
    axes.set_ylim(bottom=0)
    axes.set_yticks([])
    axes.set_ylabel('motion', fontsize=SMALL, color=INK, rotation=0, ha='right')
    plain_axes(axes, left=False)
