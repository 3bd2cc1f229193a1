# Copyright (c) AULLM-MM contributors.
"""One face in one frame of a video, and why one may not count."""
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .canonical import face_axes

#: Why a face that is there does not count.
TOO_SMALL, LEAVING = 'face too small', 'face leaving the picture'
NO_FACE = 'no face'
# Share of the mesh that has to lie in the picture.
MIN_INSIDE = 0.85


class TrackedFace(NamedTuple):
    """One face in one frame.

    Args:
        track: Number of the person, the same in all frames.
        box: ``(4,)`` float32 corners x0, y0, x1, y1 around the mesh in pixels.
        mesh: ``(468, 2)`` float32 pixels.
        score: Probability that it is a face, 0..1.

    Examples:
        >>> TrackedFace(0, np.zeros(4), np.zeros((468, 2)), 0.9).track
        0
    """

    track: int
    box: np.ndarray
    mesh: np.ndarray
    score: float


class RejectedFace(NamedTuple):
    """A face that was seen and does not count.

    Args:
        face: The face.
        reason: :data:`TOO_SMALL` or :data:`LEAVING`.

    Examples:
        >>> face = TrackedFace(0, np.zeros(4), np.zeros((468, 2)), 0.9)
        >>> RejectedFace(face, TOO_SMALL).reason
        'face too small'
    """

    face: TrackedFace
    reason: str


def fault_of(mesh: np.ndarray, size: tuple[int, int], min_eye_distance: float
             ) -> str | None:
    """Say why a face cannot be used, None where it can.

    Args:
        mesh: ``(468, 2)`` pixels.
        size: Height and width of the picture.
        min_eye_distance: Pixels between the eye centres that it needs.

    Returns:
        :data:`LEAVING` where less than 85% of the mesh lies in the picture,
        :data:`TOO_SMALL`, or None.

    Examples:
        >>> from .canonical import canonical_face
        >>> mesh = 19 * canonical_face() + [100, 100]
        >>> fault_of(mesh, (200, 200), 20.0), fault_of(mesh, (100, 200), 20.0)
        ('face too small', 'face leaving the picture')
    """
    inside = ((mesh >= 0) & (mesh < size[::-1])).all(1).mean()
    if inside < MIN_INSIDE:
        return LEAVING
    return TOO_SMALL if face_axes(mesh)[2] < min_eye_distance else None
