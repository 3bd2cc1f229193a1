# Copyright (c) AULLM-MM contributors.
"""Opening every frame of a table, to find the broken ones before training does."""
from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from aullm_mm.datasets.annotations import AnnotationTable, ClipRecord
from aullm_mm.datasets.frames import read_frame
from aullm_mm.utils.parallel import available_cores, run_in_threads


class FrameCheck(NamedTuple):
    """What came of opening the frames of a table.

    Args:
        frames: How many were opened.
        broken: Clip and message of each that cannot be used, sorted.
    """

    frames: int
    broken: tuple[tuple[str, str], ...]


def check_frames(table: AnnotationTable, root: str | os.PathLike,
                 jobs: int | None = None) -> FrameCheck:
    """Open every frame of every clip, in threads and with a progress bar.

    Args:
        table: The table.
        root: Folder of the release.
        jobs: Number of threads. Defaults to the cores at hand.

    Returns:
        How many frames were opened, and which are broken. Frames that are missing are
        listed in the report of the table.
    """
    work = run_in_threads(lambda record: _check_clip(record, Path(root)), table.records,
                          jobs or available_cores())
    checks = list(tqdm(work, total=len(table.records), desc='checking frames',
                       unit='clip'))
    broken = sorted(row for check in checks for row in check.broken)
    return FrameCheck(sum(check.frames for check in checks), tuple(broken))


def _check_clip(record: ClipRecord, root: Path) -> FrameCheck:
    numbers = [number for number in range(record.onset, record.offset + 1)
               if (root / record.frame_path(number)).is_file()]
    broken = []
    for number in numbers:
        try:
            read_frame(root / record.frame_path(number))
        except (ValueError, OSError) as error:
            broken.append((f'{record.subject}/{record.clip}', str(error)))
    return FrameCheck(len(numbers), tuple(broken))
