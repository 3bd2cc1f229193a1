# Copyright (c) AULLM-MM contributors.
"""Loading the frames of a micro-expression, and resizing them."""
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from aullm_mm.registry import TRANSFORMS

from ..frames import COLORS, choose_frames, nearest_frame, read_frame


@TRANSFORMS.register_module()
class LoadMicroExpressionFrames(BaseTransform):
    """Load the frames from onset to offset.

    Required keys: ``frame_dir``, ``frame_template``, ``onset``, ``apex``, ``offset``,
    ``clip_id``. Added keys: ``imgs`` (T, H, W) or (T, H, W, 3) uint8; ``apex_index``,
    the place of the apex in it; ``img_shape``.

    Args:
        color: ``'gray'`` or ``'rgb'``. Defaults to ``'gray'``.
        max_frames: Load at most so many, evenly spaced, with onset, apex and offset
            among them; None for all. Defaults to None.

    Raises:
        FileNotFoundError: If a frame is missing, and those beside it.
        ValueError: If a frame is empty, truncated, unreadable or of another size.
    """

    def __init__(self, color: str = 'gray', max_frames: int | None = None) -> None:
        if color not in COLORS:
            raise ValueError(f'color must be one of {sorted(COLORS)}, got {color!r}.')
        if max_frames is not None and max_frames < 3:
            raise ValueError(f'max_frames must be at least 3, got {max_frames}.')
        self.color, self.max_frames = color, max_frames

    def transform(self, results: dict) -> dict:
        """Add the frames."""
        numbers = choose_frames(
            results['onset'], results['apex'], results['offset'], self.max_frames)
        folder = Path(results['frame_dir'])
        first, last = numbers[0], numbers[-1]
        paths = [
            nearest_frame(folder, results['frame_template'], n, first, last)
            for n in numbers
        ]
        frames = [read_frame(path, self.color) for path in paths]
        shapes = sorted({frame.shape for frame in frames})
        if len(shapes) > 1:
            raise ValueError(
                f'Clip {results["clip_id"]}: frames of different sizes {shapes} in '
                f'{folder}.')
        results['imgs'] = np.stack(frames)
        results['apex_index'] = int(np.abs(numbers - results['apex']).argmin())
        results['img_shape'] = frames[0].shape[:2]
        return results

    def __repr__(self) -> str:
        return f'LoadMicroExpressionFrames({self.color!r}, {self.max_frames})'


@TRANSFORMS.register_module()
class ResizeFrames(BaseTransform):
    """Resize all frames (by area, which averages sensor noise).

    Changed keys: ``imgs``, ``img_shape``.

    Args:
        size: Height and width in pixels.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        if min(size) < 8:
            raise ValueError(f'size must be at least 8 x 8 pixels, got {tuple(size)}.')
        self.size = tuple(size)

    def transform(self, results: dict) -> dict:
        """Resize the frames."""
        height, width = self.size
        results['imgs'] = np.stack([
            cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
            for frame in results['imgs']
        ])
        results['img_shape'] = self.size
        return results

    def __repr__(self) -> str:
        return f'ResizeFrames({self.size})'
