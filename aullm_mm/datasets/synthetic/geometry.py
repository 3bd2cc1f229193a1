# Copyright (c) AULLM-MM contributors.
"""The frame around a face, and smooth functions on it."""
from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Framing:
    """Which part of a face a picture shows, and how large.

    The defaults are those of a CASME II crop: it reaches from the hair to below
    the chin, with the 468 points of an average face inside.

    Attributes:
        width: Width W of the picture, pixels.
        height: Height H of the picture, pixels.
        inter_ocular: Distance of the eyes' centres, pixels.
        origin: x and y of the point midway between the eyes, pixels.

    Examples:
        >>> Framing().size
        (340, 280)
    """

    width: int = 280
    height: int = 340
    inter_ocular: float = 108.0
    origin: tuple[float, float] = (140.0, 126.0)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width, as arrays have them."""
        return self.height, self.width


CASME2_FRAMING = Framing()


def to_pixels(
    points: np.ndarray, framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Bring face coordinates into crop pixels.

    Args:
        points: ``(..., 2)`` or more columns in inter-ocular distances.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(..., 2)`` x, y in pixels.

    Examples:
        >>> to_pixels(np.array([[0.5, 0.0, 9.9]])).tolist()
        [[194.0, 126.0]]
    """
    return (np.asarray(points)[..., :2] * framing.inter_ocular
            + np.array(framing.origin))


def face_grid(framing: Framing = CASME2_FRAMING) -> np.ndarray:
    """Return the face coordinates of every pixel of the crop.

    Args:
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W, 2)`` float32 x, y in inter-ocular distances.

    Examples:
        >>> face_grid()[126, 194].tolist()
        [0.5, 0.0]
    """
    ys, xs = np.mgrid[0:framing.height, 0:framing.width].astype(np.float32)
    grid = np.stack([xs - framing.origin[0], ys - framing.origin[1]], axis=-1)
    return (grid / framing.inter_ocular).astype(np.float32)


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
    center: np.ndarray, radius: tuple[float, float],
    framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Return a Gaussian bump over the crop; as ``bump``, but much faster.

    Args:
        center: ``(2,)`` centre in face coordinates.
        radius: Standard deviations in x and y, inter-ocular distances.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32, 1 at the centre.

    Examples:
        >>> slow = bump(face_grid(), np.array([0.2, 0.4]), (0.3, 0.2))
        >>> fast = crop_bump(np.array([0.2, 0.4]), (0.3, 0.2))
        >>> bool(np.allclose(slow, fast, atol=1e-5))
        True
    """
    profiles = []
    for axis, length in enumerate((framing.width, framing.height)):
        position = (np.arange(length) - framing.origin[axis]) / framing.inter_ocular
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
    rng: np.random.Generator, cells: tuple[int, int],
    framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Return smooth random values over the crop, of unit deviation.

    Args:
        rng: Source of randomness.
        cells: Random values down and across; fewer are smoother.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32.

    Examples:
        >>> smooth_noise(np.random.default_rng(0), (4, 3)).shape
        (340, 280)
    """
    coarse = rng.standard_normal(cells).astype(np.float32)
    return cv2.resize(
        coarse, framing.size[::-1], interpolation=cv2.INTER_CUBIC)


def polygon_mask(
    points: np.ndarray, softness: float, framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Return a soft mask of a closed polygon.

    Args:
        points: ``(n, 2)`` corners in crop pixels.
        softness: Standard deviation of the edge, pixels.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32 in 0..1.

    Examples:
        >>> square = np.array([[50, 50], [150, 50], [150, 150], [50, 150]])
        >>> float(polygon_mask(square, 2.0)[100, 100])
        1.0
    """
    mask = np.zeros(framing.size, np.float32)
    cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 1.0)
    return cv2.GaussianBlur(mask, (0, 0), softness) if softness else mask
