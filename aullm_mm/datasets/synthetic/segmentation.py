# Copyright (c) AULLM-MM contributors.
"""Cut head and hair out of a portrait."""
from __future__ import annotations

import cv2
import numpy as np

# Eye corners of the mesh: outer and inner, picture-left and picture-right.
_LEFT_EYE, _RIGHT_EYE = [33, 133], [263, 362]
_ITERATIONS = 5
# Around the eyes, in inter-ocular distances: left, up, right, down.
_WINDOW = (2.2, 2.2, 2.2, 2.8)


def head_masks(image: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Find the head, and the hair or cap on it.

    GrabCut (Rother, Kolmogorov, Blake 2004) runs twice: head against
    surroundings, then hair against skin within the head. Both start from
    ellipses around the mesh.

    Args:
        image: ``(H, W, 3)`` uint8 BGR.
        points: ``(468, 2)`` mesh in pixels.

    Shapes:
        returns: ``(H, W, 2)`` float32 in 0..1: head (with hair and neck), hair.

    Examples:
        >>> from .portraits import load_portraits
        >>> astronaut = load_portraits()[1]
        >>> x, y = astronaut.points[4].astype(int)
        >>> astronaut.masks[y, x].tolist()
        [1.0, 0.0]
    """
    left, right = points[_LEFT_EYE].mean(0), points[_RIGHT_EYE].mean(0)
    unit, middle = float(np.hypot(*(right - left))), (left + right) / 2
    reach = unit * np.array(_WINDOW)
    x0, y0 = np.maximum(middle - reach[:2], 0).astype(int)
    x1, y1 = (middle + reach[2:]).astype(int)
    crop = np.ascontiguousarray(image[y0:y1, x0:x1])
    ys, xs = np.mgrid[0:crop.shape[0], 0:crop.shape[1]]
    # Face coordinates of every pixel: u to the right, v down from the eyes.
    u, v = (xs + x0 - middle[0]) / unit, (ys + y0 - middle[1]) / unit
    head = _cut_head(crop, u, v)
    hair = _cut_hair(crop, head, u, v)
    masks = np.zeros((*image.shape[:2], 2), np.float32)
    masks[y0:y1, x0:x1] = np.stack([head, hair], axis=-1)
    return cv2.GaussianBlur(masks, (0, 0), 0.012 * unit)


def _cut_head(crop: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    labels = np.full(u.shape, cv2.GC_PR_BGD, np.uint8)
    labels[(u / 1.35) ** 2 + ((v - 0.1) / 1.7) ** 2 < 1] = cv2.GC_PR_FGD
    labels[(np.abs(u) < 0.7) & (v > 1)] = cv2.GC_PR_FGD
    # Face for certain, and what lies above it: the ornament of a cap too.
    labels[u ** 2 + ((v - 0.45) / 1.2) ** 2 < 1] = cv2.GC_FGD
    labels[(np.abs(u) < 0.9) & (v > -1.5) & (v < 0)] = cv2.GC_FGD
    labels[(np.abs(u) > 1.75) & (v < 1.3)] = cv2.GC_BGD
    labels[v > 2.45] = cv2.GC_BGD
    return _grab_cut(crop, labels)


def _cut_hair(
    crop: np.ndarray, head: np.ndarray, u: np.ndarray, v: np.ndarray
) -> np.ndarray:
    labels = np.where(head > 0, cv2.GC_PR_BGD, cv2.GC_BGD).astype(np.uint8)
    around = (head > 0) & ((u / 1.1) ** 2 + ((v - 0.45) / 1.15) ** 2 > 1)
    labels[around & (v < 1.0)] = cv2.GC_PR_FGD
    labels[(head > 0) & (v < -0.95)] = cv2.GC_FGD
    labels[(u / 0.85) ** 2 + ((v - 0.5) / 0.95) ** 2 < 1] = cv2.GC_BGD
    # The neck is skin.
    labels[v > 1.45] = cv2.GC_BGD
    return _grab_cut(crop, labels) * head


def _grab_cut(crop: np.ndarray, labels: np.ndarray) -> np.ndarray:
    # GrabCut draws from OpenCV's own generator; the cut must not depend on
    # what drew from it before.
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(
        crop, labels, None, *models, _ITERATIONS, cv2.GC_INIT_WITH_MASK)
    found = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    cut = found.astype(np.uint8)
    # Drop specks and fill pinholes.
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    cut = cv2.morphologyEx(cut, cv2.MORPH_OPEN, kernel)
    return cv2.morphologyEx(cut, cv2.MORPH_CLOSE, kernel).astype(np.float32)
