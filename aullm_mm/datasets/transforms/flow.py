# Copyright (c) AULLM-MM contributors.
"""Onset-to-apex optical flow as evidence."""
from __future__ import annotations

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from aullm_mm.registry import TRANSFORMS

from .motion import dense_flow, fit_similarity, optical_strain, rigid_flow
from .required import required


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
        first = max(1, apex - self.neighbours)
        last = min(len(frames) - 1, apex + self.neighbours)
        flows = [self._flow(frames[0], f) for f in frames[first:last + 1]]
        if not flows:
            flows = [np.zeros((*frames.shape[1:3], 2), np.float32)]
        height, width = self.size
        flow = cv2.resize(
            np.mean(flows, axis=0), (width, height), interpolation=cv2.INTER_AREA)
        strain = optical_strain(flow) * width / 10
        results['flow'] = np.dstack([flow, strain]).astype(np.float32)  # (h, w, 3)
        return results

    @staticmethod
    def _flow(onset: np.ndarray, frame: np.ndarray) -> np.ndarray:
        flow = dense_flow(onset, frame)
        flow = flow - rigid_flow(fit_similarity(flow), *onset.shape[:2])
        return (1000.0 / onset.shape[1] * flow).astype(np.float32)

    def __repr__(self) -> str:
        return f'OnsetApexFlow({self.size}, {self.neighbours})'
