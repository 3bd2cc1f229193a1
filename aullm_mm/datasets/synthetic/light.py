# Copyright (c) AULLM-MM contributors.
"""Depth of a face, and the light that falls on it."""
from __future__ import annotations

import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

from .geometry import CASME2_FRAMING, Framing, to_pixels


def depth_map(
    shape: np.ndarray, framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Return the depth of a face at every pixel, smoothly continued outside.

    Args:
        shape: ``(468, 3)`` mesh, z smaller towards the camera.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32, inter-ocular distances.

    Examples:
        >>> from .portraits import load_portraits
        >>> depth = depth_map(load_portraits()[0].shape)
        >>> bool(depth[190, 140] < depth[190, 30])
        True
    """
    step = 10
    ys, xs = np.mgrid[0:framing.height:step, 0:framing.width:step]
    where = np.stack([xs.ravel(), ys.ravel()], axis=1) / framing.inter_ocular
    depth = RBFInterpolator(
        to_pixels(shape, framing) / framing.inter_ocular,
        np.clip(shape[:, 2], -0.7, 0.9),
        kernel='linear', smoothing=0.05, neighbors=40)(where)
    depth = depth.reshape(xs.shape).astype(np.float32)
    depth = cv2.resize(depth, framing.size[::-1], interpolation=cv2.INTER_CUBIC)
    # Its slope is looked at too: leave no trace of the coarse grid.
    return cv2.GaussianBlur(depth, (0, 0), 9.0)


def relight(
    depth: np.ndarray, direction: np.ndarray, contrast: float,
    framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Return the change of brightness that another lamp gives to a face.

    Lambert shading of the mesh's own surface, relative to its mean.

    Args:
        depth: ``(H, W)`` of ``depth_map``.
        direction: ``(2,)`` where the light comes from: x to the right, y down.
        contrast: 0 leaves the light as it is.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32 factor around 1.

    Examples:
        >>> from .portraits import load_portraits
        >>> depth = depth_map(load_portraits()[0].shape)
        >>> light = relight(depth, np.array([-1.0, 0.0]), 0.5)
        >>> bool(light[190, 60] > light[190, 220])
        True
    """
    slope_y, slope_x = np.gradient(depth, 1.0 / framing.inter_ocular)
    length = np.sqrt(1.0 + slope_x ** 2 + slope_y ** 2)
    # The outward normal is (dz/dx, dz/dy, -1) / length, as z grows inwards.
    shade = (slope_x * direction[0] + slope_y * direction[1]) / length
    factor = 1.0 + contrast * (shade - shade.mean())
    return np.clip(factor, 0.45, 1.7).astype(np.float32)
