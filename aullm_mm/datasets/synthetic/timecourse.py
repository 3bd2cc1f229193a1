# Copyright (c) AULLM-MM contributors.
"""The onset, apex and offset of a movement over time."""
from __future__ import annotations

import numpy as np


def activation(
    frames: np.ndarray, onset: float, apex: float, offset: float,
    rest: float = 0.0, power: float = 1.0
) -> np.ndarray:
    """Return the strength of a movement over time.

    A raised cosine rises from 0 at the onset to 1 at the apex and falls to
    ``rest`` at the offset; time within each half is bent by ``power``.

    Args:
        frames: Frame numbers.
        onset: Frame at which the movement begins.
        apex: Frame of its peak.
        offset: Frame at which it has ended.
        rest: What is left at the offset, 0..1; real movements often fade late.
        power: Above 1 the movement starts late, below 1 early.

    Shapes:
        returns: As ``frames``.

    Examples:
        >>> activation(np.array([0, 10, 20]), 0, 10, 20).round(2).tolist()
        [0.0, 1.0, 0.0]
    """
    rise = np.clip((frames - onset) / max(apex - onset, 1e-6), 0.0, 1.0)
    fall = np.clip((offset - frames) / max(offset - apex, 1e-6), 0.0, 1.0)
    rising = 0.5 - 0.5 * np.cos(np.pi * rise ** power)
    falling = rest + (1.0 - rest) * (0.5 - 0.5 * np.cos(np.pi * fall ** power))
    return np.where(frames <= apex, rising, falling)


def draw_activation(
    rng: np.random.Generator, count: int, apex: int
) -> np.ndarray:
    """Draw the time course of one AU in a clip.

    Onset, peak and offset lie within a few frames of the coded ones, as the
    AUs of one expression do not move in step.

    Args:
        rng: Source of randomness.
        count: Frames in the clip.
        apex: Coded apex, 0-based within the clip.

    Shapes:
        returns: ``(count,)`` strengths, at most 1, near 1 at the apex.

    Examples:
        >>> course = draw_activation(np.random.default_rng(0), 60, 30)
        >>> bool(course[0] < 0.1 and course.max() > 0.95)
        True
    """
    jitter = 0.04 * count
    peak = float(np.clip(apex + rng.normal(0.0, jitter), 2, count - 2))
    onset = min(abs(rng.normal(0.0, jitter)), 0.4 * peak)
    left = count - 1 - peak
    offset = count - 1 - min(rng.normal(0.0, jitter), 0.4 * left)
    return activation(
        np.arange(count), onset, peak, offset,
        rest=float(np.clip(rng.normal(0.1, 0.12), 0.0, 0.45)),
        power=float(np.exp(rng.normal(0.0, 0.15))))


def random_walk(
    rng: np.random.Generator, count: int, smoothness: float
) -> np.ndarray:
    """Draw a slow random course that starts at zero.

    Args:
        rng: Source of randomness.
        count: Frames.
        smoothness: Frames over which the course keeps its direction.

    Shapes:
        returns: ``(count,)`` with a root mean square of 1 (0 for one frame).

    Examples:
        >>> random_walk(np.random.default_rng(0), 50, 8.0)[0]
        np.float64(0.0)
    """
    pad = int(3 * smoothness)
    steps = rng.standard_normal(count + 2 * pad)
    kernel = np.exp(-0.5 * (np.arange(-pad, pad + 1) / smoothness) ** 2)
    course = np.cumsum(np.convolve(steps, kernel, 'valid'))
    course = course - course[0]
    return course / max(float(np.sqrt((course ** 2).mean())), 1e-9)


def blink_course(
    rng: np.random.Generator, count: int, start: int
) -> np.ndarray:
    """Return how far the lids are closed during one blink.

    Args:
        rng: Source of randomness.
        count: Frames.
        start: Frame at which the lids begin to move; may lie outside.

    Shapes:
        returns: ``(count,)``, 0 open, 1 shut.

    Examples:
        >>> float(blink_course(np.random.default_rng(0), 90, 20).max()) > 0.5
        True
    """
    closing = rng.uniform(12, 20)  # 60 to 100 ms at 200 fps
    opening = rng.uniform(22, 40)
    depth = rng.uniform(0.6, 1.0)
    frames = np.arange(count)
    return depth * activation(
        frames, start, start + closing, start + closing + opening)
