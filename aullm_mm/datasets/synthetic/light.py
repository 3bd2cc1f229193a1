# Copyright (c) AULLM-MM contributors.
"""Depth of a face, and the light that falls on it."""
from __future__ import annotations

import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

from .geometry import CROP_HEIGHT, CROP_WIDTH, INTER_OCULAR, to_pixels


def depth_map(shape: np.ndarray) -> np.ndarray:
    """Return the depth of a face at every pixel, smoothly continued outside.

    Args:
        shape: ``(468, 3)`` mesh, z smaller towards the camera.

    Shapes:
        returns: ``(340, 280)`` float32, inter-ocular distances.

    Examples:
        >>> from .portraits import load_portraits
        >>> depth = depth_map(load_portraits()[0].shape)
        >>> bool(depth[190, 140] < depth[190, 30])
        True
    """
    step = 10
    ys, xs = np.mgrid[0:CROP_HEIGHT:step, 0:CROP_WIDTH:step]
    where = np.stack([xs.ravel(), ys.ravel()], axis=1) / INTER_OCULAR
    depth = RBFInterpolator(
        to_pixels(shape) / INTER_OCULAR, np.clip(shape[:, 2], -0.7, 0.9),
        kernel='linear', smoothing=0.05, neighbors=40)(where)
    depth = depth.reshape(xs.shape).astype(np.float32)
    depth = cv2.resize(depth, (CROP_WIDTH, CROP_HEIGHT),
                       interpolation=cv2.INTER_CUBIC)
    # Its slope is looked at too: leave no trace of the coarse grid.
    return cv2.GaussianBlur(depth, (0, 0), 9.0)


def relight(
    depth: np.ndarray, direction: np.ndarray, contrast: float
) -> np.ndarray:
    """Return the change of brightness that another lamp gives to a face.

    Lambert shading of the mesh's own surface, relative to its mean.

    Args:
        depth: ``(340, 280)`` of ``depth_map``.
        direction: ``(2,)`` where the light comes from: x to the right, y down.
        contrast: 0 leaves the light as it is.

    Shapes:
        returns: ``(340, 280)`` float32 factor around 1.

    Examples:
        >>> from .portraits import load_portraits
        >>> depth = depth_map(load_portraits()[0].shape)
        >>> light = relight(depth, np.array([-1.0, 0.0]), 0.5)
        >>> bool(light[190, 60] > light[190, 220])
        True
    """
    slope_y, slope_x = np.gradient(depth, 1.0 / INTER_OCULAR)
    length = np.sqrt(1.0 + slope_x ** 2 + slope_y ** 2)
    # The outward normal is (dz/dx, dz/dy, -1) / length, as z grows inwards.
    shade = (slope_x * direction[0] + slope_y * direction[1]) / length
    factor = 1.0 + contrast * (shade - shade.mean())
    return np.clip(factor, 0.45, 1.7).astype(np.float32)
