# Copyright (c) AULLM-MM contributors.
"""Line charts of a page, laid out here and drawn as SVG by its template."""
from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Points = Sequence[tuple[float, float | None]]
#: Width and height of the drawing area of a chart.
SIZE = (400.0, 170.0)


def line_chart(
    lines: Sequence[Mapping[str, Any]],
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    x_title: str = '',
    y_title: str = '',
    size: tuple[float, float] = SIZE,
) -> dict[str, Any]:
    """Lay out a chart.

    Args:
        lines: Each ``points`` ((x, y) pairs; the line is cut where y is None or NaN),
            ``name`` and ``style`` (a class of the style sheet).
        x_range: Ends of the x axis. Defaults to None: those of the points.
        y_range: Ends of the y axis. Defaults to None: from 0 to the largest y.
        x_title: What x is.
        y_title: What y is.
        size: Width and height of the drawing area. Defaults to 400 by 170.

    Examples:
        >>> line = dict(points=[(0, 0.0), (1, 0.5)], name='F1', style='main')
        >>> chart = line_chart([line], y_range=(0, 1))
        >>> chart['lines'][0]['path'], chart['x_ticks'][-1]['label']
        ('M0.0,170.0L400.0,85.0', '1')
    """
    pairs = [(x, y) for line in lines for x, y in line['points'] if known(y)]
    x_range = x_range or _ends([x for x, _ in pairs])
    y_range = y_range or (0.0, max((y for _, y in pairs), default=1.0) or 1.0)

    def place(x: float, y: float) -> tuple[float, float]:
        across, up = (_share(v, r) for v, r in ((x, x_range), (y, y_range)))
        return round(size[0] * across, 1), round(size[1] * (1 - up), 1)
    drawn = [dict(path=_path(place(x, y) if known(y) else None for x, y in
                             line['points']), name=line['name'], style=line['style'])
             for line in lines]
    return dict(
        width=size[0], height=size[1], lines=drawn, x_title=x_title, y_title=y_title,
        x_ticks=[dict(at=place(v, y_range[0])[0], label=f'{v:g}')
                 for v in nice_ticks(*x_range)],
        y_ticks=[dict(at=place(x_range[0], v)[1], label=f'{v:g}')
                 for v in nice_ticks(*y_range)])


def nice_ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round values between two ends, about as many as wanted.

    Args:
        low: Lower end.
        high: Upper end.
        wanted: How many. Defaults to 5.

    Examples:
        >>> nice_ticks(0, 1), nice_ticks(10, 430)
        ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [100, 200, 300, 400])
    """
    rough = (high - low) / wanted or 1.0
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def _path(places: Iterable[tuple[float, float] | None]) -> str:
    """SVG path through the places, begun anew after each None."""
    text, down = '', False
    for place in places:
        if place is not None:
            text += f'{"L" if down else "M"}{place[0]},{place[1]}'
        down = place is not None
    return text


def _share(value: float, ends: tuple[float, float]) -> float:
    low, high = ends
    return min(max((value - low) / (high - low or 1.0), 0.0), 1.0)


def _ends(values: Sequence[float]) -> tuple[float, float]:
    return (min(values), max(values)) if values else (0.0, 1.0)


def known(value: float | None) -> bool:
    """Whether there is a finite number.

    Examples:
        >>> known(0.0), known(None), known(float('nan'))
        (True, False, False)
    """
    return value is not None and math.isfinite(value)
