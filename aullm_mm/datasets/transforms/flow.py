# Copyright (c) AULLM-MM contributors.
"""Onset-to-apex optical flow as evidence."""
from __future__ import annotations

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from aullm_mm.registry import TRANSFORMS

from .motion import dense_flow, fit_similarity, optical_strain, rigid_flow
from .required import required


def mean_flow(frames: np.ndarray, apex: int, neighbours: int) -> np.ndarray:
    """Mean flow from the onset to the frames about the apex, without head motion.

    Args:
        frames: Gray frames, the onset first.
        apex: Position of the apex among them.
        neighbours: Frames on either side of the apex to average over.

    Shapes:
        - frames: :math:`(T, H, W)` uint8
        - output: :math:`(H, W, 2)` float32, (u right, v down) in pixels

    Examples:
        >>> mean_flow(np.zeros((1, 8, 8), np.uint8), 0, 1).max().item()
        0.0
    """
    first, last = max(1, apex - neighbours), min(len(frames) - 1, apex + neighbours)
    if last < first:
        return np.zeros((*frames.shape[1:3], 2), np.float32)
    onset = np.ascontiguousarray(frames[0])
    flows = [dense_flow(onset, f) for f in frames[first:last + 1]]
    flows = [f - rigid_flow(fit_similarity(f), *f.shape[:2]) for f in flows]
    return np.mean(flows, axis=0).astype(np.float32)


@TRANSFORMS.register_module()
class OnsetApexFlow(BaseTransform):
    """Add (u, v, strain) from the onset to the apex.

    The rigid part of the motion is subtracted. Flow is measured in per mille of the
    face crop's width, so that its scale does not depend on the resolution. Noise of
    single frames is lowered by averaging the flow to the frames next to the apex.

    Required keys: ``imgs`` (T, H, W) gray, ``apex_index``. Added key: ``flow``
    (h, w, 3) float32.

    Args:
        size: Height and width of the flow image in pixels. Defaults to (64, 64).
        neighbours: Frames on either side of the apex to average over. Defaults to 1.
    """

    def __init__(
        self, size: tuple[int, int] = (64, 64), neighbours: int = 1
    ) -> None:
        self.size, self.neighbours = tuple(size), neighbours

    def transform(self, results: dict) -> dict:
        """Compute the flow."""
        frames, apex = (required(results, key, 'OnsetApexFlow')
                        for key in ('imgs', 'apex_index'))
        flow = 1000 / frames.shape[2] * mean_flow(frames, apex, self.neighbours)
        height, width = self.size
        flow = cv2.resize(flow, (width, height), interpolation=cv2.INTER_AREA)
        strain = optical_strain(flow) * width / 10
        results['flow'] = np.dstack([flow, strain]).astype(np.float32)  # (h, w, 3)
        return results

    def __repr__(self) -> str:
        return f'OnsetApexFlow({self.size}, {self.neighbours})'
