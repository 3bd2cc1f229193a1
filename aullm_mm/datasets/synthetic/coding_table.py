# Copyright (c) AULLM-MM contributors.
"""The rows of a semi-synthetic coding table."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aullm_mm.facs.action_units import action_unit

from . import statistics
from .movements import Movement
from .rendering import draw_intensity

FRAME_LIMITS, MEDIAN_FRAMES = (24, 146), 61
# Clips that a coder was unsure about move much less.
UNCERTAIN_SHARE = 0.35


@dataclass(frozen=True)
class Row:
    """One clip of the corpus, as coded and as moved.

    Attributes:
        subject: Subject number, from 1.
        filename: Clip name such as ``'EP02_01f'``.
        onset: First frame, as numbered in the release.
        apex: Frame of the peak.
        offset: Last frame, inclusive.
        apex_coded: Whether the table tells the apex (else ``'/'``).
        coding: Text of the AU cell, such as ``'4+L10'``.
        emotion: Estimated emotion.
        movements: What the face does.

    Examples:
        >>> draw_rows(seed=0, subjects=2, clips=3)[0].frames > 20
        True
    """

    subject: int
    filename: str
    onset: int
    apex: int
    offset: int
    apex_coded: bool
    coding: str
    emotion: str
    movements: tuple[Movement, ...]

    @property
    def frames(self) -> int:
        """Number of frames, onset to offset."""
        return self.offset - self.onset + 1


def draw_clip_counts(
    rng: np.random.Generator, subjects: int, clips: int
) -> list[int]:
    """Share the clips out among the subjects, unevenly as in the real table.

    Args:
        rng: Source of randomness.
        subjects: Number of subjects.
        clips: Number of clips, at least ``subjects``.

    Returns:
        Clips of each subject, at least one.

    Examples:
        >>> sum(draw_clip_counts(np.random.default_rng(0), 26, 256))
        256
    """
    weights = rng.gamma(2.0, 1.0, subjects)
    extra = statistics.scale_counts(
        dict(enumerate(weights)), clips - subjects)
    return [1 + extra[index] for index in range(subjects)]


def draw_timing(
    rng: np.random.Generator
) -> tuple[int, int, int]:
    """Draw onset, apex and offset frames.

    Args:
        rng: Source of randomness.

    Returns:
        Onset, apex and offset; the clip has 24 to 146 frames.

    Examples:
        >>> onset, apex, offset = draw_timing(np.random.default_rng(0))
        >>> onset < apex < offset
        True
    """
    low, high = FRAME_LIMITS
    count = int(np.clip(
        round(MEDIAN_FRAMES * np.exp(rng.normal(0.0, 0.4))), low, high))
    onset = int(rng.integers(1, 400))
    share = float(np.clip(rng.normal(0.51, 0.13), 0.2, 0.85))
    apex = onset + int(round(share * (count - 1)))
    return onset, apex, onset + count - 1


def draw_movements(
    rng: np.random.Generator, aus: Sequence[int], sided: bool,
    amplitude: float
) -> tuple[Movement, ...]:
    """Draw sides and strengths of a clip's AUs.

    Args:
        rng: Source of randomness.
        aus: AU numbers.
        sided: Whether at least one AU is one-sided, where FACS allows it.
        amplitude: Factor on the strengths.

    Returns:
        One movement an AU; the AUs of a clip are about equally strong.

    Examples:
        >>> move, = draw_movements(np.random.default_rng(0), [12], True, 1.0)
        >>> move.side in ('L', 'R')
        True
    """
    strength = draw_intensity(rng, amplitude)
    side = str(rng.choice(['L', 'R']))
    able = [au for au in aus if action_unit(au).sided]
    first = able[int(rng.integers(len(able)))] if able and sided else None
    movements = []
    for au in aus:
        # Usually one AU of the row has the letter, as in 4+L10.
        lettered = au == first or (
            first is not None and au in able and rng.random() < 0.3)
        own = 0.6 * strength + 0.4 * draw_intensity(rng, amplitude)
        movements.append(Movement(au, side if lettered else None, own))
    return tuple(movements)


def coding_text(movements: Sequence[Movement], uncertain: int | None) -> str:
    """Write the AU cell of a clip.

    Args:
        movements: The clip's AUs in the order of the cell.
        uncertain: Index of the AU that gets a question mark.

    Returns:
        Text such as ``'4+L10'`` or ``'4+7?'``.

    Examples:
        >>> coding_text([Movement(4, None, 0.2), Movement(10, 'L', 0.2)], None)
        '4+L10'
    """
    return '+'.join(
        f'{movement.side or ""}{movement.au}{"?" if index == uncertain else ""}'
        for index, movement in enumerate(movements))


def draw_rows(
    seed: int, subjects: int, clips: int, amplitude: float = 1.0
) -> list[Row]:
    """Draw the whole coding table.

    Args:
        seed: Seed of the corpus.
        subjects: Number of subjects.
        clips: Number of clips.
        amplitude: Factor on the strength of the movements.

    Returns:
        The rows, by subject and clip.

    Raises:
        ValueError: If there are fewer clips than subjects.

    Examples:
        >>> len(draw_rows(seed=0, subjects=26, clips=256))
        256
    """
    if subjects < 1 or clips < subjects:
        raise ValueError(
            f'{clips} clips cannot be shared among {subjects} subjects; ask '
            'for at least one subject and one clip a subject')
    rng = np.random.default_rng([seed, 3])
    au_sets = statistics.draw_au_sets(rng, clips)
    emotions = statistics.draw_emotions(rng, au_sets)
    flags = {name: set(rng.permutation(clips)[:round(
        count * clips / statistics.TOTAL_ROWS)].tolist())
        for name, count in (('sided', statistics.SIDED_ROWS + 6),
                            ('uncertain', statistics.UNCERTAIN_ROWS),
                            ('no_apex', statistics.UNKNOWN_APEX_ROWS))}
    rows, index = [], 0
    counts = draw_clip_counts(rng, subjects, clips)
    for subject, count in enumerate(counts, start=1):
        for filename in draw_filenames(rng, count):
            aus = sorted(au_sets[index])
            if rng.random() < 0.25:
                aus = [aus[i] for i in rng.permutation(len(aus))]
            movements = draw_movements(
                rng, aus, index in flags['sided'], amplitude)
            unsure = len(aus) - 1 if index in flags['uncertain'] else None
            coding = coding_text(movements, unsure)
            if unsure is not None:
                weak = UNCERTAIN_SHARE * movements[unsure].intensity
                movements = movements[:unsure] + (Movement(
                    aus[unsure], movements[unsure].side, weak),)
            onset, apex, offset = draw_timing(rng)
            rows.append(Row(
                subject, filename, onset, apex, offset,
                index not in flags['no_apex'], coding, emotions[index],
                movements))
            index += 1
    return rows


def draw_filenames(rng: np.random.Generator, count: int) -> list[str]:
    """Draw distinct clip names of one subject, like ``EP02_01f``.

    Args:
        rng: Source of randomness.
        count: Number of names, at most 400.

    Returns:
        Sorted names.

    Examples:
        >>> draw_filenames(np.random.default_rng(0), 1)[0][:2]
        'EP'
    """
    chosen = rng.choice(20 * 20, size=count, replace=False)
    endings = rng.random(count) < 0.5
    return sorted(
        f'EP{number // 20 + 1:02d}_{number % 20 + 1:02d}{"f" if ending else ""}'
        for number, ending in zip(chosen.tolist(), endings.tolist()))
