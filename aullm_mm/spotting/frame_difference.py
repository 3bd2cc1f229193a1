# Copyright (c) AULLM-MM contributors.
"""The baseline that spotting has to beat: differences of whole faces."""
from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from .limits import SpottingLimits
from .peaks import find_movements
from .signals import baseline, noise_level, smooth
from .spotter import SMOOTH_SECONDS

LAG = 0.1


class FrameDifference:
    """Mean absolute difference of an aligned face from that of a moment ago.

    Args:
        lag: Seconds back. Defaults to 0.1.

    Examples:
        >>> difference = FrameDifference()
        >>> black = np.zeros((8, 8), np.uint8)
        >>> [difference(black + gray, 0.1 * gray) for gray in range(3)]
        [0.0, 1.0, 1.0]
    """

    def __init__(self, lag: float = LAG) -> None:
        self.lag = lag
        self._past: deque[tuple[float, np.ndarray]] = deque()

    def __call__(self, image: np.ndarray, seconds: float) -> float:
        """Return the difference of the next frame, in gray levels.

        Args:
            image: ``(h, w)`` uint8, aligned.
            seconds: Its time.
        """
        self._past.append((seconds, image))
        while len(self._past) > 1 and self._past[1][0] <= seconds - self.lag + 1e-6:
            self._past.popleft()
        return float(np.abs(image.astype(np.int16) - self._past[0][1]).mean())


def spot_differences(seconds: Sequence[float], values: Sequence[float],
                     limits: SpottingLimits, least_score: float
                     ) -> list[tuple[float, float]]:
    """Spot movements in the course of a frame difference.

    Smoothing, noise, peaks and flanks are those of :func:`~aullm_mm.spotting.spot`.

    Args:
        seconds: Evenly spaced times.
        values: Of a :class:`FrameDifference`.
        limits: How long a micro-expression may be.
        least_score: Least height of a peak over the noise.

    Returns:
        Begin and end in seconds of what is as short as a micro-expression.

    Examples:
        >>> seconds = np.arange(200) / 25
        >>> values = np.random.default_rng(0).normal(1.0, 0.01, 200)
        >>> values[100:109] += np.hanning(9)
        >>> len(spot_differences(seconds, values, SpottingLimits(), 8.0))
        1
    """
    rate = (len(seconds) - 1) / (seconds[-1] - seconds[0])
    course = smooth(np.asarray(values, np.float64)[:, None], rate, SMOOTH_SECONDS)
    away = course - baseline(course, rate, 3.0 * limits.longest)
    noise = noise_level(away, rate, limits.noise_window)
    peaks = find_movements(away[:, 0], np.maximum(least_score * noise[:, 0], 1e-9),
                           3.0 * limits.longest * rate)
    spans = zip(seconds[0] + peaks.onsets / rate, seconds[0] + peaks.offsets / rate)
    return [(float(on), float(off)) for on, off in spans
            if limits.shortest <= off - on <= limits.longest + limits.tolerance]
