# Copyright (c) AULLM-MM contributors.
"""Peaks of a signal, with the moments at which each begins and ends."""
from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks, peak_prominences, peak_widths

# Where the flanks of a peak are read, as shares of its height.
LOW, HIGH = 0.25, 0.75


@dataclass(frozen=True)
class Peaks:
    """Peaks of one signal, in positions of its values.

    Attributes:
        apexes: ``(P,)`` int, where they are highest.
        onsets: ``(P,)`` float, where they begin.
        offsets: ``(P,)`` float, where they end.
        heights: ``(P,)`` prominence: height above the higher of the two dips beside.
    """

    apexes: np.ndarray
    onsets: np.ndarray
    offsets: np.ndarray
    heights: np.ndarray


def find_movements(signal: np.ndarray, least: np.ndarray | float, reach: float
                   ) -> Peaks:
    """Find the peaks that stand out of a signal.

    Args:
        signal: ``(n,)``.
        least: Least prominence, one for all or ``(n,)``.
        reach: Values, to both sides together, within which a peak has to stand out.

    Returns:
        The peaks, in order.

    Examples:
        >>> hump = np.zeros(60)
        >>> hump[20:41] = 0.5 - 0.5 * np.cos(np.linspace(0, 2 * np.pi, 21))
        >>> peaks = find_movements(hump, 0.5, 60)
        >>> peaks.apexes.tolist(), peaks.onsets.round().tolist()
        ([30], [20.0])
    """
    window = max(int(reach) | 1, 3)
    apexes, found = find_peaks(signal, prominence=float(np.min(least)), wlen=window)
    heights = found['prominences']
    keep = heights >= np.broadcast_to(least, signal.shape)[apexes]
    bases = found['left_bases'][keep], found['right_bases'][keep]
    return _with_flanks(signal, apexes[keep], (heights[keep], *bases))


def measure_peak(signal: np.ndarray, apex: int, reach: float) -> Peaks:
    """Measure one peak whose place is known.

    Args:
        signal: ``(n,)``.
        apex: Where it is highest.
        reach: As for ``find_movements``.

    Returns:
        The peak alone.

    Examples:
        >>> measure_peak(np.array([0.0, 0.0, 2.0, 1.0, 1.0]), 2, 5).heights.tolist()
        [1.0]
    """
    with warnings.catch_warnings():  # a height of 0 is an answer like others
        warnings.simplefilter('ignore', RuntimeWarning)
        data = peak_prominences(signal, [apex], wlen=max(int(reach) | 1, 3))
        return _with_flanks(signal, np.array([apex]), data)


def _with_flanks(signal: np.ndarray, apexes: np.ndarray, data: tuple) -> Peaks:
    low, high = (peak_widths(signal, apexes, rel_height=1.0 - share,
                             prominence_data=data)[2:] for share in (LOW, HIGH))
    # A raised cosine takes as long from 0 to 1/4 of its height as from 1/4 to 3/4.
    onsets = low[0] - (high[0] - low[0])
    offsets = low[1] + (low[1] - high[1])
    last = len(signal) - 1
    return Peaks(apexes, np.clip(onsets, 0, last), np.clip(offsets, 0, last), data[0])
