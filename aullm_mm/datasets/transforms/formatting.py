# Copyright (c) AULLM-MM contributors.
"""From arrays to the one tensor that a stock recognizer takes."""
from __future__ import annotations

from typing import Sequence

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from aullm_mm.registry import TRANSFORMS
from aullm_mm.structures import AUDataSample

from .required import required

LAYOUTS = ('NCTHW', 'NCHW', 'channels')
META_KEYS = (
    'clip_id', 'corpus', 'subject', 'clip', 'onset', 'apex', 'offset', 'fps',
    'img_shape')


@TRANSFORMS.register_module()
class FormatMotion(BaseTransform):
    """Lay frames and flow out as the recognizer's input.

    - ``'NCTHW'``: the frames as one clip, (1, C, T, H, W), for 3-D backbones;
    - ``'NCHW'``: the frames as segments, (T, C, H, W), for ``Recognizer2D``;
    - ``'channels'``: one image whose channels are the gray frames, then (u, v,
      strain), (1, C, H, W); for ``FlowNet2D`` and ``MotionFusionNet``.

    Required keys: those of ``keys``. Added key: ``inputs``, float32.

    Args:
        keys: What to lay out: ``'imgs'``, ``'flow'`` or both.
            Defaults to ('imgs',).
        layout: One of the three. Defaults to ``'NCTHW'``.

    Examples:
        >>> form = FormatMotion(keys=('imgs', 'flow'), layout='channels')
        >>> clip = dict(imgs=np.zeros((6, 8, 8)), flow=np.zeros((8, 8, 3)))
        >>> form(clip)['inputs'].shape
        (1, 9, 8, 8)
    """

    def __init__(
        self, keys: Sequence[str] = ('imgs',), layout: str = 'NCTHW'
    ) -> None:
        self.keys, self.layout = tuple(keys), layout
        if layout not in LAYOUTS:
            raise ValueError(f'layout must be one of {LAYOUTS}, got {layout!r}.')
        if not self.keys or set(self.keys) - {'imgs', 'flow'}:
            raise ValueError(f"keys must be of ('imgs', 'flow'), got {self.keys}.")
        if layout != 'channels' and self.keys != ('imgs',):
            raise ValueError(
                f"layout {layout!r} holds frames only; use layout='channels' for "
                f'{self.keys}.')

    def transform(self, results: dict) -> dict:
        """Add ``inputs``."""
        if self.layout == 'channels':
            parts = []
            for key in self.keys:
                value = np.asarray(required(results, key, 'FormatMotion'), np.float32)
                parts.append(value if key == 'imgs' else value.transpose(2, 0, 1))
            results['inputs'] = np.concatenate(parts)[None]  # (1, C, H, W)
            return results
        frames = np.asarray(required(results, 'imgs', 'FormatMotion'), np.float32)
        frames = frames[..., None] if frames.ndim == 3 else frames  # (T, H, W, C)
        if self.layout == 'NCHW':
            results['inputs'] = frames.transpose(0, 3, 1, 2)
        else:
            results['inputs'] = frames.transpose(3, 0, 1, 2)[None]  # (1, C, T, H, W)
        return results

    def __repr__(self) -> str:
        return f'FormatMotion({self.keys}, {self.layout!r})'


@TRANSFORMS.register_module()
class PackAUInputs(BaseTransform):
    """Pack ``inputs`` and an :class:`AUDataSample` with labels and facts of the clip.

    Required key: ``inputs``. Where they are there, ``label`` becomes ``gt_label`` and
    ``emotion_label`` becomes ``gt_emotion``.

    Args:
        meta_keys: Keys kept as metainfo where they are there.
    """

    def __init__(self, meta_keys: Sequence[str] = META_KEYS) -> None:
        self.meta_keys = tuple(meta_keys)

    def transform(self, results: dict) -> dict:
        """Pack one clip."""
        sample = AUDataSample()
        if 'label' in results:
            sample.set_au_labels(results['label'])
        if 'emotion_label' in results:
            sample.set_emotion_label(results['emotion_label'])
        sample.set_metainfo({k: results[k] for k in self.meta_keys if k in results})
        inputs = torch.from_numpy(np.ascontiguousarray(results['inputs']))
        return dict(inputs=inputs, data_samples=sample)

    def __repr__(self) -> str:
        return f'PackAUInputs({self.meta_keys})'
