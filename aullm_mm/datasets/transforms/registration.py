# Copyright (c) AULLM-MM contributors.
"""Removing what is left of head motion after cropping."""
from __future__ import annotations

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from aullm_mm.registry import TRANSFORMS

from .motion import dense_flow, fit_similarity


@TRANSFORMS.register_module()
class RegisterToOnset(BaseTransform):
    """Warp every frame back onto the onset frame by its rigid motion.

    Frame differences cannot tell a drifting head from a moving brow: with a residual
    drift of about one per cent of the inter-ocular distance, LED falls below the
    all-positive baseline. A similarity, fitted robustly to the optical flow from the
    onset, is undone.

    Required and changed key: ``imgs`` (T, H, W) uint8, gray.
    """

    def transform(self, results: dict) -> dict:
        """Register the frames."""
        frames = results['imgs']
        height, width = frames.shape[1:3]
        registered = [frames[0]]
        for frame in frames[1:]:
            matrix = fit_similarity(dense_flow(frames[0], frame))
            registered.append(cv2.warpAffine(
                frame, matrix, (width, height),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE))
        results['imgs'] = np.stack(registered)
        return results

    def __repr__(self) -> str:
        return 'RegisterToOnset()'
