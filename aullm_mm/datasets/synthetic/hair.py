# Copyright (c) AULLM-MM contributors.
"""Hair, clothes and background around a face."""
from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .geometry import (CASME2_FRAMING, Framing, face_grid, ramp, smooth_noise,
                       to_pixels)

# BGR of hair: black, dark brown, brown, auburn, fair, gray, white.
HAIR_COLORS = ((22, 20, 22), (28, 36, 50), (40, 58, 84), (34, 50, 104),
               (96, 140, 172), (118, 122, 126), (160, 164, 168))


@dataclass(frozen=True)
class HairStyle:
    """How hair looks.

    Attributes:
        color: BGR, 0..255.
        fringe: Height over the eyes to which a fringe hangs, inter-ocular
            distances; 9 for none.
        slant: How much lower the fringe hangs on one side.
        length: How far down long sides reach below the eyes; -9 for none.
        parting: x of the point from which the strands run.

    Examples:
        >>> len(draw_style(np.random.default_rng(0)).color)
        3
    """

    color: tuple[float, float, float]
    fringe: float
    slant: float
    length: float
    parting: float


def draw_style(rng: np.random.Generator) -> HairStyle:
    """Draw a hair style.

    Args:
        rng: Source of randomness.

    Returns:
        The style.

    Examples:
        >>> 0.0 <= draw_style(np.random.default_rng(0)).color[0] <= 255.0
        True
    """
    color = np.array(HAIR_COLORS[rng.integers(len(HAIR_COLORS))], np.float64)
    color = color * rng.uniform(0.8, 1.2)
    fringe = rng.uniform(0.5, 0.85) if rng.random() < 0.4 else 9.0
    length = rng.choice([0.9, 3.0]) if rng.random() < 0.35 else -9.0
    return HairStyle(
        color=tuple(float(value) for value in color), fringe=float(fringe),
        slant=float(rng.normal(0.0, 0.12)), length=float(length),
        parting=float(rng.uniform(-0.6, 0.6)))


def strands(
    rng: np.random.Generator, parting: float, framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Draw strands that run down from a parting above the crop.

    Args:
        rng: Source of randomness.
        parting: x of the parting, inter-ocular distances.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32 around 0.

    Examples:
        >>> strands(np.random.default_rng(0), 0.0).shape
        (340, 280)
    """
    noise = rng.standard_normal((24, 1800)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), sigmaX=1.3, sigmaY=3.0)
    noise = noise / noise.std()
    pixels = to_pixels(face_grid(framing), framing)
    root = to_pixels(np.array([parting, -2.6]), framing)
    dx = (pixels[..., 0] - root[0])
    dy = (pixels[..., 1] - root[1])
    angle = np.arctan2(dx, dy) + 0.012 * smooth_noise(rng, (6, 5), framing)
    radius = np.hypot(dx, dy)
    return cv2.remap(
        noise, ((angle / np.pi + 1.0) * 900.0).astype(np.float32),
        (radius / 18.0).astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT)


def painted_mask(
    rng: np.random.Generator, style: HairStyle, half_width: float,
    framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Return where a fringe and long sides cover the picture.

    Args:
        rng: Source of randomness.
        style: The style.
        half_width: Half width of the face, inter-ocular distances.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32 in 0..1.

    Examples:
        >>> style = HairStyle((0.0, 0.0, 0.0), 0.6, 0.0, -9.0, 0.0)
        >>> mask = painted_mask(np.random.default_rng(0), style, 1.05)
        >>> bool(mask[20, 140] > 0.9 and mask[170, 140] == 0.0)
        True
    """
    x, y = np.moveaxis(face_grid(framing), -1, 0)
    # Ragged ends: the edge follows the strands.
    ragged = 0.035 * strands(rng, style.parting, framing)
    line = -style.fringe + style.slant * x + 0.1 * x * x + ragged
    top = ramp(y - line, 0.05, -0.05) * ramp(
        np.abs(x), half_width + 0.05, half_width - 0.1)
    inner = half_width + 0.01 + 0.25 * ragged
    side = ramp(np.abs(x), inner, inner + 0.07)
    side = side * ramp(np.abs(x), inner + 0.5, inner + 0.42)
    side = side * ramp(y, style.length + 0.12, style.length - 0.12)
    side = side * ramp(y, -0.9, -0.5)
    return np.maximum(top, side).astype(np.float32)


def color_hair(
    rng: np.random.Generator, image: np.ndarray, natural: np.ndarray,
    style: HairStyle, half_width: float, framing: Framing = CASME2_FRAMING
) -> tuple[np.ndarray, np.ndarray]:
    """Colour the hair of a picture, and paint a fringe or long sides.

    Args:
        rng: Source of randomness.
        image: ``(H, W, 3)`` float32 BGR.
        natural: ``(H, W)`` mask of the hair (or cap) in the picture.
        style: The style.
        half_width: Half width of the face, inter-ocular distances.
        framing: Which part of the face is seen, and how large.

    Returns:
        The picture, and the mask ``(H, W)`` of all hair.

    Examples:
        >>> rng = np.random.default_rng(0)
        >>> gray = np.full((340, 280, 3), 100.0, np.float32)
        >>> none = np.zeros((340, 280), np.float32)
        >>> picture, mask = color_hair(rng, gray, none, draw_style(rng), 1.05)
        >>> picture.shape, mask.shape
        ((340, 280, 3), (340, 280))
    """
    # Where a cap and a fringe of the two portraits meet, close the gap.
    kernel = np.ones((61, 1), np.uint8)
    closed = cv2.morphologyEx(natural, cv2.MORPH_CLOSE, kernel)
    closed = (closed - natural) * ramp(
        face_grid(framing)[..., 1], -0.25, -0.4)
    painted = np.maximum(painted_mask(rng, style, half_width, framing), closed)
    light = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    mean = float((light * natural).sum() / max(natural.sum(), 1.0))
    # Locks of the portrait's own hair, as far as there are any.
    locks = np.clip(light / max(mean, 25.0), 0.3, 1.6)
    locks = 1.0 + (cv2.GaussianBlur(locks, (0, 0), 0.8) - 1.0) * (1.0 - painted)
    tone = locks * (1.0 + 0.13 * strands(rng, style.parting, framing))
    tone = np.clip(tone + 0.08 * smooth_noise(rng, (5, 4), framing), 0.3, 1.9)
    color = tone[..., None] * np.array(style.color, np.float32)
    # A soft shadow on the skin keeps painted hair from looking pasted on.
    shadow = np.roll(cv2.GaussianBlur(painted, (0, 0), 5.0), 3, axis=0)
    image = image * (1.0 - 0.3 * shadow * (1.0 - painted))[..., None]
    mask = np.maximum(natural, painted)
    mixed = image * (1.0 - mask[..., None]) + color * mask[..., None]
    return mixed.astype(np.float32), mask


def background(
    rng: np.random.Generator, wall: tuple[float, float] = (40.0, 190.0),
    framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Draw a plain, slightly uneven wall.

    Args:
        rng: Source of randomness.
        wall: Range of its brightness, gray levels.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W, 3)`` float32 BGR.

    Examples:
        >>> background(np.random.default_rng(0)).shape
        (340, 280, 3)
    """
    color = rng.uniform(*wall) * np.ones(3) + rng.normal(0.0, 8.0, 3)
    slope = rng.normal(0.0, 18.0, 2)
    x, y = np.moveaxis(face_grid(framing), -1, 0)
    uneven = slope[0] * x + slope[1] * y + 3.0 * smooth_noise(rng, (5, 4), framing)
    picture = color + uneven[..., None]
    return np.clip(picture, 0.0, 255.0).astype(np.float32)
