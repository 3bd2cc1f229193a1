# Copyright (c) AULLM-MM contributors.
"""Blinks: found by the look of the eyes, taken out of the motion beside them."""
from __future__ import annotations

import numpy as np

from .limits import SpottingLimits
from .peaks import Peaks, find_movements
from .signals import baseline, noise_level, smooth

SMOOTH_SECONDS = 0.02
BASE_SECONDS = 2.0
LEAST_SCORE = 4.0
LONGEST_REACH = 2.0  # of the longest blink, to stand out of
# Fewer blinks than this do not tell what a blink does to the skin.
LEAST_BLINKS = 3


def eye_closure(eyes: np.ndarray, rate: float) -> np.ndarray:
    """Return how unlike themselves both eyes look.

    Args:
        eyes: ``(n, 2)`` likeness of each eye to its usual look.
        rate: Values a second.

    Shapes:
        returns: ``(n,)``, about 0 for the usual look, up to 1 and more.

    Examples:
        >>> eye_closure(np.ones((90, 2)), 30.0).max()
        np.float64(0.0)
    """
    unlike = smooth(1.0 - eyes.mean(axis=1, keepdims=True), rate, SMOOTH_SECONDS)
    return (unlike - baseline(unlike, rate, BASE_SECONDS))[:, 0]


def find_blinks(closure: np.ndarray, rate: float, limits: SpottingLimits) -> Peaks:
    """Find the blinks.

    Args:
        closure: ``(n,)`` of :func:`eye_closure`.
        rate: Values a second.
        limits: ``least_blink`` and ``longest_blink`` are asked.

    Returns:
        The blinks, in positions of the values.

    Examples:
        >>> closure = np.zeros(90)
        >>> closure[40:47] = [0.1, 0.3, 0.5, 0.4, 0.3, 0.2, 0.1]
        >>> find_blinks(closure, 30.0, SpottingLimits()).apexes.tolist()
        [42]
    """
    noise = noise_level(closure[:, None], rate, limits.noise_window)[:, 0]
    least = np.maximum(limits.least_blink, LEAST_SCORE * noise)
    found = find_movements(closure, least, LONGEST_REACH * limits.longest_blink * rate)
    keep = found.offsets - found.onsets <= limits.longest_blink * rate
    return Peaks(*(values[keep] for values in
                   (found.apexes, found.onsets, found.offsets, found.heights)))


def within(count: int, blinks: Peaks) -> np.ndarray:
    """Return where a blink is going on.

    Args:
        count: Number n of values.
        blinks: Of :func:`find_blinks`.

    Shapes:
        returns: ``(n,)`` bool.

    Examples:
        >>> one = Peaks(*np.array([[4], [2], [5], [1]]))
        >>> within(8, one).nonzero()[0].tolist()
        [2, 3, 4, 5]
    """
    inside = np.zeros(count, bool)
    for onset, offset in zip(blinks.onsets, blinks.offsets):
        inside[int(np.floor(onset)):int(np.ceil(offset)) + 1] = True
    return inside


def without_blinks(motion: np.ndarray, closure: np.ndarray, blinks: Peaks
                   ) -> np.ndarray:
    """Take out of the motion of the skin what goes with the closing of the eyes.

    A blink pulls at the skin around it. As ocular artefacts are taken out of an EEG,
    each channel's regression on the closure is subtracted: the median over the blinks
    of the slope within each, above the straight line from its begin to its end. So a
    movement during one blink stays.

    Args:
        motion: ``(n, C)``.
        closure: ``(n,)``.
        blinks: Of :func:`find_blinks`.

    Shapes:
        returns: ``(n, C)``; as it was where there are fewer than three blinks.

    Examples:
        >>> closure = np.tile(
        ...     np.r_[np.zeros(40), 0.2, 0.6, 0.8, 0.5, 0.2, np.zeros(9)], 4)
        >>> blinks = find_blinks(closure, 30.0, SpottingLimits())
        >>> rest = without_blinks(0.01 * closure[:, None], closure, blinks)
        >>> bool(np.abs(rest).max() < 1e-4)
        True
    """
    if len(blinks.apexes) < LEAST_BLINKS:
        return motion
    inside = within(len(motion), blinks)
    pulled = motion - over_blinks(motion, inside)
    shut = np.maximum(closure - over_blinks(closure[:, None], inside)[:, 0], 0.0)
    slopes = []
    for onset, offset in zip(blinks.onsets, blinks.offsets):
        at = slice(int(np.floor(onset)), int(np.ceil(offset)) + 1)
        slopes.append(shut[at] @ pulled[at] / max(float(shut[at] @ shut[at]), 1e-9))
    # The median: a blink during an expression tells nothing about blinks.
    return motion - np.outer(shut, np.median(slopes, axis=0))


def over_blinks(motion: np.ndarray, blinking: np.ndarray) -> np.ndarray:
    """Bridge what the eyes' own regions do during blinks by straight lines.

    Args:
        motion: ``(n, C)``.
        blinking: ``(n,)`` of :func:`within`.

    Shapes:
        returns: ``(n, C)``.

    Examples:
        >>> motion = np.array([[0.0], [5.0], [9.0], [3.0]])
        >>> over_blinks(motion, np.array([0, 1, 1, 0], bool)).ravel().tolist()
        [0.0, 1.0, 2.0, 3.0]
    """
    if blinking.all() or not blinking.any():
        return motion
    at, open_ = np.arange(len(motion)), np.flatnonzero(~blinking)
    return np.stack(
        [np.interp(at, open_, column[open_]) for column in motion.T], axis=1)
