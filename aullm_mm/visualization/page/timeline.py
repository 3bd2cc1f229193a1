# Copyright (c) AULLM-MM contributors.
"""Where things of a video stand on its timeline, in per cent of its length."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

#: Steps between the marks of the axis that people read easily.
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200,
          1800, 3600)
CURVE_WIDTH, CURVE_HEIGHT = 1000, 100


class Axis:
    """The time axis of a result: seconds, or frames where no time is known.

    Args:
        result: A result of the inferencer.

    Examples:
        >>> axis = Axis({'source': {'frames': 101, 'seconds': 4.0}, 'movements': []})
        >>> axis.unit, axis.place({'frame': 50, 'seconds': 2.0})
        ('seconds', 50.0)
    """

    def __init__(self, result: Mapping[str, Any]) -> None:
        ends = [m['offset'] for m in result.get('movements') or ()]
        seconds = [_known(m.get('seconds')) for m in (result['source'], *ends)]
        self.unit, self.length = 'seconds', max(seconds)
        if self.length <= 0:
            frames = [_known(m.get('frame')) for m in ends]
            frames.append(_known(result['source'].get('frames')) - 1)
            self.unit, self.length = 'frames', max(1.0, *frames)
        self.last = max(1.0, _known(result['source'].get('frames')) - 1)

    def at(self, value: float) -> float:
        """Place of a value of this axis's unit, kept on the axis."""
        return round(100 * min(max(value / self.length, 0.0), 1.0), 4)

    def place(self, moment: Mapping[str, Any]) -> float:
        """Place of a moment that has ``frame`` and ``seconds``."""
        key = 'seconds' if self.unit == 'seconds' else 'frame'
        return self.at(_known(moment.get(key)))

    def frame(self, index: int) -> float:
        """Place of a frame number, the frames being evenly spaced."""
        return self.at(index / self.last * self.length)

    def span(self, start: float, end: float) -> dict[str, float]:
        """Place and width of a bar."""
        return dict(left=start, width=round(max(end - start, 0.0), 4))

    def bar(self, event: Mapping[str, Any]) -> dict[str, float]:
        """Place and width of what has an ``onset`` and an ``offset``."""
        return self.span(self.place(event['onset']), self.place(event['offset']))

    def ticks(self, wanted: int = 8) -> list[dict[str, Any]]:
        """Marks of the axis with their labels, about as many as wanted."""
        rough = self.length / wanted
        steps = _STEPS if self.unit == 'seconds' else (1, 2, 5, 10, 20, 50)
        beyond = 10 ** math.ceil(math.log10(rough))
        step = next((s for s in steps if s >= rough), beyond)
        values = [i * step for i in range(int(self.length / step + 1e-9) + 1)]
        return [dict(at=self.at(v), label=self._label(v, step)) for v in values]

    def _label(self, value: float, step: float) -> str:
        if self.unit == 'frames':
            return str(int(value))
        if self.length >= 60 and step >= 1:
            minutes, rest = divmod(int(value), 60)
            hours, minutes = divmod(minutes, 60)
            return f'{hours}:{minutes:02d}:{rest:02d}' if hours else (
                f'{minutes}:{rest:02d}')
        return f'{value:.{2 if step < 0.1 else 1 if step < 1 else 0}f} s'


def energy_path(
    axis: Axis, seconds: Sequence[float], energy: Sequence[float | None]
) -> str:
    """Outline of the area under an energy curve, as an SVG path.

    The largest value touches the top. Where a value is missing the curve is cut.

    Args:
        axis: The time axis; it must be one of seconds.
        seconds: Times of the values.
        energy: Values from 0 up, None or NaN where there is none.

    Shapes:
        - seconds, energy: (T,); the path spans 1000 by 100

    Examples:
        >>> axis = Axis({'source': {'frames': 11, 'seconds': 1.0}})
        >>> energy_path(axis, [0.0, 1.0], [1.0, 2.0])
        'M0.0,100L0.0,50.0L1000.0,0.0L1000.0,100Z'
    """
    if axis.unit != 'seconds':
        return ''
    values = [None if e is None or not math.isfinite(e) else e for e in energy]
    largest = max((v for v in values if v is not None), default=0.0) or 1.0
    pieces, piece = [], []
    for second, value in [*zip(seconds, values), (0.0, None)]:
        if value is not None:
            x = round(axis.at(second) / 100 * CURVE_WIDTH, 1)
            piece.append((x, round(CURVE_HEIGHT * (1 - max(value, 0) / largest), 1)))
        elif piece:
            pieces.append(piece)
            piece = []
    return ''.join(map(_closed, pieces))


def _closed(points: list[tuple[float, float]]) -> str:
    (start, _), (end, _) = points[0], points[-1]
    line = 'L'.join(f'{x},{y}' for x, y in points)
    return f'M{start},{CURVE_HEIGHT}L{line}L{end},{CURVE_HEIGHT}Z'


def missing_spans(axis: Axis, faces: Sequence[Mapping[str, Any]]) -> list[dict]:
    """Bars over the frames without the face, for a video with one.

    Examples:
        >>> axis = Axis({'source': {'frames': 101, 'seconds': 4.0}})
        >>> face = {'first': 0, 'last': 100, 'missing': [[50, 74]]}
        >>> missing_spans(axis, [face])
        [{'left': 50.0, 'width': 25.0}]
    """
    if len(faces) != 1:  # with several, a gap of one is no gap of the others
        return []
    face = faces[0]
    around = [(0, face['first'] - 1), (face['last'] + 1, axis.last)]
    ranges = [*(face.get('missing') or ()), *((a, b) for a, b in around if b >= a)]
    return [axis.span(axis.frame(a), axis.frame(b + 1)) for a, b in ranges]


def _known(value: Any) -> float:
    """A number, 0 where it is missing or not finite."""
    return float(value) if value is not None and math.isfinite(value) else 0.0
