# Copyright (c) AULLM-MM contributors.
"""What distinguishes the layout of one official corpus from another's."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .movements import Movement
from .row import Row
from .statistics import TableCounts
from .studio import Studio


@dataclass(frozen=True)
class Timing:
    """How long clips are, and where in a recording they begin.

    Attributes:
        frames: Fewest and most frames of a clip.
        median: Median number of frames.
        onsets: Range of the onset frame, the upper end excluded.

    Examples:
        >>> Timing(frames=(24, 146), median=61, onsets=(1, 400)).median
        61
    """

    frames: tuple[int, int]
    median: int
    onsets: tuple[int, int]


@dataclass(frozen=True)
class Layout:
    """An official corpus layout, and what a semi-synthetic corpus in it is like.

    Attributes:
        name: Name on the command line, also that of the default folder.
        title: Name of the real corpus.
        subjects: Number of people unless another is asked for.
        clips: Number of clips unless another is asked for.
        amplitude: Factor on the movements unless another is asked for.
        counts: Counts of the coding table.
        timing: Lengths and onsets of clips.
        studio: How the pictures are taken, and the seeds of the people.
        spreadsheet: File name of the coding table.
        table: Cells of the coding table, its head included, for the rows.
        draw_names: Clip names from randomness, subject number and count.
        write_cell: The AU cell from randomness, movements, index of the AU the
            coder is unsure of (or None) and amplitude.
        frame_path: Path of a frame in the corpus from row and frame number.

    Examples:
        >>> from .casme2_layout import CASME2
        >>> CASME2.name, CASME2.subjects, CASME2.studio.gray
        ('casme2', 26, False)
    """

    name: str
    title: str
    subjects: int
    clips: int
    amplitude: float
    counts: TableCounts
    timing: Timing
    studio: Studio
    spreadsheet: str
    table: Callable[[Sequence[Row]], list[tuple]]
    draw_names: Callable[[np.random.Generator, int, int], list[str]]
    write_cell: Callable[
        [np.random.Generator, Sequence[Movement], int | None, float], str]
    frame_path: Callable[[Row, int], str]
