# Copyright (c) AULLM-MM contributors.
"""The official layout of CASME II, and the counts of its coding table."""
from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np

from .layout import Layout, Timing
from .movements import Movement
from .row import Row
from .statistics import TableCounts
from .studio import CASME2_STUDIO

HEADER = ('Subject', 'Filename', None, 'OnsetFrame', 'ApexFrame',
          'OffsetFrame', None, 'Action Units', 'Estimated Emotion')
# The table gives at most 2 for each AU outside the first eleven.
COUNTS = TableCounts(
    aus_per_clip=MappingProxyType({1: 160, 2: 75, 3: 20, 4: 2}),
    aus=MappingProxyType({
        4: 129, 7: 38, 12: 35, 14: 27, 1: 27, 17: 25, 2: 21, 10: 17, 15: 16,
        9: 13, 6: 13, 5: 2, 16: 2, 18: 2, 20: 1, 23: 1, 24: 2, 25: 2, 26: 2,
        38: 2, 11: 1}),
    emotions=MappingProxyType({
        'others': 99, 'disgust': 63, 'happiness': 33, 'repression': 27,
        'surprise': 25, 'sadness': 8, 'fear': 2}),
    # The rarest emotions choose first.
    emotion_aus=MappingProxyType({
        'fear': {1: 2, 2: 2, 4: 2, 5: 8, 20: 9},
        'sadness': {1: 8, 15: 3, 17: 1},
        'surprise': {1: 6, 2: 9, 5: 4, 25: 2, 26: 2},
        'repression': {14: 5, 15: 7, 17: 7, 24: 5, 23: 4},
        'happiness': {12: 9, 6: 7, 14: 1, 25: 1},
        'disgust': {9: 9, 10: 8, 7: 2, 4: 1.5, 16: 2, 38: 2},
        'others': {4: 1, 7: 1, 14: 1, 17: 1, 18: 2}}),
    # 50 rows of the real table have a side.
    sided=56, unsure=5, no_apex=3)


def draw_names(rng: np.random.Generator, subject: int, count: int) -> list[str]:
    """Draw distinct clip names of one subject, like ``EP02_01f``.

    Args:
        rng: Source of randomness.
        subject: Subject number; the names do not tell it.
        count: Number of names, at most 400.

    Returns:
        Sorted names.

    Examples:
        >>> draw_names(np.random.default_rng(0), 1, 1)[0][:2]
        'EP'
    """
    chosen = rng.choice(20 * 20, size=count, replace=False)
    endings = rng.random(count) < 0.5
    return sorted(
        f'EP{number // 20 + 1:02d}_{number % 20 + 1:02d}{"f" if ending else ""}'
        for number, ending in zip(chosen.tolist(), endings.tolist()))


def write_cell(
    rng: np.random.Generator | None, movements: Sequence[Movement],
    unsure: int | None, amplitude: float = 1.0
) -> str:
    """Write the AU cell of a clip; nothing in it is left to chance.

    Args:
        rng: Not used.
        movements: The clip's AUs in the order of the cell.
        unsure: Index of the AU that gets a question mark.
        amplitude: Not used: CASME II codes no intensity.

    Returns:
        Text such as ``'4+L10'`` or ``'4+7?'``.

    Examples:
        >>> write_cell(None, [Movement(4, None, 0.2), Movement(10, 'L', 0.2)], None)
        '4+L10'
    """
    return '+'.join(
        f'{movement.side or ""}{movement.au}{"?" if index == unsure else ""}'
        for index, movement in enumerate(movements))


def table(rows: Sequence[Row]) -> list[tuple]:
    """Return the cells of the spreadsheet.

    Args:
        rows: The coding table.

    Returns:
        The header and one tuple a clip.

    Examples:
        >>> table([Row(1, 'EP02_01f', 46, 59, 86, True, '4', 'disgust', ())])[1]
        (1, 'EP02_01f', None, 46, 59, 86, None, 4, 'disgust')
    """
    cells = [HEADER]
    for row in rows:
        apex = row.apex if row.apex_coded else '/'
        # A single AU is a number in the real table, as Excel makes of it.
        coding = int(row.coding) if row.coding.isdigit() else row.coding
        cells.append((row.subject, row.filename, None, row.onset, apex,
                      row.offset, None, coding, row.emotion))
    return cells


def frame_path(row: Row, number: int) -> str:
    """Return where a frame lies in the corpus.

    Args:
        row: The clip.
        number: Frame number.

    Returns:
        Path relative to the corpus, with slashes.

    Examples:
        >>> row = Row(1, 'EP02_01f', 46, 59, 86, True, '4', 'disgust', ())
        >>> frame_path(row, 46)
        'Cropped/sub01/EP02_01f/reg_img46.jpg'
    """
    return f'Cropped/sub{row.subject:02d}/{row.filename}/reg_img{number}.jpg'


CASME2 = Layout(
    name='casme2', title='CASME II', subjects=26, clips=256, amplitude=1.0,
    counts=COUNTS, timing=Timing(frames=(24, 146), median=61, onsets=(1, 400)),
    studio=CASME2_STUDIO, spreadsheet='CASME2-coding-20140508.xlsx', table=table,
    draw_names=draw_names, write_cell=write_cell, frame_path=frame_path)
