# Copyright (c) AULLM-MM contributors.
"""Filters whose lengths are in seconds, on evenly spaced values."""
from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d, percentile_filter, uniform_filter1d

# Slow courses are told at so many values a second.
SLOW_RATE = 10.0
# Noise is read from the quieter values: a face may move for half of the time.
QUIET = 25.0  # per cent
# That percentile of the absolute value of a normal variable, inverted.
QUIET_TO_DEVIATION = 3.1383


def smooth(values: np.ndarray, rate: float, seconds: float) -> np.ndarray:
    """Smooth by a Gaussian, without delay.

    Args:
        values: ``(n, ...)``.
        rate: Values a second.
        seconds: Standard deviation of the Gaussian.

    Shapes:
        returns: As ``values``.

    Examples:
        >>> smooth(np.array([0.0, 0.0, 1.0, 0.0, 0.0]), 30.0, 0.03).round(2).tolist()
        [0.04, 0.24, 0.44, 0.24, 0.04]
    """
    return gaussian_filter1d(values, seconds * rate, axis=0, mode='nearest')


def baseline(values: np.ndarray, rate: float, seconds: float) -> np.ndarray:
    """Return the running median: what is left when short movements are taken out.

    Args:
        values: ``(n, C)``.
        rate: Values a second.
        seconds: Length of the window; movements of less than half of it vanish.

    Shapes:
        returns: ``(n, C)``.

    Examples:
        >>> still = np.zeros((300, 1))
        >>> still[100:110] = 1.0  # a third of a second
        >>> baseline(still, 30.0, 2.0).max()
        np.float64(0.0)
    """
    # A trend goes on beyond the ends.
    return _slowly(values, rate, seconds, ends='odd')


def noise_level(values: np.ndarray, rate: float, seconds: float) -> np.ndarray:
    """Return the standard deviation of values around zero, robust, over a window.

    Args:
        values: ``(n, C)`` without their baseline.
        rate: Values a second.
        seconds: Length of the window.

    Shapes:
        returns: ``(n, C)``, at least 0.

    Examples:
        >>> noise = np.random.default_rng(0).normal(0.0, 2.0, (3000, 1))
        >>> noise[500:600] += 50.0  # a movement is no noise
        >>> bool(1.8 < noise_level(noise, 30.0, 20.0)[550, 0] < 2.5)
        True
    """
    quiet = _slowly(np.abs(values), rate, seconds, ends='even', percentile=QUIET)
    return QUIET_TO_DEVIATION * quiet


def _slowly(values: np.ndarray, rate: float, seconds: float, ends: str,
            percentile: float = 50.0) -> np.ndarray:
    """Running percentile, told a few times a second and interpolated."""
    step = max(1, int(rate / SLOW_RATE))
    count = -(-len(values) // step)
    padded = np.pad(values, ((0, count * step - len(values)), (0, 0)), mode='edge')
    coarse = np.percentile(padded.reshape(count, step, -1), percentile, axis=1)
    half = max(1, round(0.5 * seconds * rate / step))
    margin = min(half, count - 1)
    coarse = np.pad(coarse, ((margin, margin), (0, 0)), mode='reflect',
                    reflect_type=ends)
    coarse = percentile_filter(
        coarse, percentile, size=(2 * half + 1, 1), mode='nearest')
    # Steps of a median are not steps of the face.
    coarse = uniform_filter1d(coarse, 3, axis=0, mode='nearest')
    coarse = coarse[margin:margin + count]
    at = (np.arange(count) + 0.5) * step - 0.5
    return np.stack([np.interp(np.arange(len(values)), at, column)
                     for column in coarse.T], axis=1)
