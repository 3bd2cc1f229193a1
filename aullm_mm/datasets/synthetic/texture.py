# Copyright (c) AULLM-MM contributors.
"""Skin of a new face: both portraits warped onto one shape and blended."""
from __future__ import annotations

import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

from .geometry import (CASME2_FRAMING, Framing, bump, face_grid, ramp,
                       to_pixels)
from .portraits import Portrait, eye_centers, mirror_order

# The warp is smooth: it is solved on a coarse grid of this step (pixels).
GRID_STEP = 8
PYRAMID_LEVELS = 5


def frame_points(distance: float = 3.2, count: int = 20) -> np.ndarray:
    """Return points around the head that hold the surroundings in place.

    Args:
        distance: Radius of the ring, inter-ocular distances.
        count: Number of points.

    Shapes:
        returns: ``(count, 2)`` around the middle of the face.

    Examples:
        >>> frame_points(count=4).shape
        (4, 2)
    """
    angle = np.arange(count) * (2 * np.pi / count)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return distance * ring + np.array([0.0, 0.4])


def warp_portrait(
    portrait: Portrait, shape: np.ndarray, flip: bool,
    framing: Framing = CASME2_FRAMING
) -> tuple[np.ndarray, np.ndarray]:
    """Warp a portrait so that its mesh comes to lie on another mesh.

    A thin-plate spline through the 468 point pairs gives, for each pixel of
    the crop, where to look in the portrait.

    Args:
        portrait: The portrait.
        shape: ``(468, 3)`` target mesh in inter-ocular distances.
        flip: Whether the portrait is mirrored first.
        framing: Which part of the face is seen, and how large.

    Returns:
        The picture ``(H, W, 3)`` float32 BGR, and the masks of head and
        hair ``(H, W, 2)``.

    Examples:
        >>> from .portraits import load_portraits
        >>> hopper = load_portraits()[0]
        >>> picture, masks = warp_portrait(hopper, hopper.shape, False)
        >>> picture.shape, masks.shape
        ((340, 280, 3), (340, 280, 2))
    """
    image, masks, points = portrait.image, portrait.masks, portrait.points
    if flip:
        image, masks = image[:, ::-1], masks[:, ::-1]
        points = (np.array([image.shape[1] - 1.0, 0.0])
                  + points * np.array([-1.0, 1.0]))
        points = points[mirror_order(portrait.shape)]
    left, right = eye_centers(points)
    axis = right - left
    turn = np.array([[axis[0], -axis[1]], [axis[1], axis[0]]])
    ring = frame_points()
    target = to_pixels(np.concatenate([shape[:, :2], ring]), framing)
    source = np.concatenate([points, ring @ turn.T + (left + right) / 2])
    dense = _sampling_map(target, source, framing)
    return tuple(
        cv2.remap(np.ascontiguousarray(picture), dense, None, method,
                  borderMode=cv2.BORDER_REFLECT)
        for picture, method in (
            (image, cv2.INTER_CUBIC), (masks, cv2.INTER_LINEAR)))


def _sampling_map(
    target: np.ndarray, source: np.ndarray, framing: Framing
) -> np.ndarray:
    spline = RBFInterpolator(
        target / framing.inter_ocular, source, kernel='thin_plate_spline',
        smoothing=2e-3)
    xs = np.arange(0, framing.width + GRID_STEP, GRID_STEP, dtype=np.float64)
    ys = np.arange(0, framing.height + GRID_STEP, GRID_STEP, dtype=np.float64)
    grid = np.stack(np.meshgrid(xs, ys), axis=-1)  # (44, 36, 2)
    coarse = spline(grid.reshape(-1, 2) / framing.inter_ocular)
    coarse = coarse.reshape(grid.shape).astype(np.float32)
    # Sample the coarse map at every pixel: cubic, so that it has no kinks.
    py, px = np.mgrid[0:framing.height, 0:framing.width].astype(np.float32)
    return cv2.remap(
        coarse, px / GRID_STEP, py / GRID_STEP, cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE)


def blend(
    first: np.ndarray, second: np.ndarray, mask: np.ndarray
) -> np.ndarray:
    """Blend two pictures without a seam (Burt and Adelson's pyramids).

    Args:
        first: ``(H, W, 3)`` float32, shown where the mask is 1.
        second: ``(H, W, 3)`` float32, shown where the mask is 0.
        mask: ``(H, W)`` float32 in 0..1.

    Shapes:
        returns: ``(H, W, 3)`` float32.

    Examples:
        >>> white = np.ones((32, 32, 3), np.float32)
        >>> mixed = blend(white, 0 * white, np.ones((32, 32), np.float32))
        >>> bool(np.allclose(mixed, 1.0))
        True
    """
    result = None
    masks, firsts, seconds = [mask], [first], [second]
    for pyramid in (masks, firsts, seconds):
        for _ in range(PYRAMID_LEVELS - 1):
            pyramid.append(cv2.pyrDown(pyramid[-1]))
    for level in reversed(range(PYRAMID_LEVELS)):
        weight = masks[level][..., None]
        size = firsts[level].shape[1::-1]
        bands = []
        for pyramid in (firsts, seconds):
            band = pyramid[level]
            if level < PYRAMID_LEVELS - 1:
                band = band - cv2.pyrUp(pyramid[level + 1], dstsize=size)
            bands.append(band)
        mixed = weight * bands[0] + (1.0 - weight) * bands[1]
        if result is None:
            result = mixed
        else:
            result = cv2.pyrUp(result, dstsize=size) + mixed
    return result


def skin_mask(
    shape: np.ndarray, framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Return a soft mask of bare skin: no eyes, brows, lips or hair.

    Args:
        shape: ``(468, 3)`` mesh in inter-ocular distances.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32 in 0..1.

    Examples:
        >>> from .portraits import load_portraits
        >>> mask = skin_mask(load_portraits()[0].shape)
        >>> bool(mask[170, 140] > 0.9 and mask[0, 0] < 0.1)
        True
    """
    grid = face_grid(framing)
    x, y = grid[..., 0], grid[..., 1]
    # The oval, drawn a little inside the mesh's own outline.
    inside = 1.0 - ramp(((x / 0.98) ** 2 + ((y - 0.55) / 1.12) ** 2), 0.75, 1.0)
    holes = bump(grid, shape[[61, 291], :2].mean(0), (0.34, 0.11))
    for corner in eye_centers(shape)[:, :2]:
        holes = holes + bump(grid, corner - (0.0, 0.06), (0.3, 0.16))
    return (inside * np.clip(1.0 - 1.4 * holes, 0.0, 1.0)).astype(np.float32)


def match_color(
    image: np.ndarray, reference: np.ndarray, mask: np.ndarray
) -> np.ndarray:
    """Give a picture the skin colour of another (Reinhard's transfer in Lab).

    Args:
        image: ``(H, W, 3)`` float32 BGR, 0..255.
        reference: ``(H, W, 3)`` float32 BGR.
        mask: ``(H, W)`` weights of the pixels that are compared.

    Shapes:
        returns: ``(H, W, 3)`` float32 BGR.

    Examples:
        >>> gray = np.full((8, 8, 3), 99.0, np.float32)
        >>> same = match_color(gray, gray, np.ones((8, 8), np.float32))
        >>> bool(np.allclose(same, gray, atol=0.5))
        True
    """
    lab = [cv2.cvtColor(np.clip(picture / 255.0, 0, 1), cv2.COLOR_BGR2Lab)
           for picture in (image, reference)]
    weight = mask[..., None] / mask.sum()
    means = [(picture * weight).sum((0, 1)) for picture in lab]
    spreads = [np.sqrt((weight * (picture - mean) ** 2).sum((0, 1)) + 1e-3)
               for picture, mean in zip(lab, means)]
    gain = np.clip(spreads[1] / spreads[0], 0.7, 1.4)
    moved = (lab[0] - means[0]) * gain + means[1]
    return 255.0 * np.clip(
        cv2.cvtColor(moved.astype(np.float32), cv2.COLOR_Lab2BGR), 0.0, 1.0)
