# Copyright (c) AULLM-MM contributors.
"""Poses of a head smoothed over time, so that alignment adds no motion of its own."""
from __future__ import annotations

from itertools import groupby
from typing import Sequence

import numpy as np

from .pose import Pose

#: Standard deviation of the window, in seconds; docs/faces.md has what others gave.
SPREAD = 0.06
# The window ends at this many standard deviations.
REACH = 3.0
# Poses further from the course than this many times the usual distance are left out,
# but none that is nearer than the floor, in inter-ocular distances.
OUTLIER, FLOOR = 6.0, 0.01


def smooth_poses(poses: Sequence[Pose | None], seconds: Sequence[float],
                 spread: float = SPREAD) -> list[Pose | None]:
    """Smooth the poses of one head over time, without delay.

    Around each frame a parabola is fitted to the poses, by least squares with Gaussian
    weights in time: a head that moves and turns evenly is not lagged behind, whatever
    the frame rate, and frames may be unevenly spaced. Poses far off the course (a mesh
    that slipped) are left out of a second fit. Runs of frames without a gap are
    smoothed each on its own.

    Args:
        poses: One a frame; None where there is no face.
        seconds: Time of each frame, rising.
        spread: Standard deviation of the weights in seconds; 0 for no smoothing.
            Defaults to 0.06.

    Returns:
        One a frame; None where there was none.

    Raises:
        ValueError: If the lengths differ, the times do not rise or the spread is
            negative.

    Examples:
        >>> course = [Pose((10.0 * t, 0.0), 50.0, 0.0) for t in range(5)]
        >>> round(smooth_poses(course, [0.0, 0.1, 0.2, 0.3, 0.4])[1].center[0], 6)
        10.0
        >>> smooth_poses([None, course[1]], [0.0, 0.1])[0] is None
        True
    """
    times = np.asarray(seconds, np.float64)
    if len(poses) != len(times):
        raise ValueError(f'{len(poses)} poses have {len(times)} times: give one each')
    if (np.diff(times) <= 0).any():
        raise ValueError('the times of the poses must rise')
    if not spread >= 0:
        raise ValueError(f'spread must be 0 seconds or more, got {spread}')
    if not spread:
        return list(poses)
    smoothed: list[Pose | None] = [None] * len(poses)
    for found, run in groupby(range(len(poses)), lambda i: poses[i] is not None):
        rows = list(run)
        if found:
            course = _smooth_run(_to_rows([poses[i] for i in rows]), times[rows],
                                 spread)
            for i, (x, y, size, roll) in zip(rows, course):
                smoothed[i] = Pose((float(x), float(y)), float(np.exp(size)),
                                   float(roll))
    return smoothed


def _to_rows(poses: Sequence[Pose]) -> np.ndarray:
    """``(T, 4)``: centre, logarithm of the scale, roll without jumps."""
    rows = np.array([(*pose.center, np.log(pose.scale), pose.roll) for pose in poses])
    rows[:, 3] = np.unwrap(rows[:, 3])
    return rows


def _smooth_run(rows: np.ndarray, times: np.ndarray, spread: float) -> np.ndarray:
    first = _fit(rows, times, np.ones(len(rows)), spread)
    unit = np.exp(first[:, 2:3])
    away = (rows - first) / np.hstack([unit, unit, np.ones((len(rows), 2))])
    distance = np.sqrt((away ** 2).sum(1))
    good = distance <= max(OUTLIER * float(np.median(distance)), FLOOR)
    return first if good.all() else _fit(rows, times, good.astype(float), spread)


def _fit(rows: np.ndarray, times: np.ndarray, trust: np.ndarray, spread: float
         ) -> np.ndarray:
    """Value at each time of the parabola that fits best around it."""
    starts = np.searchsorted(times, times - REACH * spread)
    ends = np.searchsorted(times, times + REACH * spread, side='right')
    smooth = np.empty_like(rows)
    for i, (start, end) in enumerate(zip(starts, ends)):
        offset = (times[start:end] - times[i]) / spread
        weight = np.exp(-offset ** 2 / 2) * trust[start:end]
        degree = min(2, int((weight > 0).sum()) - 1)
        if degree < 0:  # nothing but outliers around
            smooth[i] = rows[i]
            continue
        root = np.sqrt(weight)[:, None]
        powers = offset[:, None] ** np.arange(degree + 1)  # (window, degree + 1)
        smooth[i] = np.linalg.lstsq(powers * root, rows[start:end] * root)[0][0]
    return smooth
