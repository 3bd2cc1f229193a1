# Copyright (c) AULLM-MM contributors.
"""Draw the rows of a semi-synthetic coding table."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aullm_mm.facs.action_units import action_unit

from . import statistics
from .layout import Layout, Timing
from .movements import Movement
from .rendering import draw_intensity
from .row import Row

# Clips that a coder was unsure about move much less.
UNCERTAIN_SHARE = 0.35


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
    rng: np.random.Generator, timing: Timing
) -> tuple[int, int, int]:
    """Draw onset, apex and offset frames.

    Args:
        rng: Source of randomness.
        timing: How long clips are, and where in a recording they begin.

    Returns:
        Onset, apex and offset.

    Examples:
        >>> usual = Timing(frames=(24, 146), median=61, onsets=(1, 400))
        >>> onset, apex, offset = draw_timing(np.random.default_rng(0), usual)
        >>> onset < apex < offset
        True
    """
    count = int(np.clip(
        round(timing.median * np.exp(rng.normal(0.0, 0.4))), *timing.frames))
    onset = int(rng.integers(*timing.onsets))
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


def draw_rows(
    layout: Layout, seed: int, subjects: int, clips: int, amplitude: float = 1.0
) -> list[Row]:
    """Draw the whole coding table.

    Args:
        layout: Whose counts and names it has.
        seed: Seed of the corpus.
        subjects: Number of subjects.
        clips: Number of clips.
        amplitude: Factor on the strength of the movements.

    Returns:
        The rows, by subject and clip.

    Raises:
        ValueError: If there are fewer clips than subjects.

    Examples:
        >>> from .casme2_layout import CASME2
        >>> len(draw_rows(CASME2, seed=0, subjects=26, clips=256))
        256
    """
    if subjects < 1 or clips < subjects:
        raise ValueError(
            f'{clips} clips cannot be shared among {subjects} subjects; ask '
            'for at least one subject and one clip a subject')
    rng = layout.studio.rng(seed, 3)
    au_sets = statistics.draw_au_sets(rng, clips, layout.counts)
    emotions = statistics.draw_emotions(rng, au_sets, layout.counts)
    odd = _draw_odd_rows(rng, clips, layout.counts)
    rows, index = [], 0
    counts = draw_clip_counts(rng, subjects, clips)
    for subject, count in enumerate(counts, start=1):
        for filename in layout.draw_names(rng, subject, count):
            flags = {name for name, indices in odd.items() if index in indices}
            coding, movements = _draw_coding(
                rng, layout, au_sets[index], flags, amplitude)
            onset, apex, offset = draw_timing(rng, layout.timing)
            rows.append(Row(
                subject, filename, onset, apex, offset, 'no_apex' not in flags,
                coding, emotions[index], movements))
            index += 1
    return rows


def _draw_odd_rows(
    rng: np.random.Generator, clips: int, counts: statistics.TableCounts
) -> dict[str, set[int]]:
    return {name: set(rng.permutation(clips)[:round(
        getattr(counts, name) * clips / counts.rows)].tolist())
        for name in ('sided', 'unsure', 'no_apex')}


def _draw_coding(
    rng: np.random.Generator, layout: Layout, au_set: Sequence[int],
    flags: set[str], amplitude: float
) -> tuple[str, tuple[Movement, ...]]:
    aus = sorted(au_set)
    if rng.random() < 0.25:
        aus = [aus[i] for i in rng.permutation(len(aus))]
    movements = draw_movements(rng, aus, 'sided' in flags, amplitude)
    unsure = len(aus) - 1 if 'unsure' in flags else None
    coding = layout.write_cell(rng, movements, unsure, amplitude)
    if unsure is not None:
        weak = UNCERTAIN_SHARE * movements[unsure].intensity
        movements = movements[:unsure] + (Movement(
            aus[unsure], movements[unsure].side, weak),)
    return coding, movements
