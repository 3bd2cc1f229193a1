# Copyright (c) AULLM-MM contributors.
"""New people out of two portraits: geometry, texture, complexion, camera."""
from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from . import complexion, hair
from .geometry import (CASME2_FRAMING, Framing, bump, face_grid, ramp,
                       to_pixels)
from .identity import draw_shape, neutralize
from .light import depth_map, relight
from .mixture import draw_mixture, texture_mask
from .portraits import load_portraits
from .studio import CASME2_STUDIO, Studio
from .texture import blend, match_color, skin_mask, warp_portrait


@dataclass(frozen=True)
class Subject:
    """One semi-synthetic person.

    Attributes:
        number: Subject number, from 1.
        image: ``(H, W, 3)`` float32 BGR, or ``(H, W)`` gray; the neutral face.
        points: ``(468, 2)`` mesh in crop pixels.
        shape: ``(468, 3)`` mesh in inter-ocular distances.
        depth: ``(H, W)`` float32 depth, inter-ocular distances.
        wall: ``(H, W)`` float32, 1 where the wall is seen behind the head.
        studio: Where the picture was taken.

    Examples:
        >>> make_subject(seed=0, number=1).points.shape
        (468, 2)
    """

    number: int
    image: np.ndarray
    points: np.ndarray
    shape: np.ndarray
    depth: np.ndarray
    wall: np.ndarray
    studio: Studio = CASME2_STUDIO


def draw_texture(
    rng: np.random.Generator, shape: np.ndarray, glasses: bool,
    framing: Framing = CASME2_FRAMING
) -> tuple[np.ndarray, np.ndarray]:
    """Blend both portraits on one mesh.

    Args:
        rng: Source of randomness.
        shape: ``(468, 3)`` mesh in inter-ocular distances.
        glasses: Whether the person wears glasses.
        framing: Which part of the face is seen, and how large.

    Returns:
        The picture ``(H, W, 3)`` float32 BGR, and the masks
        ``(H, W, 2)`` of head and hair.

    Examples:
        >>> face = load_portraits()[0].shape
        >>> draw_texture(np.random.default_rng(0), face, False)[0].shape
        (340, 280, 3)
    """
    hopper, astronaut = load_portraits()
    flips = rng.random(2) < 0.5
    first, first_masks = warp_portrait(hopper, shape, bool(flips[0]), framing)
    second, second_masks = warp_portrait(
        astronaut, shape, bool(flips[1]), framing)
    mask = skin_mask(shape, framing)
    # The enlarged portrait is softer: bring its detail to the other's level.
    soft = cv2.GaussianBlur(second, (0, 0), 2.0)
    second = np.clip(second + 0.6 * (second - soft), 0.0, 255.0)
    first = complexion.smooth_skin(first, mask, float(rng.uniform(0.2, 1.0)))
    first = match_color(first, second, mask)
    mixture = draw_mixture(rng, glasses)
    share = texture_mask(shape, mixture, framing)
    mixed = blend(first, second, share)
    head = first_masks if mixture.surround else second_masks
    hairy = share * first_masks[..., 1] + (1.0 - share) * second_masks[..., 1]
    return np.clip(mixed, 0.0, 255.0), np.stack([head[..., 0], hairy], axis=-1)


def draw_complexion(
    rng: np.random.Generator, image: np.ndarray, shape: np.ndarray,
    glasses: bool, studio: Studio = CASME2_STUDIO
) -> np.ndarray:
    """Give a blended face its own skin, brows, lips, wrinkles and light.

    Args:
        rng: Source of randomness.
        image: ``(H, W, 3)`` float32 BGR.
        shape: ``(468, 3)`` mesh in inter-ocular distances.
        glasses: Whether brows are hidden by glasses.
        studio: Where the picture is taken.

    Shapes:
        returns: ``(H, W, 3)`` float32 BGR.

    Examples:
        >>> face = load_portraits()[0].shape
        >>> gray = np.full((340, 280, 3), 100.0, np.float32)
        >>> draw_complexion(np.random.default_rng(0), gray, face, True).shape
        (340, 280, 3)
    """
    framing = studio.framing
    grid = face_grid(framing)
    head = ramp(
        (grid[..., 0] / 1.2) ** 2 + ((grid[..., 1] - 0.6) / 1.5) ** 2, 1.1, 0.85)
    # Eyes keep their white, so that dark skin does not turn them brown.
    for center in ((-0.5, 0.0), (0.5, 0.0)):
        head = head * (1.0 - 0.7 * bump(grid, center, (0.14, 0.05)))
    tone = rng.uniform(0.0, 1.0)
    image = complexion.tint(
        image, head, np.array([rng.normal(3.0, 3.0), rng.normal(5.0, 4.0)]),
        float(1.06 - 0.5 * tone ** 1.6))
    image = complexion.paint_lips(
        image, shape, float(rng.normal(5.0, 5.0)), float(rng.uniform(0.8, 1.0)),
        framing)
    if not glasses:
        image = complexion.paint_brows(
            image, shape, float(rng.uniform(0.5, 1.5)),
            float(rng.uniform(0.0, 0.7)), framing)
    factor = complexion.wrinkles(
        rng, shape, float(rng.uniform(0.0, 0.45)), framing)
    factor = factor * complexion.blotches(
        rng, float(rng.uniform(0.0, 0.02)), framing)
    if rng.random() < 0.3:
        factor = factor * complexion.freckles(
            rng, 60, (0.8, 1.6), 0.2, framing)
    factor = factor * complexion.freckles(
        rng, int(rng.integers(0, 3)), (1.2, 2.4), 0.6, framing)
    if rng.random() < 0.35:
        factor = factor * complexion.stubble(
            rng, float(rng.uniform(0.06, 0.22)), framing)
    factor = factor * relight(
        depth_map(shape, framing), rng.normal(studio.light, studio.light_spread),
        float(rng.uniform(*studio.contrast)), framing)
    return image * factor[..., None]


def draw_camera(
    rng: np.random.Generator, image: np.ndarray, studio: Studio = CASME2_STUDIO
) -> np.ndarray:
    """Give a picture the look of one camera: blur, gamma, colour cast.

    Args:
        rng: Source of randomness.
        image: ``(H, W, 3)`` float32 BGR.
        studio: Where the picture is taken.

    Shapes:
        returns: ``(H, W, 3)`` float32 BGR, or ``(H, W)`` gray, 6..249.

    Examples:
        >>> gray = np.full((340, 280, 3), 100.0, np.float32)
        >>> draw_camera(np.random.default_rng(0), gray).dtype
        dtype('float32')
    """
    grain = rng.standard_normal(image.shape[:2]).astype(np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), 0.7)
    image = image * (1.0 + 0.03 * grain)[..., None]
    image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(*studio.blur)))
    image = np.clip(image / 255.0, 0.0, 1.0) ** float(
        rng.uniform(*studio.gamma))
    cast = 1.0 + rng.normal(0.0, 0.02, 3)
    # Room at both ends: flicker and gain must not clip.
    image = np.clip(6.0 + 243.0 * image * cast, 6.0, 249.0).astype(np.float32)
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if studio.gray else image


def make_subject(
    seed: int, number: int, studio: Studio = CASME2_STUDIO
) -> Subject:
    """Make one person, always the same for the same seed, number and studio.

    Args:
        seed: Seed of the corpus.
        number: Subject number, from 1.
        studio: Where the picture is taken.

    Returns:
        The person.

    Raises:
        ImportError: If a package that ships a portrait is missing.

    Examples:
        >>> one, again = make_subject(0, 1), make_subject(0, 1)
        >>> bool((one.image == again.image).all())
        True
    """
    rng = studio.rng(seed, 1, number)
    framing = studio.framing
    hopper, astronaut = load_portraits()
    shape = draw_shape(
        rng, hopper.shape, neutralize(astronaut.shape, hopper.shape))
    glasses = number % 5 == 3
    image, masks = draw_texture(rng, shape, glasses, framing)
    image = draw_complexion(rng, image, shape, glasses, studio)
    width = float(np.abs(shape[:, 0]).max())
    image, hairy = hair.color_hair(
        rng, np.clip(image, 0.0, 255.0).astype(np.float32), masks[..., 1],
        hair.draw_style(rng), width, framing)
    head = np.maximum(masks[..., 0], hairy)[..., None]
    wall = hair.background(rng, studio.wall, framing)
    image = image * head + wall * (1.0 - head)
    image = np.clip(image, 0.0, 255.0).astype(np.float32)
    image = draw_camera(rng, image, studio)
    return Subject(
        number, image, to_pixels(shape, framing), shape, depth_map(shape, framing),
        (1.0 - head[..., 0]).astype(np.float32), studio)
