# Copyright (c) AULLM-MM contributors.
"""The official layout of SAMM, and the counts of its coding table.

What differs from the CASME II layout beside names: other people, fewer and smaller
movements, a gray and softer camera with a larger picture, steady lamps from above and
one side, a darker and more even wall.
"""
from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np

from aullm_mm.facs.coding import first_alternatives, parse_coded_aus

from .geometry import Framing
from .layout import Layout, Timing
from .movements import Movement
from .row import Row
from .statistics import TableCounts
from .studio import Studio

PREAMBLE_ROWS = 13
HEADER = ('Subject', 'Filename', 'Inducement Code', 'Onset Frame', 'Apex Frame',
          'Offset Frame', 'Duration', 'Micro', 'Action Units', 'Estimated Emotion',
          'Objective Classes', 'Notes')
# Numbers begin where those of the release do; from there on they are ours.
FIRST_SUBJECT, INDUCEMENTS = 6, 7
# The twelve AUs of public cross-corpus work have its counts, 168, and the mean number
# of AUs a clip, 1.42, is its too. How the remaining 58 are shared out, how often which
# number of AUs occurs, sides and the AUs of emotions are our choice.
COUNTS = TableCounts(
    aus_per_clip=MappingProxyType({1: 107, 2: 40, 3: 9, 4: 3}),
    aus=MappingProxyType({
        7: 46, 12: 28, 4: 23, 2: 18, 14: 13, 5: 10, 1: 6, 10: 6, 17: 6, 9: 5,
        15: 4, 6: 3, 24: 10, 25: 10, 23: 9, 20: 8, 18: 7, 26: 6, 16: 4, 38: 4}),
    emotions=MappingProxyType({
        'anger': 57, 'happiness': 26, 'others': 26, 'surprise': 15,
        'contempt': 12, 'disgust': 9, 'fear': 8, 'sadness': 6}),
    emotion_aus=MappingProxyType({
        'sadness': {1: 7, 15: 8, 17: 3},
        'fear': {20: 8, 5: 3, 1: 2, 2: 1, 26: 1},
        'disgust': {9: 9, 10: 8, 16: 2, 17: 1},
        'contempt': {14: 9, 12: 1},
        'surprise': {2: 8, 1: 4, 5: 4, 26: 3, 25: 2},
        'happiness': {12: 9, 6: 7, 25: 1},
        'others': {14: 2, 18: 3, 2: 1, 17: 1, 25: 1, 38: 3},
        'anger': {7: 4, 4: 4, 23: 3, 24: 3, 5: 1}}),
    sided=45, unsure=5, no_apex=3)
# What a coder may take a movement for, the likelier one first.
LOOKALIKES = MappingProxyType({
    1: (2, 4), 2: (1, 5), 4: (7, 9), 5: (2, 1), 6: (7, 12), 7: (6, 4), 9: (10, 4),
    10: (9, 12), 11: (10, 12), 12: (14, 15), 14: (12, 15), 15: (17, 14),
    16: (25, 17), 17: (15, 24), 18: (23, 24), 20: (14, 12), 23: (24, 18), 24: (23, 17),
    25: (26, 16), 26: (25, 16), 38: (9, 10)})
# From these strengths on, at amplitude 1, the intensity is B, then C.
INTENSITY_STEPS = (0.2, 0.3)
# Objective classes I to VI by AU set, our reading of their published description;
# all other sets are VII.
OBJECTIVE_CLASSES = (
    ({6}, {12}, {6, 12}, {7, 12}, {6, 7, 12}),
    ({1, 2}, {5}, {25}, {1, 2, 25}, {25, 26}, {5, 24}),
    ({4}, {23}, {4, 7}, {4, 5}, {4, 5, 7}, {17, 24}, {4, 6, 7}, {4, 38}),
    ({9}, {10}, {4, 9}, {4, 7, 9}, {4, 9, 17}, {4, 7, 10}, {7, 10}),
    ({1}, {15}, {1, 4}, {6, 15}, {15, 17}),
    ({1, 2, 4}, {20}))


def draw_names(rng: np.random.Generator, subject: int, count: int) -> list[str]:
    """Draw clip names of one subject: subject, inducement and a running number.

    Args:
        rng: Source of randomness.
        subject: Subject number, from 1.
        count: Number of names.

    Returns:
        Distinct names, by inducement.

    Examples:
        >>> draw_names(np.random.default_rng(0), 1, 3)
        ['006_4_1', '006_5_1', '006_6_1']
    """
    codes = sorted(rng.integers(1, INDUCEMENTS + 1, count).tolist())
    return [f'{subject_name(subject)}_{code}_{index - codes.index(code) + 1}'
            for index, code in enumerate(codes)]


def subject_name(subject: int) -> str:
    """Return how a subject is called in the corpus.

    Args:
        subject: Subject number, from 1.

    Examples:
        >>> subject_name(1)
        '006'
    """
    return f'{FIRST_SUBJECT + subject - 1:03d}'


def write_cell(
    rng: np.random.Generator, movements: Sequence[Movement], unsure: int | None,
    amplitude: float = 1.0
) -> str:
    """Write the AU cell of a clip: some intensities, spaces in some cells.

    Args:
        rng: Source of randomness.
        movements: The clip's AUs in the order of the cell.
        unsure: Index of the AU that is written as one ``or`` another.
        amplitude: Factor that is in the movements' strengths.

    Returns:
        Text such as ``'R14A'``, ``'4+7B'``, ``'R12 + R15'`` or ``'L14 or L12'``.

    Examples:
        >>> rng = np.random.default_rng(1)
        >>> write_cell(rng, [Movement(14, 'L', 0.2), Movement(4, None, 0.2)], 0)
        'L14 or L12 + 4'
    """
    lettered, spaced = rng.random(2) < (0.35, 0.3)
    words = []
    for index, movement in enumerate(movements):
        word = f'{movement.side or ""}{movement.au}'
        if index == unsure:
            word += f' or {movement.side or ""}{_lookalike(movement.au, movements)}'
        elif lettered:
            steps = sum(movement.intensity >= step * amplitude
                        for step in INTENSITY_STEPS)
            word += 'ABC'[steps]
        words.append(word)
    return (' + ' if spaced or unsure is not None else '+').join(words)


def _lookalike(au: int, movements: Sequence[Movement]) -> int:
    shown = {movement.au for movement in movements}
    free = [other for other in LOOKALIKES[au] if other not in shown]
    return (free or LOOKALIKES[au])[0]


def objective_class(aus: Sequence[int]) -> int:
    """Return the objective class of an AU set.

    Args:
        aus: AU numbers.

    Returns:
        1 to 7.

    Examples:
        >>> objective_class([6, 12]), objective_class([4]), objective_class([14])
        (1, 3, 7)
    """
    for number, sets in enumerate(OBJECTIVE_CLASSES, start=1):
        if set(aus) in sets:
            return number
    return len(OBJECTIVE_CLASSES) + 1


def table(rows: Sequence[Row]) -> list[tuple]:
    """Return the cells of the spreadsheet.

    Args:
        rows: The coding table.

    Returns:
        The preamble, the header in row 14 and one tuple a clip.

    Examples:
        >>> rows = [Row(1, '006_1_2', 562, 588, 632, True, 'R14A', 'others', ())]
        >>> table(rows)[14][:8]
        (6, '006_1_2', 1, 562, 588, 632, 71, 'Micro - 1/2')
    """
    preamble = [('Semi-synthetic micro-movements in the layout of SAMM',), (None,),
                ('Duration is in frames, 200 a second; Micro says how long at most, '
                 'in seconds',)]
    preamble += [(None,)] * (PREAMBLE_ROWS - len(preamble))
    return [*preamble, HEADER, *(_cells(row, index) for index, row in enumerate(rows))]


def _cells(row: Row, index: int) -> tuple:
    emotion = row.emotion.capitalize()
    if emotion == 'Others' and index % 3:
        emotion = 'Other'  # the real table has both spellings
    # A single AU is a number in the real table, as Excel makes of it.
    coding = int(row.coding) if row.coding.isdigit() else row.coding
    return (int(subject_name(row.subject)), row.filename,
            int(row.filename.split('_')[1]), row.onset,
            row.apex if row.apex_coded else None, row.offset, row.frames,
            'Micro - 1/2', coding, emotion,
            objective_class(_coded(row.coding)), None)


def _coded(cell: str) -> list[int]:
    return [coded.number for coded in parse_coded_aus(first_alternatives(cell))]


def frame_path(row: Row, number: int) -> str:
    """Return where a frame lies in the corpus.

    Args:
        row: The clip.
        number: Frame number; padded to five digits, to four for each fourth subject.

    Returns:
        Path relative to the corpus, with slashes.

    Examples:
        >>> row = Row(1, '006_1_2', 562, 588, 632, True, 'R14A', 'others', ())
        >>> frame_path(row, 562)
        'SAMM/006/006_1_2/006_00562.jpg'
    """
    name, digits = subject_name(row.subject), 4 if row.subject % 4 == 0 else 5
    return f'SAMM/{name}/{row.filename}/{name}_{number:0{digits}d}.jpg'


SAMM = Layout(
    name='samm', title='SAMM', subjects=29, clips=159, amplitude=0.8,
    counts=COUNTS, timing=Timing(frames=(30, 100), median=68, onsets=(20, 9000)),
    studio=Studio(
        framing=Framing(380, 456, 152.0, (190.0, 168.0)), gray=True,
        blur=(0.8, 1.2), gamma=(1.1, 1.35), light=(0.2, -0.8),
        light_spread=(0.25, 0.2), contrast=(0.35, 0.6), wall=(70.0, 120.0),
        flicker=0.002, slow=0.01, tilt=0.006, noise=(1.6, 2.8), noise_blur=0.0,
        quality=(80, 90), salt=(1106,)),
    spreadsheet='SAMM_Micro_FACS_Codes_v2.xlsx', table=table, draw_names=draw_names,
    write_cell=write_cell, frame_path=frame_path)
