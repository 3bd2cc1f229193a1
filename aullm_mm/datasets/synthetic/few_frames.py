# Copyright (c) AULLM-MM contributors.
"""Clips of few frames, taken from clips of normal length."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .nuisances import Nuisances
from .rendering import Motion
from .row import Row


def choose_moments(length: int, peak: int, count: int) -> tuple[int, ...]:
    """Choose which frames of a clip to write.

    Onset, apex and offset always; then the frame after the apex and the one before
    it, as front ends average over them; the rest evenly in time.

    Args:
        length: Frames of the whole clip.
        peak: Its apex, from 0.
        count: How many to choose, 3 to ``length``.

    Returns:
        Numbers from 0, rising.

    Examples:
        >>> choose_moments(61, 30, 4)
        (0, 30, 31, 60)
        >>> choose_moments(61, 30, 7)
        (0, 14, 29, 30, 31, 45, 60)
    """
    first = (0, peak, length - 1, peak + 1, peak - 1)
    chosen = sorted(dict.fromkeys(m for m in first if 0 <= m < length))
    chosen = sorted(first[:count]) if count < len(chosen) else chosen
    while len(chosen) < count:
        # Halve the longest gap; the earlier one of two.
        gaps = np.diff(chosen)
        at = int(gaps.argmax())
        chosen.insert(at + 1, chosen[at] + int(gaps[at]) // 2)
    return tuple(chosen)


def thin_row(row: Row, count: int) -> Row:
    """Return the row with ``count`` frames, numbered one by one from the onset.

    Args:
        row: A clip of normal length.
        count: Frames to write, at least 3. A clip with fewer is stretched: it is
            as slow as its frames are many.

    Returns:
        The row.

    Examples:
        >>> row = Row(1, 'EP02_01f', 46, 76, 106, True, '4', 'disgust', ())
        >>> few = thin_row(row, 4)
        >>> few.onset, few.apex, few.offset, few.moments
        (46, 47, 49, (0, 30, 31, 60))
    """
    peak, offset = row.apex - row.onset, row.onset + count - 1
    if count >= row.frames:
        share = peak / (row.frames - 1)
        return replace(
            row, apex=row.onset + round(share * (count - 1)), offset=offset)
    moments = choose_moments(row.frames, peak, count)
    return replace(row, apex=row.onset + moments.index(peak), offset=offset,
                   moments=moments)


def thin_courses(
    nuisances: Nuisances, motion: Motion, moments: Sequence[int]
) -> tuple[Nuisances, Motion]:
    """Keep the time courses of a clip at a few moments only.

    Args:
        nuisances: Of the whole clip.
        motion: Of the whole clip.
        moments: Numbers of frames from 0; none for all.

    Returns:
        Both, at these moments.

    Examples:
        >>> from .nuisances import draw_nuisances
        >>> whole = draw_nuisances(np.random.default_rng(0), 30, 1.0)
        >>> none = np.zeros((0, 2, 9, 9), np.float32)
        >>> motion = Motion(none, np.zeros((0, 30)), none[:, 0], np.zeros((0, 30)))
        >>> few, _ = thin_courses(whole, motion, (0, 12, 29))
        >>> few.drift.shape, bool((few.gain == whole.gain[[0, 12, 29]]).all())
        ((3, 2, 3), True)
    """
    if not len(moments):
        return nuisances, motion
    at = list(moments)
    by_frame = {name: getattr(nuisances, name)[at]
                for name in ('drift', 'gain', 'tilt', 'blink')}
    return (
        replace(nuisances, **by_frame, turn=nuisances.turn[:, at],
                twitch_course=nuisances.twitch_course[:, at]),
        replace(motion, courses=motion.courses[:, at],
                fold_courses=motion.fold_courses[:, at]))
