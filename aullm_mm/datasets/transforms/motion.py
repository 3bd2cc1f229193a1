# Copyright (c) AULLM-MM contributors.
"""Optical flow and rigid motion of a face: pure functions."""
from __future__ import annotations

import cv2
import numpy as np


def dense_flow(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Dense optical flow by OpenCV's DIS, after evening out the light.

    Args:
        first: Gray frame.
        second: Gray frame of the same size.

    Shapes:
        - frames: :math:`(H, W)` uint8
        - output: :math:`(H, W, 2)` float32, (u right, v down) in pixels: where the
          content of ``first`` went in ``second``
    """
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    second = np.clip(
        second.astype(np.float32) - float(second.mean()) + float(first.mean()), 0, 255)
    return flow.calc(first, np.ascontiguousarray(second.astype(np.uint8)), None)


def fit_similarity(flow: np.ndarray, rounds: int = 5, step: int = 4) -> np.ndarray:
    r"""Rigid part of a flow field: translation, rotation and scale, fitted robustly.

    .. math:: \mathrm{flow}(x, y) \approx (t_x + a x - b y, \; t_y + b x + a y)

    Least squares with Cauchy weights, so that moving features do not pull the fit.

    Args:
        flow: Flow field in pixels.
        rounds: Rounds of re-weighting. Defaults to 5.
        step: Use every so many pixels. Defaults to 4.

    Shapes:
        - flow: :math:`(H, W, 2)`
        - output: :math:`(2, 3)`, the matrix that takes (x, y, 1) to its new place

    Examples:
        >>> shift = np.broadcast_to(np.float32([2, -1]), (32, 32, 2))
        >>> (fit_similarity(shift).round(3) + 0).tolist()
        [[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]]
    """
    height, width = flow.shape[:2]
    y, x = np.mgrid[0:height:step, 0:width:step].astype(np.float64)
    x, y = x.ravel(), y.ravel()
    target = flow[::step, ::step].reshape(-1, 2).astype(np.float64)
    one, zero = np.ones_like(x), np.zeros_like(x)
    design = np.concatenate([  # (2 P, 4), unknowns (tx, ty, a, b)
        np.stack([one, zero, x, -y], 1), np.stack([zero, one, y, x], 1)])
    values = target.T.ravel()
    weights = np.ones_like(values)
    for _ in range(rounds):
        weighted = design * weights[:, None]
        solution = np.linalg.solve(design.T @ weighted, weighted.T @ values)
        residual = (values - design @ solution).reshape(2, -1)
        size = np.hypot(*residual)
        scale = 1.5 * np.median(size) + 1e-6
        weights = np.tile(1 / (1 + (size / scale) ** 2), 2)
    tx, ty, a, b = solution
    return np.array([[1 + a, -b, tx], [b, 1 + a, ty]])


def rigid_flow(matrix: np.ndarray, height: int, width: int) -> np.ndarray:
    """Flow field (H, W, 2) of a similarity."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    (a, b, tx), (c, d, ty) = np.asarray(matrix, np.float32)
    return np.stack([a * x + b * y + tx - x, c * x + d * y + ty - y], axis=-1)


def optical_strain(flow: np.ndarray) -> np.ndarray:
    r"""Magnitude of the symmetric gradient of a flow field.

    .. math:: \epsilon = \sqrt{u_x^2 + v_y^2 + \tfrac{1}{2} (u_y + v_x)^2}

    Shapes:
        - flow: :math:`(H, W, 2)`
        - output: :math:`(H, W)`

    Examples:
        >>> float(optical_strain(np.ones((8, 8, 2), np.float32)).max())
        0.0
    """
    u_y, u_x = np.gradient(flow[..., 0])
    v_y, v_x = np.gradient(flow[..., 1])
    return np.sqrt(u_x ** 2 + v_y ** 2 + 0.5 * (u_y + v_x) ** 2)
