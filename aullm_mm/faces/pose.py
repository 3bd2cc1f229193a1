# Copyright (c) AULLM-MM contributors.
"""Where a head is in its picture, by points that AUs hardly move."""
from __future__ import annotations

from typing import NamedTuple, Sequence

import numpy as np

from .canonical import canonical_face
from .mesh import NUM_POINTS

#: Corners of both eyes with the skin around them, bridge of the nose, temples and
#: cheekbones; docs/faces.md has what other sets gave.
STABLE_POINTS = (
    33, 133, 173, 246, 7, 155, 130, 243, 226, 190, 112, 244,
    263, 362, 398, 466, 249, 382, 359, 463, 446, 414, 341, 464,
    168, 6, 197, 195, 5, 122, 196, 3, 188, 193, 351, 419, 248, 412, 417,
    127, 162, 34, 139, 234, 227, 116, 356, 389, 264, 368, 454, 447, 345)
# Centre and half side of the mesh network's box, in face coordinates: the mesh of the
# canonical face with as little room as the network was trained with.
BOX_CENTER, BOX_HALF = (0.0, 0.47), 1.12


class Pose(NamedTuple):
    """The similarity that brings pixels of a picture into face coordinates.

    Face coordinates are those of :mod:`aullm_mm.faces.canonical`.

    Args:
        center: ``(2,)`` pixel of the point midway between the eyes.
        scale: Inter-ocular distance in pixels.
        roll: Rotation of the face, radians, positive clockwise as seen.

    Examples:
        >>> pose = Pose((200.0, 150.0), 80.0, 0.0)
        >>> pose.to_face(np.array([[240.0, 150.0]])).tolist()
        [[0.5, 0.0]]
        >>> pose.to_picture(np.array([[0.5, 0.0]])).tolist()
        [[240.0, 150.0]]
    """

    center: tuple[float, float]
    scale: float
    roll: float

    @property
    def axes(self) -> np.ndarray:
        """``(2, 2)``: directions along the eyes and down the face, one a row."""
        cos, sin = np.cos(self.roll), np.sin(self.roll)
        return np.array([[cos, sin], [-sin, cos]])

    @property
    def matrix(self) -> np.ndarray:
        """``(2, 3)``: from pixels to face coordinates."""
        turn = self.axes / self.scale
        return np.column_stack([turn, -turn @ np.asarray(self.center)])

    def to_face(self, points: np.ndarray) -> np.ndarray:
        """Bring pixels into face coordinates.

        Args:
            points: ``(..., 2)`` pixels.

        Shapes:
            returns: ``(..., 2)`` inter-ocular distances.
        """
        return (np.asarray(points) - self.center) @ self.axes.T / self.scale

    def to_picture(self, points: np.ndarray) -> np.ndarray:
        """Bring face coordinates into pixels.

        Args:
            points: ``(..., 2)`` inter-ocular distances.

        Shapes:
            returns: ``(..., 2)`` pixels.
        """
        return np.asarray(points) * self.scale @ self.axes + self.center

    def mesh_box(self) -> tuple[np.ndarray, float]:
        """Box ``(4,)`` and roll from which the mesh network finds this face."""
        center = self.to_picture(np.array(BOX_CENTER))
        half = BOX_HALF * self.scale
        return np.concatenate([center - half, center + half]), self.roll


def stable_pose(mesh: np.ndarray, points: Sequence[int] = STABLE_POINTS) -> Pose:
    r"""Return the pose of a head from the points that AUs hardly move.

    The similarity that brings the stable points :math:`p_i` of the mesh nearest to
    those of the canonical face, :math:`\min \sum_i \lVert S p_i - q_i \rVert^2`, in
    closed form (Umeyama, 1991). It looks at no other point, so that brows, cheeks and
    mouth may move.

    Args:
        mesh: ``(468, 2)`` mesh in pixels.
        points: Numbers of the points to go by. Defaults to :data:`STABLE_POINTS`.

    Raises:
        ValueError: If the mesh has another shape, or its points lie on one place.

    Examples:
        >>> pose = stable_pose(100 * canonical_face() + [30, 40])
        >>> np.round([*pose.center, pose.scale], 3).tolist(), abs(pose.roll) < 1e-9
        ([30.0, 40.0, 100.0], True)
    """
    mesh = np.asarray(mesh, np.float64)
    if mesh.shape != (NUM_POINTS, 2):
        raise ValueError(f'a mesh has shape ({NUM_POINTS}, 2), got {mesh.shape}')
    places, target = mesh[list(points)], canonical_face()[list(points)]
    middle, aim = places.mean(0), target.mean(0)
    # As complex numbers a similarity is one factor: scale and turn at once.
    source, wanted = ((part - mean) @ [1, 1j] for part, mean in (
        (places, middle), (target, aim)))
    spread = float((abs(source) ** 2).sum())
    if not spread > 0:
        raise ValueError('the points of the mesh lie on one place: it is no face')
    back = spread / np.vdot(source, wanted)  # from face coordinates to pixels
    shift = back * (aim @ [1, 1j])
    return Pose((float(middle[0] - shift.real), float(middle[1] - shift.imag)),
                float(abs(back)), float(np.angle(back)))
