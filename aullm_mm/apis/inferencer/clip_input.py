# Copyright (c) AULLM-MM contributors.
"""Frames in memory, through the pipeline that a recognizer was trained with."""
from __future__ import annotations

from typing import Any, Mapping, Sequence

import cv2
import numpy as np
from mmcv.transforms import Compose

from aullm_mm.datasets.frames import choose_frames
from aullm_mm.registry import TRANSFORMS

LOADER = 'LoadMicroExpressionFrames'


class ClipInput:
    """Turn the frames of a movement into the input of a recognizer.

    It is the test pipeline of the recognizer's config, with frames from memory in
    place of those from disk, and without the cache.

    Args:
        pipeline: Configs of the transforms, the first one of them
            ``LoadMicroExpressionFrames``, alone or within a ``CacheClip``.

    Raises:
        ValueError: If the pipeline does not begin so.

    Examples:
        >>> make = ClipInput([
        ...     dict(type='LoadMicroExpressionFrames', color='gray', max_frames=3),
        ...     dict(type='FormatMotion', layout='NCTHW'), dict(type='PackAUInputs')])
        >>> make.numbers(4, apex=2).tolist()
        [0, 2, 3]
        >>> packed = make(np.zeros((3, 8, 8, 3), np.uint8), apex=1, clip_id='a')
        >>> tuple(packed['inputs'].shape)
        (1, 1, 3, 8, 8)
    """

    def __init__(self, pipeline: Sequence[Mapping[str, Any]]) -> None:
        flat = []
        for step in pipeline:
            flat += step['transforms'] if step['type'] == 'CacheClip' else [step]
        if not flat or flat[0]['type'] != LOADER:
            kind = flat[0]['type'] if flat else 'nothing'
            raise ValueError(
                f'The test pipeline of this model begins with {kind}, not with '
                f'{LOADER}: only pipelines that do can be given frames from memory.')
        self.color = flat[0].get('color', 'gray')
        self.max_frames = flat[0].get('max_frames')
        self.steps = Compose([TRANSFORMS.build(dict(step)) for step in flat[1:]])

    def numbers(self, count: int, apex: int) -> np.ndarray:
        """Which of the frames from onset to offset are needed.

        Args:
            count: How many there are.
            apex: Position of the apex among them.
        """
        return choose_frames(0, apex, count - 1, self.max_frames)

    def __call__(
        self, frames: np.ndarray, apex: int, clip_id: str, fps: float = 0.0
    ) -> dict[str, Any]:
        """Pack a clip.

        Args:
            frames: The frames that :meth:`numbers` asks for, BGR.
            apex: Position of the apex among them.
            clip_id: Name of the clip, for messages.
            fps: Frame rate. Defaults to 0, not known.

        Shapes:
            - frames: :math:`(T, H, W, 3)` uint8

        Returns:
            ``inputs`` and ``data_samples``, as a test pipeline gives them.
        """
        if self.color == 'gray':
            images = np.stack([cv2.cvtColor(f, cv2.COLOR_BGR2GRAY) for f in frames])
        else:
            images = np.ascontiguousarray(frames[..., ::-1])
        return self.steps(dict(
            imgs=images, apex_index=int(apex), img_shape=images.shape[1:3],
            clip_id=clip_id, clip=clip_id, onset=0, apex=int(apex),
            offset=len(images) - 1, fps=fps))
