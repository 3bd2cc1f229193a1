# Copyright (c) AULLM-MM contributors.
"""A small release in the layout of CASME II whose frames move, for tests."""
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from casme2_release import write_spreadsheet

AUS = ('4', '12', '4+12', '1+2', 'L14', '4+7', '12+15', '17')


def texture(seed: int = 0, size: int = 48) -> np.ndarray:
    """A smooth random picture, (size, size) uint8."""
    noise = np.random.default_rng(seed).random((size, size), np.float32)
    smooth = cv2.GaussianBlur(noise, None, 1.5)
    return cv2.normalize(smooth, None, 20, 235, cv2.NORM_MINMAX).astype(np.uint8)


def moved(picture: np.ndarray, field: np.ndarray) -> np.ndarray:
    """The picture after the content at each pixel moved by a field (H, W, 2)."""
    y, x = np.mgrid[:picture.shape[0], :picture.shape[1]].astype(np.float32)
    source = np.stack([x, y], axis=-1)
    for _ in range(10):  # where did what is here come from? p + field(p) = here
        there = cv2.remap(field, source, None, cv2.INTER_LINEAR,
                          borderMode=cv2.BORDER_REPLICATE)
        source = np.stack([x, y], axis=-1) - there
    return cv2.remap(picture, source, None, cv2.INTER_CUBIC,
                     borderMode=cv2.BORDER_REFLECT)


def bump(size: int, centre: tuple, width: float, shift: tuple) -> np.ndarray:
    """A local movement: ``shift`` (u, v) at ``centre`` (x, y), fading around it."""
    y, x = np.mgrid[:size, :size].astype(np.float32)
    near = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * width ** 2))
    return (near[..., None] * np.float32(shift)).astype(np.float32)


def write_moving_release(root: Path, subjects: int = 8, clips: int = 3,
                         frames: int = 8, first_texture: int = 0) -> Path:
    """Write clips of 8 frames, numbered from 10, in which something moves."""
    rows = []
    for subject in range(1, subjects + 1):
        for clip in range(clips):
            name = f'EP{clip + 1:02d}_{subject:02d}'
            folder = root / 'Cropped' / f'sub{subject:02d}' / name
            folder.mkdir(parents=True)
            face = texture(first_texture + subject)
            for k in range(frames):
                field = bump(48, (16 + 6 * clip, 20), 6, (0, 0.3 * min(k, frames - k)))
                cv2.imwrite(str(folder / f'reg_img{10 + k}.jpg'), moved(face, field))
            aus = AUS[(subject * clips + clip) % len(AUS)]
            interval = 10, 10 + frames // 2, 9 + frames
            rows.append((subject, name, *interval, aus, 'others'))
    write_spreadsheet(root / 'CASME2-coding-20140508.xlsx', rows)
    return root
