# Copyright (c) AULLM-MM contributors.
"""Head motion that is left in a registered clip."""
from __future__ import annotations

import numpy as np

from .geometry import CASME2_FRAMING, Framing
from .timecourse import random_walk


def draw_drift(
    rng: np.random.Generator, count: int, strength: float,
    framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Draw the head motion that is left after registration.

    Its root mean square is about 0.4% of the inter-ocular distance, with
    tails to 1.2%.

    Args:
        rng: Source of randomness.
        count: Frames.
        strength: Factor on all of it.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(count, 2, 3)``; ``[A | b]`` moves p to ``A p + b``.

    Examples:
        >>> still = draw_drift(np.random.default_rng(0), 5, 0.0)
        >>> bool((still[4] == np.eye(2, 3)).all())
        True
    """
    size = strength * min(0.004 * np.exp(rng.normal(0.0, 0.5)), 0.012)
    courses = np.stack([
        random_walk(rng, count, rng.uniform(8.0, 30.0)) for _ in range(4)])
    shift = size * framing.inter_ocular * courses[:2] / np.sqrt(2.0)  # (2, T)
    angle, growth = 0.5 * size * courses[2], 0.4 * size * courses[3]
    return head_transforms(framing, shift, angle, growth)


def head_transforms(
    framing: Framing, shift: np.ndarray, angle: np.ndarray, growth: np.ndarray
) -> np.ndarray:
    """Return the similarities that move a head about its middle.

    Args:
        framing: Size of the picture.
        shift: Pixels, x and y.
        angle: Radians.
        growth: Relative change of size.

    Shapes:
        - shift: ``(2, T)``; angle and growth: ``(T,)``
        - returns: ``(T, 2, 3)``

    Examples:
        >>> framing, rest = Framing(8, 8, 4.0, (4.0, 4.0)), np.zeros(1)
        >>> moved = head_transforms(framing, np.array([[2.0], [1.0]]), rest, rest)
        >>> (moved + 0.0).tolist()
        [[[1.0, 0.0, 2.0], [0.0, 1.0, 1.0]]]
    """
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]]) * (1.0 + growth)  # (2, 2, T)
    turn = turn.transpose(2, 0, 1)
    center = np.array([framing.width / 2, 0.55 * framing.height])
    offset = center - turn @ center + shift.T  # (T, 2)
    return np.concatenate([turn, offset[:, :, None]], axis=2)


def draw_turn(
    rng: np.random.Generator, count: int, strength: float
) -> np.ndarray:
    """Draw small turns of the head, which registration cannot undo.

    Args:
        rng: Source of randomness.
        count: Frames.
        strength: Factor on their size; at 1 about a quarter of a degree.

    Shapes:
        returns: ``(2, count)`` radians.

    Examples:
        >>> bool((draw_turn(np.random.default_rng(0), 9, 0.0) == 0.0).all())
        True
    """
    size = strength * 0.004 * np.exp(rng.normal(0.0, 0.5))
    return size * np.stack([
        random_walk(rng, count, rng.uniform(8.0, 30.0)) for _ in range(2)])
