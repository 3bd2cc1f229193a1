# Copyright (c) AULLM-MM contributors.
"""Coding tables with wrong AUs, for tests of learning from noisy labels."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from .layout import Layout
from .movements import Movement
from .row import Row
from .statistics import pick


def mistake_movements(
    rng: np.random.Generator, movements: tuple[Movement, ...], share: float,
    counts: Mapping[int, int]
) -> tuple[Movement, ...]:
    """Draw what a coder who errs writes down.

    Each AU is wrong with probability ``share``: left out or taken for another, as
    likely as not. The only AU that would be left of a clip is taken for another, as
    no cell may be empty.

    Args:
        rng: Source of randomness.
        movements: What the face does.
        share: Probability of an error.
        counts: How often each AU is coded; what is written instead follows it.

    Returns:
        What is coded, in the same order; ``movements`` itself if all is right.

    Examples:
        >>> wrong = mistake_movements(
        ...     np.random.default_rng(0), (Movement(4, None, 0.2),), 1.0, {4: 3, 7: 1})
        >>> wrong[0].au
        7
    """
    wrong = rng.random(len(movements)) < share
    if not wrong.any():
        return movements
    taken = {movement.au for movement in movements}
    coded, left = [], len(movements)
    for movement, is_wrong in zip(movements, wrong):
        if is_wrong and left > 1 and rng.random() < 0.5:
            left -= 1
            continue
        if is_wrong:
            other = {au: count for au, count in counts.items() if au not in taken}
            movement = Movement(int(pick(rng, other)), None, movement.intensity)
            taken.add(movement.au)
        coded.append(movement)
    return tuple(coded)


def mistake_row(
    rng: np.random.Generator, row: Row, layout: Layout, share: float, amplitude: float
) -> Row:
    """Return the row as a coder who errs writes it; the face does what it did.

    Args:
        rng: Randomness of the row's errors.
        row: The true row.
        layout: Whose cell it is.
        share: Probability that a coded AU is wrong.
        amplitude: Factor that is in the movements' strengths.

    Returns:
        The row, its AU cell written anew if an AU is wrong.

    Examples:
        >>> from .casme2_layout import CASME2
        >>> row = Row(1, 'EP', 1, 5, 9, True, '4', 'fear', (Movement(4, None, 0.2),))
        >>> rng = np.random.default_rng(0)
        >>> mistake_row(rng, row, CASME2, 0.0, 1.0) is row
        True
        >>> mistake_row(rng, row, CASME2, 1.0, 1.0).coding == '4'
        False
    """
    coded = mistake_movements(rng, row.movements, share, layout.counts.aus)
    if coded is row.movements:
        return row
    unsure = '?' in row.coding or ' or ' in row.coding
    kept = unsure and coded[-1] == row.movements[-1]
    cell = layout.write_cell(rng, coded, len(coded) - 1 if kept else None, amplitude)
    return replace(row, coding=cell)
