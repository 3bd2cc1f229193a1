# Copyright (c) AULLM-MM contributors.
"""The face regions whose motion is measured: where AUs pull on the skin.

A region is a few mesh points that one muscle moves together (FACS anatomy in our
reading), finer than the regions of ``aullm_mm.facs``, and each side apart. Left and
right are the person's own.
"""
from __future__ import annotations

from types import MappingProxyType
from typing import Mapping

import numpy as np

from aullm_mm.faces.canonical import CANONICAL_BOUNDS, canonical_face
from aullm_mm.faces.mesh import NUM_POINTS

# Mesh points on the picture's left, which is the person's right; mirrored by name.
_SIDED = {
    'inner brow': (107, 66, 55, 65), 'outer brow': (105, 70, 63),
    'upper lid': (159, 158, 160), 'lower lid': (145, 144, 153), 'nose': (129, 198),
    'cheek': (50, 117, 205), 'mouth corner': (61, 186, 57), 'upper lip': (37, 40),
    'lower lip': (84, 91)}
_MIDDLE = {'glabella': (9, 8), 'chin': (199, 200)}


def _mirrored(point: int) -> int:
    face = canonical_face()
    return int(np.abs(face - face[point] * [-1, 1]).sum(axis=1).argmin())


def _region_points() -> dict[str, tuple[int, ...]]:
    points = {}
    for name, right in _SIDED.items():
        points[f'right {name}'] = right
        points[f'left {name}'] = tuple(map(_mirrored, right))
    for name, middle in _MIDDLE.items():
        both = (*middle, *map(_mirrored, middle))
        points[name] = tuple(dict.fromkeys(both))
    return points


#: Region -> its mesh points; the order is that of every ``(T, R, ...)`` array.
REGION_POINTS: Mapping[str, tuple[int, ...]] = MappingProxyType(_region_points())
#: Names of the R regions.
REGION_NAMES: tuple[str, ...] = tuple(REGION_POINTS)
#: Positions of the regions that a blink moves: the lids.
LID_REGIONS: tuple[int, ...] = tuple(
    number for number, name in enumerate(REGION_NAMES) if name.endswith(' lid'))
# Lids are thin, and what moves them must not count elsewhere.
LID_RADIUS, LID_REACH = 0.07, 0.13


def pixel_places(
    size: tuple[int, int], bounds: tuple[float, float, float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return where the pixels of an aligned picture lie, as a ``FaceAligner`` cuts it.

    Args:
        size: Height and width of the aligned picture, pixels.
        bounds: x0, x1, y0, y1 of its edges, in inter-ocular distances.

    Returns:
        ``(w,)`` x of the columns' middles and ``(h,)`` y of the rows' middles.

    Examples:
        >>> [places.tolist() for places in pixel_places((1, 2), (0.0, 4.0, 0.0, 1.0))]
        [[1.0, 3.0], [0.5]]
    """
    (height, width), (x0, x1, y0, y1) = size, bounds
    return (x0 + (np.arange(width) + 0.5) / width * (x1 - x0),
            y0 + (np.arange(height) + 0.5) / height * (y1 - y0))


def region_windows(
    points: np.ndarray,
    size: tuple[int, int],
    radius: float = 0.12,
    bounds: tuple[float, float, float, float] = CANONICAL_BOUNDS,
) -> np.ndarray:
    """Return the weights with which a region takes the mean over an aligned picture.

    A Gaussian around the nearest of the region's points, that sums to 1.

    Args:
        points: ``(468, 2)`` mesh in face coordinates.
        size: Height and width of the aligned picture, pixels.
        radius: Standard deviation in inter-ocular distances. Defaults to 0.12.
        bounds: x0, x1, y0, y1 that the picture shows, in inter-ocular distances.

    Shapes:
        returns: ``(R, h * w)`` float32.

    Raises:
        ValueError: If the mesh has another shape.

    Examples:
        >>> windows = region_windows(canonical_face(), (52, 48))
        >>> windows.shape == (len(REGION_NAMES), 52 * 48)
        True
        >>> bool(np.allclose(windows.sum(axis=1), 1.0))
        True
    """
    if np.shape(points) != (NUM_POINTS, 2):
        raise ValueError(
            f'a mesh has shape ({NUM_POINTS}, 2), got {np.shape(points)}')
    xs, ys = pixel_places(size, bounds)
    lids = [point for region in LID_REGIONS
            for point in REGION_POINTS[REGION_NAMES[region]]]
    elsewhere = 1.0 - _bumps(points[lids], xs, ys, LID_REACH)
    windows = []
    for region, numbers in enumerate(REGION_POINTS.values()):
        is_lid = region in LID_REGIONS
        window = _bumps(points[list(numbers)], xs, ys, LID_RADIUS if is_lid else radius)
        window = window if is_lid else window * elsewhere
        # A face that leaves the picture keeps a window, however faint.
        windows.append(window / max(window.sum(), 1e-12))
    return np.reshape(windows, (len(windows), -1)).astype(np.float32)


def _bumps(points: np.ndarray, xs: np.ndarray, ys: np.ndarray, radius: float
           ) -> np.ndarray:
    """(h, w), the highest of Gaussian bumps of height 1 on the points."""
    x, y = points.T[:, :, None]  # (P, 1) each
    across = np.exp(-(xs - x) ** 2 / (2 * radius ** 2))  # (P, w)
    down = np.exp(-(ys - y) ** 2 / (2 * radius ** 2))  # (P, h)
    return (down[:, :, None] * across[:, None]).max(axis=0)
