# Copyright (c) AULLM-MM contributors.
"""Augmentation that keeps frames and flow consistent with each other."""
from __future__ import annotations

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from aullm_mm.registry import TRANSFORMS


def warp_flow(flow: np.ndarray, matrix: np.ndarray, flip: bool) -> np.ndarray:
    """Warp a flow image and turn its vectors along.

    Args:
        flow: (u, v, strain).
        matrix: Similarity (2, 3) applied to the picture.
        flip: Whether the picture was mirrored before.

    Shapes:
        - flow and output: :math:`(H, W, 3)`
    """
    if flip:
        flow = flow[:, ::-1] * np.float32([-1, 1, 1])
    height, width = flow.shape[:2]
    flow = cv2.warpAffine(np.ascontiguousarray(flow), matrix, (width, height))
    turned = flow.copy()
    turned[..., :2] = flow[..., :2] @ matrix[:, :2].T.astype(np.float32)
    return turned


@TRANSFORMS.register_module()
class AugmentMotion(BaseTransform):
    """Mirror, shift, turn and scale the face; change the gain of light and movement.

    The same geometry is applied to all frames and to the flow, whose vectors turn
    along. AUs are the same on either side of the face, so a mirrored clip keeps its
    labels.

    Changed keys: ``imgs``, ``flow`` (those that are there).

    Args:
        flip_prob: Probability of mirroring. Defaults to 0.5.
        max_shift: Largest shift as a share of the width. Defaults to 0.05.
        max_turn: Largest turn in degrees. Defaults to 5.
        max_scale: Largest relative change of size. Defaults to 0.08.
        motion_gain: Flow is scaled by a factor in [1 / g, g]. Defaults to 1.5.
        light_gain: Frames are scaled by a factor in [1 / g, g]. Defaults to 1.2.
        flow_noise: Deviation of smooth noise added to the flow, in its units.
            Defaults to 0.
    """

    def __init__(
        self,
        flip_prob: float = 0.5,
        max_shift: float = 0.05,
        max_turn: float = 5.0,
        max_scale: float = 0.08,
        motion_gain: float = 1.5,
        light_gain: float = 1.2,
        flow_noise: float = 0.0,
    ) -> None:
        if not 0 <= flip_prob <= 1 or min(motion_gain, light_gain) < 1:
            raise ValueError(
                f'flip_prob must be in [0, 1] and gains at least 1, got {flip_prob}, '
                f'{motion_gain} and {light_gain}.')
        self.flip_prob, self.max_shift, self.max_turn = flip_prob, max_shift, max_turn
        self.max_scale, self.flow_noise = max_scale, flow_noise
        self.motion_gain, self.light_gain = motion_gain, light_gain

    def transform(self, results: dict) -> dict:
        """Augment what is there."""
        flip = bool(np.random.rand() < self.flip_prob)
        shift = np.random.uniform(-self.max_shift, self.max_shift, 2)
        turn = np.random.uniform(-self.max_turn, self.max_turn)
        scale = 1 + np.random.uniform(-self.max_scale, self.max_scale)

        def matrix(height: int, width: int) -> np.ndarray:
            similarity = cv2.getRotationMatrix2D((width / 2, height / 2), turn, scale)
            similarity[:, 2] += shift * (width, height)
            return similarity

        if 'imgs' in results:
            gain = _log_uniform(self.light_gain)
            results['imgs'] = self._frames(results['imgs'], matrix, flip, gain)
        if 'flow' in results:
            flow = np.asarray(results['flow'], np.float32)
            flow = warp_flow(flow, matrix(*flow.shape[:2]), flip)
            flow = flow * np.float32(_log_uniform(self.motion_gain))
            results['flow'] = flow + self._noise(flow.shape)
        return results

    def _noise(self, shape: tuple[int, ...]) -> np.ndarray:
        if self.flow_noise == 0:
            return np.zeros(shape, np.float32)
        coarse = np.random.randn(8, 8, shape[2]) * self.flow_noise
        return cv2.resize(coarse.astype(np.float32), (shape[1], shape[0]))

    @staticmethod
    def _frames(frames: np.ndarray, matrix, flip: bool, gain: float) -> np.ndarray:
        similarity = matrix(*frames.shape[1:3])
        warped = []
        for frame in frames:
            frame = frame[:, ::-1] if flip else frame
            warped.append(cv2.warpAffine(
                np.ascontiguousarray(frame), similarity, frame.shape[1::-1],
                borderMode=cv2.BORDER_REPLICATE))
        return np.clip(np.stack(warped) * gain, 0, 255).astype(np.float32)

    def __repr__(self) -> str:
        return (f'AugmentMotion(flip_prob={self.flip_prob}, '
                f'max_shift={self.max_shift}, max_turn={self.max_turn}, '
                f'max_scale={self.max_scale}, motion_gain={self.motion_gain}, '
                f'light_gain={self.light_gain}, flow_noise={self.flow_noise})')


def _log_uniform(largest: float) -> float:
    return float(largest ** np.random.uniform(-1, 1))
