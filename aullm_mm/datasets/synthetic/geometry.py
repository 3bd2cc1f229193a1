# Copyright (c) AULLM-MM contributors.
"""The frame of a CASME II crop, and smooth functions on it."""
from __future__ import annotations

import cv2
import numpy as np

CROP_WIDTH, CROP_HEIGHT = 280, 340
# A CASME II crop reaches from the hair to below the chin; this distance and
# origin put the 468 points of an average face inside it.
INTER_OCULAR = 108.0
ORIGIN = (140.0, 126.0)


def to_pixels(points: np.ndarray) -> np.ndarray:
    """Bring face coordinates into crop pixels.

    Args:
        points: ``(..., 2)`` or more columns in inter-ocular distances.

    Shapes:
        returns: ``(..., 2)`` x, y in pixels.

    Examples:
        >>> to_pixels(np.array([[0.5, 0.0, 9.9]])).tolist()
        [[194.0, 126.0]]
    """
    return np.asarray(points)[..., :2] * INTER_OCULAR + np.array(ORIGIN)


def face_grid() -> np.ndarray:
    """Return the face coordinates of every pixel of the crop.

    Shapes:
        returns: ``(340, 280, 2)`` float32 x, y in inter-ocular distances.

    Examples:
        >>> face_grid()[126, 194].tolist()
        [0.5, 0.0]
    """
    ys, xs = np.mgrid[0:CROP_HEIGHT, 0:CROP_WIDTH].astype(np.float32)
    grid = np.stack([xs - ORIGIN[0], ys - ORIGIN[1]], axis=-1)
    return (grid / INTER_OCULAR).astype(np.float32)


def bump(
    grid: np.ndarray, center: np.ndarray, radius: tuple[float, float]
) -> np.ndarray:
    """Return a Gaussian bump, exp(-d^2 / 2), on a set of points.

    Args:
        grid: ``(..., 2)`` points.
        center: ``(2,)`` centre of the bump.
        radius: Standard deviations in x and y, same unit as ``grid``.

    Shapes:
        returns: ``(...)``, 1 at the centre.

    Examples:
        >>> float(bump(np.zeros((1, 2)), np.zeros(2), (1.0, 1.0))[0])
        1.0
    """
    offset = (grid - np.asarray(center)) / np.asarray(radius)
    return np.exp(-0.5 * (offset ** 2).sum(-1))


def crop_bump(
    center: np.ndarray, radius: tuple[float, float]
) -> np.ndarray:
    """Return a Gaussian bump over the crop; as ``bump``, but much faster.

    Args:
        center: ``(2,)`` centre in face coordinates.
        radius: Standard deviations in x and y, inter-ocular distances.

    Shapes:
        returns: ``(340, 280)`` float32, 1 at the centre.

    Examples:
        >>> slow = bump(face_grid(), np.array([0.2, 0.4]), (0.3, 0.2))
        >>> fast = crop_bump(np.array([0.2, 0.4]), (0.3, 0.2))
        >>> bool(np.allclose(slow, fast, atol=1e-5))
        True
    """
    profiles = []
    for axis, length in enumerate((CROP_WIDTH, CROP_HEIGHT)):
        position = (np.arange(length) - ORIGIN[axis]) / INTER_OCULAR
        offset = (position - center[axis]) / radius[axis]
        profiles.append(np.exp(-0.5 * offset ** 2).astype(np.float32))
    return np.outer(profiles[1], profiles[0])


def ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return a smooth step from 0 at ``low`` to 1 at ``high``.

    Args:
        values: Any array.
        low: Where the step begins.
        high: Where it ends; smaller than ``low`` for a falling step.

    Shapes:
        returns: As ``values``.

    Examples:
        >>> ramp(np.array([0.0, 0.5, 1.0]), 0.0, 1.0).tolist()
        [0.0, 0.5, 1.0]
    """
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def smooth_noise(
    rng: np.random.Generator, cells: tuple[int, int]
) -> np.ndarray:
    """Return smooth random values over the crop, of unit deviation.

    Args:
        rng: Source of randomness.
        cells: Random values down and across; fewer are smoother.

    Shapes:
        returns: ``(340, 280)`` float32.

    Examples:
        >>> smooth_noise(np.random.default_rng(0), (4, 3)).shape
        (340, 280)
    """
    coarse = rng.standard_normal(cells).astype(np.float32)
    return cv2.resize(
        coarse, (CROP_WIDTH, CROP_HEIGHT), interpolation=cv2.INTER_CUBIC)


def polygon_mask(points: np.ndarray, softness: float) -> np.ndarray:
    """Return a soft mask of a closed polygon.

    Args:
        points: ``(n, 2)`` corners in crop pixels.
        softness: Standard deviation of the edge, pixels.

    Shapes:
        returns: ``(340, 280)`` float32 in 0..1.

    Examples:
        >>> square = np.array([[50, 50], [150, 50], [150, 150], [50, 150]])
        >>> float(polygon_mask(square, 2.0)[100, 100])
        1.0
    """
    mask = np.zeros((CROP_HEIGHT, CROP_WIDTH), np.float32)
    cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 1.0)
    return cv2.GaussianBlur(mask, (0, 0), softness) if softness else mask
