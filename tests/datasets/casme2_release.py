# Copyright (c) AULLM-MM contributors.
"""A tiny release in the official layout of CASME II, made by code for tests."""
from __future__ import annotations

from pathlib import Path
from typing import Iterable, Sequence

import cv2
import numpy as np
from openpyxl import Workbook

HEADER = ('Subject', 'Filename', None, 'OnsetFrame', 'ApexFrame', 'OffsetFrame', None,
          'Action Units', 'Estimated Emotion')
# subject, clip, onset, apex, offset, AUs, emotion
CLEAN = (
    (1, 'EP02_01f', 46, 49, 52, '6+12', 'happiness'),
    (1, 'EP03_02', 10, 13, 17, '4', 'others'),
    (2, 'EP01_11f', 5, 8, 12, 'R6+R12', 'happiness'),
    (2, 'EP06_02f', 3, 6, 9, '4+L10', 'disgust'),
    (3, 'EP09_02', 20, 24, 29, 'L1+2?', 'surprise'),
    (3, 'EP08_1', 7, 9, 14, '4+7+6', 'disgust'),
)


def write_spreadsheet(path: Path, clips: Iterable[Sequence],
                      header: Sequence = HEADER) -> Path:
    """Write a coding spreadsheet; a clip of None becomes an empty row."""
    book = Workbook()
    book.active.append(list(header))
    for clip in clips:
        row = [None] * 9 if clip is None else [
            clip[0], clip[1], None, *clip[2:5], None, *clip[5:7]]
        book.active.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def write_frames(root: Path, subject: int, clip: str, numbers: Iterable[int],
                 layout: str = 'Cropped') -> Path:
    """Write small JPEG frames of a clip and return their folder."""
    template = 'reg_img{}.jpg' if layout == 'Cropped' else 'img{}.jpg'
    folder = root / layout / f'sub{subject:02d}' / clip
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        image = np.full((8, 6, 3), number % 256, np.uint8)
        cv2.imwrite(str(folder / template.format(number)), image)
    return folder


def write_release(root: Path, clips: Sequence[Sequence] = CLEAN,
                  spreadsheet: str = 'CASME2-coding-20140508.xlsx',
                  layout: str = 'Cropped') -> Path:
    """Write a release whose frames fit the coded intervals; return its folder."""
    for clip in clips:
        write_frames(root, clip[0], clip[1], range(clip[2], clip[4] + 1), layout)
    write_spreadsheet(root / spreadsheet, clips)
    return root
