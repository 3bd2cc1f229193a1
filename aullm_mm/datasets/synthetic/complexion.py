# Copyright (c) AULLM-MM contributors.
"""Skin tone, brows, lips, wrinkles, freckles and stubble of a face."""
from __future__ import annotations

import cv2
import numpy as np

from .geometry import (CASME2_FRAMING, Framing, bump, face_grid, polygon_mask, ramp,
                       smooth_noise, to_pixels)

LEFT_BROW = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
RIGHT_BROW = (300, 293, 334, 296, 336, 285, 295, 282, 283, 276)
LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314,
        17, 84, 181, 91, 146)


def tint(
    image: np.ndarray, mask: np.ndarray, shift: np.ndarray, gain: float
) -> np.ndarray:
    """Shift the colour of a region in CIE Lab.

    Args:
        image: ``(H, W, 3)`` float32 BGR, 0..255.
        mask: ``(H, W)`` strength, 0..1.
        shift: ``(2,)`` change of a* and b*.
        gain: Factor on L*.

    Shapes:
        returns: ``(H, W, 3)`` float32 BGR.

    Examples:
        >>> gray = np.full((340, 280, 3), 100.0, np.float32)
        >>> none = np.zeros((340, 280), np.float32)
        >>> bool(np.allclose(tint(gray, none, np.ones(2), 2.0), gray, atol=1))
        True
    """
    lab = cv2.cvtColor(np.clip(image / 255.0, 0, 1), cv2.COLOR_BGR2Lab)
    lab[..., 0] *= 1.0 + (gain - 1.0) * mask
    lab[..., 1:] += mask[..., None] * np.asarray(shift)
    bgr = cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_Lab2BGR)
    return 255.0 * np.clip(bgr, 0.0, 1.0)


def smooth_skin(
    image: np.ndarray, mask: np.ndarray, strength: float
) -> np.ndarray:
    """Make a face look younger, by an edge-keeping blur of its skin.

    Args:
        image: ``(H, W, 3)`` float32 BGR.
        mask: ``(H, W)`` where to smooth, 0..1.
        strength: 0 leaves the skin, 1 takes out all fine wrinkles.

    Shapes:
        returns: ``(H, W, 3)`` float32 BGR.

    Examples:
        >>> gray = np.full((340, 280, 3), 100.0, np.float32)
        >>> smooth_skin(gray, np.ones((340, 280), np.float32), 1.0).shape
        (340, 280, 3)
    """
    soft = cv2.bilateralFilter(image, 0, 22.0, 4.0)
    soft = cv2.bilateralFilter(soft, 0, 16.0, 6.0)
    weight = (strength * mask)[..., None]
    return image * (1.0 - weight) + soft * weight


def paint_brows(
    image: np.ndarray, shape: np.ndarray, thickness: float, darkness: float,
    framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Darken and thicken the brows.

    Args:
        image: ``(H, W, 3)`` float32 BGR.
        shape: ``(468, 3)`` mesh in inter-ocular distances.
        thickness: Height of the painted brow relative to the mesh's brow.
        darkness: 0 leaves the brows, 1 makes them black.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W, 3)`` float32 BGR.

    Examples:
        >>> gray = np.full((340, 280, 3), 100.0, np.float32)
        >>> face = np.zeros((468, 3))
        >>> bool(paint_brows(gray, face, 1.0, 0.0).min() == 100.0)
        True
    """
    mask = np.zeros(framing.size, np.float32)
    for brow in (LEFT_BROW, RIGHT_BROW):
        upper = to_pixels(shape[list(brow[:5])], framing)
        lower = to_pixels(shape[list(brow[:4:-1])], framing)
        middle = (upper + lower) / 2 + np.array([0.0, 1.0])
        # Thin tail at the temple, full head at the nose.
        taper = np.array([0.25, 0.55, 0.75, 0.85, 0.75])[:, None]
        half = taper * thickness * (lower - upper) / 2
        outline = np.concatenate([middle - half, (middle + half)[::-1]])
        mask = np.maximum(mask, polygon_mask(outline, 2.2, framing))
    return image * (1.0 - darkness * mask)[..., None]


def paint_lips(
    image: np.ndarray, shape: np.ndarray, redness: float, gain: float,
    framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Change the colour of the lips.

    Args:
        image: ``(H, W, 3)`` float32 BGR.
        shape: ``(468, 3)`` mesh in inter-ocular distances.
        redness: Change of a* in CIE Lab.
        gain: Factor on the lightness.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W, 3)`` float32 BGR.

    Examples:
        >>> gray = np.full((340, 280, 3), 100.0, np.float32)
        >>> paint_lips(gray, np.zeros((468, 3)), 5.0, 1.0).shape
        (340, 280, 3)
    """
    mask = polygon_mask(to_pixels(shape[list(LIPS)], framing), 2.5, framing)
    return tint(image, mask, np.array([redness, 0.2 * redness]), gain)


def wrinkles(
    rng: np.random.Generator, shape: np.ndarray, strength: float,
    framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Draw forehead lines, nasolabial folds and lines under the eyes.

    Args:
        rng: Source of randomness.
        shape: ``(468, 3)`` mesh in inter-ocular distances.
        strength: Darkening at the deepest line, 0..1.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32 factor on the picture, at most 1.

    Examples:
        >>> from .portraits import load_portraits
        >>> face = load_portraits()[0].shape
        >>> wrinkles(np.random.default_rng(0), face, 0.0).min()
        np.float32(1.0)
    """
    dark = np.zeros(framing.size, np.float32)
    curves = []
    for height in rng.uniform(0.12, 0.42, rng.integers(1, 4)):
        brow = shape[[70, 105, 107, 336, 334, 300], :2]
        curves.append(brow * (0.8, 0.6) - (0.0, height))
    for chain in ((129, 203, 206, 216), (358, 423, 426, 436)):
        curves.append(shape[list(chain), :2])
    for chain in ((112, 232, 230, 228), (341, 452, 450, 448)):
        curves.append(shape[list(chain), :2] + (0.0, 0.05))
    for curve in curves:
        depth = float(rng.uniform(0.3, 1.0))
        line = np.zeros_like(dark)
        pixels = to_pixels(
            curve + rng.normal(0.0, 0.008, curve.shape), framing)
        cv2.polylines(line, [np.round(pixels).astype(np.int32)], False, 1.0, 2)
        dark = np.maximum(dark, depth * cv2.GaussianBlur(line, (0, 0), 1.8))
    return (1.0 - strength * dark).astype(np.float32)


def freckles(
    rng: np.random.Generator, count: int, radius: tuple[float, float],
    darkness: float, framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Scatter freckles, or a few moles, over cheeks and nose.

    Args:
        rng: Source of randomness.
        count: Number of spots.
        radius: Smallest and largest radius, pixels.
        darkness: Darkening of the strongest spot, 0..1.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32 factor on the picture, at most 1.

    Examples:
        >>> freckles(np.random.default_rng(0), 3, (1.0, 2.0), 0.3).shape
        (340, 280)
    """
    factor = np.ones(framing.size, np.float32)
    grid = face_grid(framing)
    for _ in range(count):
        center = rng.normal((0.0, 0.55), (0.5, 0.4))
        size = float(rng.uniform(*radius)) / framing.inter_ocular
        spot = bump(grid, center, (size, size))
        factor *= (1.0 - rng.uniform(0.3, 1.0) * darkness * spot)
    return factor.astype(np.float32)


def stubble(
    rng: np.random.Generator, strength: float, framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Darken the beard region, with a fine grain.

    Args:
        rng: Source of randomness.
        strength: Darkening, 0..1.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32 factor on the picture.

    Examples:
        >>> stubble(np.random.default_rng(0), 0.0).max()
        np.float32(1.0)
    """
    grid = face_grid(framing)
    x, y = grid[..., 0], grid[..., 1]
    beard = ramp(y + 0.25 * np.abs(x), 0.75, 1.1) * ramp(y, 1.95, 1.55)
    beard = beard * ramp(np.abs(x), 1.05, 0.8)
    beard = beard * (1.0 - 0.9 * bump(grid, np.array([0.0, 1.02]), (0.3, 0.1)))
    grain = rng.standard_normal(framing.size).astype(np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), 0.8)
    grain = np.clip(1.0 + 0.9 * grain, 0.0, 2.0)
    return (1.0 - strength * beard * grain).astype(np.float32)


def blotches(
    rng: np.random.Generator, strength: float, framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Return the slow unevenness of skin.

    Args:
        rng: Source of randomness.
        strength: Relative deviation.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32 factor around 1.

    Examples:
        >>> blotches(np.random.default_rng(0), 0.0).max()
        np.float32(1.0)
    """
    field = smooth_noise(rng, (17, 14), framing)
    field = field + smooth_noise(rng, (40, 34), framing)
    return (1.0 + strength * field).astype(np.float32)
