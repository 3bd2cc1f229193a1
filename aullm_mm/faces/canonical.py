# Copyright (c) AULLM-MM contributors.
"""The canonical face: one frame in which every face lies at the same place.

Face coordinates are measured in inter-ocular distances from the point midway
between the eye centres; x goes to the picture's right along the eye axis, y goes
down across it. ``canonical_face.csv`` holds the mesh of the canonical face: the mean
of the semi-synthetic people, that is of two public-domain portraits, made symmetric.
"""
from __future__ import annotations

import csv
from functools import lru_cache
from importlib import resources

import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

from .mesh import NUM_POINTS

#: x0, x1, y0, y1 of the canonical picture, in inter-ocular distances.
CANONICAL_BOUNDS = (-1.2, 1.2, -0.95, 1.65)
# Outer and inner corner of the eye, on the picture's left and on its right.
LEFT_EYE, RIGHT_EYE = (33, 133), (263, 362)
# Points that keep their place on the skull or bound a feature: eyes, brows, nose,
# mouth, chin, cheeks, outline. Few, so that noise of single points is not followed.
CONTROL_POINTS = (
    33, 133, 159, 145, 263, 362, 386, 374, 70, 105, 107, 300, 334, 336, 9, 168, 6, 1,
    2, 129, 358, 61, 291, 0, 17, 37, 267, 84, 314, 152, 199, 50, 280, 234, 454, 172,
    397, 10, 103, 332)
SMOOTHING = 1e-2
# The warp is smooth: it is evaluated on a coarse grid, then interpolated.
COARSE = 17


@lru_cache(maxsize=1)
def canonical_face() -> np.ndarray:
    """Return the mesh of the canonical face (read-only).

    Shapes:
        returns: ``(468, 2)`` float64, face coordinates.

    Examples:
        >>> face = canonical_face()
        >>> face.shape, bool(np.allclose(face[61], face[291] * [-1, 1]))
        ((468, 2), True)
    """
    path = resources.files('aullm_mm.faces').joinpath('canonical_face.csv')
    rows = csv.DictReader(path.read_text('utf-8').splitlines())
    face = np.array([[float(row['x']), float(row['y'])] for row in rows])
    face.flags.writeable = False
    return face


def face_axes(mesh: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the frame of a face in its picture.

    Args:
        mesh: ``(468, 2)`` mesh in pixels.

    Returns:
        The point midway between the eye centres (2,), the unit vector from the
        picture's left eye to the right one (2,), and their distance in pixels.

    Raises:
        ValueError: If the mesh is not (468, 2) or both eyes lie on one point.

    Examples:
        >>> center, axis, inter_ocular = face_axes(100 * canonical_face() + [9, 7])
        >>> center.round(6).tolist(), axis.round(6).tolist(), round(inter_ocular, 1)
        ([9.0, 7.0], [1.0, 0.0], 100.0)
    """
    mesh = np.asarray(mesh, np.float64)
    if mesh.shape != (NUM_POINTS, 2):
        raise ValueError(f'a mesh has shape ({NUM_POINTS}, 2), got {mesh.shape}')
    left, right = mesh[list(LEFT_EYE)].mean(0), mesh[list(RIGHT_EYE)].mean(0)
    inter_ocular = float(np.hypot(*(right - left)))
    if not inter_ocular > 0:
        raise ValueError('both eyes of the mesh lie on one point: it is no face')
    return (left + right) / 2, (right - left) / inter_ocular, inter_ocular


def turn_to_face(axis: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return the components of vectors along the eye axis and across it.

    Args:
        axis: ``(2,)`` unit vector of :func:`face_axes`.
        vectors: ``(..., 2)`` of the picture.

    Shapes:
        returns: ``(..., 2)``, along the eyes and down the face.

    Examples:
        >>> turn_to_face(np.array([0.0, 1.0]), np.array([[-2.0, 5.0]])).tolist()
        [[5.0, 2.0]]
    """
    across = np.array([-axis[1], axis[0]])
    return np.stack([vectors @ axis, vectors @ across], axis=-1)


def to_face(mesh: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Bring pixels into face coordinates.

    Args:
        mesh: ``(468, 2)`` mesh in pixels.
        points: ``(..., 2)`` pixels.

    Shapes:
        returns: ``(..., 2)``, inter-ocular distances.

    Raises:
        ValueError: As for :func:`face_axes`.

    Examples:
        >>> mesh = 100 * canonical_face() + [9, 7]
        >>> to_face(mesh, np.array([[59.0, 7.0]])).round(6).tolist()
        [[0.5, 0.0]]
    """
    center, axis, inter_ocular = face_axes(mesh)
    return turn_to_face(axis, (np.asarray(points) - center) / inter_ocular)


def canonical_map(
    mesh: np.ndarray,
    size: tuple[int, int],
    bounds: tuple[float, float, float, float] = CANONICAL_BOUNDS,
) -> np.ndarray:
    """Return the pixel of the original that each cell of a canonical picture shows.

    A thin-plate spline takes the control points of the canonical face to those of
    this face, both in face coordinates; a similarity takes these to pixels. The
    corner cells of the picture lie on the corners of the bounds.

    Args:
        mesh: ``(468, 2)`` mesh in pixels.
        size: Height and width of the canonical picture.
        bounds: x0, x1, y0, y1 that it shows, in inter-ocular distances.

    Shapes:
        returns: ``(h, w, 2)`` float32 pixels (x, y), as ``cv2.remap`` takes them.

    Raises:
        ValueError: As for :func:`face_axes`.

    Examples:
        >>> places = canonical_map(100 * canonical_face() + [200, 150], (27, 25))
        >>> places.shape, places[0, 0].round(1).tolist()
        ((27, 25, 2), [80.0, 55.0])
    """
    center, axis, inter_ocular = face_axes(mesh)
    cells = _grid(bounds, *size)
    offset = _warp(mesh, _grid(bounds, COARSE, COARSE))  # (17, 17, 2)
    offset = np.dstack([
        cv2.resize(part, (size[1], size[0]), interpolation=cv2.INTER_CUBIC)
        for part in np.moveaxis(offset, -1, 0)])
    turn = np.array([axis, [-axis[1], axis[0]]])
    return (center + inter_ocular * (cells + offset) @ turn).astype(np.float32)


def _warp(mesh: np.ndarray, grid: np.ndarray) -> np.ndarray:
    points = list(CONTROL_POINTS)
    target = canonical_face()[points]
    spline = RBFInterpolator(
        target, to_face(mesh, np.asarray(mesh)[points]) - target,
        kernel='thin_plate_spline', smoothing=SMOOTHING)
    return spline(grid.reshape(-1, 2)).reshape(grid.shape)


def _grid(
    bounds: tuple[float, float, float, float], height: int, width: int
) -> np.ndarray:
    x0, x1, y0, y1 = bounds
    x, y = np.linspace(x0, x1, width), np.linspace(y0, y1, height)
    return np.stack(np.meshgrid(x, y), axis=-1)  # (h, w, 2)
