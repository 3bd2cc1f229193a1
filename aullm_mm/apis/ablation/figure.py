# Copyright (c) AULLM-MM contributors.
"""F1 of a comparison against a number, one line a model."""
from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from aullm_mm.visualization.style import (
    INK,
    MEDIUM,
    PALE,
    SERIES,
    SMALL,
    new_figure,
    plain_axes,
)

Result = dict[str, Any]


def curves(result: Result) -> dict[str, list[Result]]:
    """Finished rows of each curve, by x.

    Args:
        result: Of :func:`~aullm_mm.apis.ablation.judging.judge_suite`.
    """
    found: dict[str, list[Result]] = {}
    for row in result['rows']:
        if row['curve'] and row['seeds']:
            found.setdefault(row['curve'], []).append(row)
    return {name: sorted(rows, key=lambda r: r['x']) for name, rows in found.items()}


def draw_curves(result: Result) -> Figure:
    """Draw the curves with their 95% intervals over subjects.

    Args:
        result: Of :func:`~aullm_mm.apis.ablation.judging.judge_suite`.

    Raises:
        ValueError: If no row of a curve is finished.
    """
    lines = curves(result)
    if not lines:
        raise ValueError(f'no row of a curve of {result["suite"]} is finished.')
    figure = new_figure(3.6, 7.0)
    axes = figure.add_subplot(
        figure.add_gridspec(1, 1, left=0.1, right=0.97, bottom=0.15, top=0.83)[0])
    for place, (name, rows) in enumerate(lines.items()):
        _draw_line(axes, name, rows, SERIES[place % len(SERIES)])
    points = sorted({(row['x'], 100 * row['scores']['all_positive_f1'])
                     for rows in lines.values() for row in rows})
    axes.plot(*zip(*points), color=INK, lw=1.2, ls='--', label='all-positive')
    _finish(axes, result, sorted({x for x, _ in points}))
    return figure


def _draw_line(axes: Axes, name: str, rows: list[Result], colour: str) -> None:
    x = [row['x'] for row in rows]
    low, value, high = ([100 * v for v in values] for values in zip(*(
        (r['scores']['low'], r['scores']['f1']['value'], r['scores']['high'])
        for r in rows)))
    axes.fill_between(x, low, high, color=colour, alpha=0.15, lw=0)
    axes.plot(x, value, color=colour, lw=2.0, marker='o', ms=4, label=name)


def _finish(axes: Axes, result: Result, ticks: list[float]) -> None:
    kind = ', semi-synthetic' if result['semi_synthetic'] else ''
    axes.set_xlabel(result['x_label'], fontsize=MEDIUM, color=INK)
    axes.set_ylabel(f'F1 in per cent{kind}', fontsize=MEDIUM, color=INK)
    axes.set_xticks(ticks, [f'{x:g}' for x in ticks])
    axes.set_ylim(bottom=0)
    plain_axes(axes)
    axes.grid(axis='y', color=PALE, lw=0.8)
    axes.set_axisbelow(True)
    axes.legend(loc='lower left', bbox_to_anchor=(-0.02, 1.0), ncols=3, frameon=False,
                fontsize=SMALL, labelcolor=INK)
