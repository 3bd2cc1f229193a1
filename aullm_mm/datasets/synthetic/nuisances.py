# Copyright (c) AULLM-MM contributors.
"""What else changes in a clip: head drift, light, noise, blinks, twitches."""
from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .au_pulls import AU_PULLS
from .geometry import CASME2_FRAMING, Framing, crop_bump, smooth_noise
from .head_motion import draw_drift, draw_turn
from .movements import Movement
from .studio import CASME2_STUDIO, Studio
from .timecourse import blink_course, random_walk

FRAME_RATE = 200.0
UNCODED_LIMIT = 0.15  # of the full movement
UNCODED_COUNT = 3
NOISE_BANK = 96  # extra rows and columns of the noise bank


@dataclass(frozen=True)
class Nuisances:
    """Everything in one clip that is not a coded movement.

    Attributes:
        drift: ``(T, 2, 3)`` affine motion of the head, pixels.
        gain: ``(T,)`` brightness factor.
        tilt: ``(T,)`` strength of the change of light across the face.
        tilt_field: ``(H, W)`` that change.
        blink: ``(T,)`` closing of the lids, 0..1.
        twitches: ``(k, 2, H, W)`` uncoded motions, pixels.
        twitch_course: ``(k, T)`` their time courses.
        turn: ``(2, T)`` turning and nodding of the head, radians.
        uncoded: Movements too weak for a coder.
        noise: Standard deviation of the sensor noise, gray levels.
        quality: JPEG quality.

    Examples:
        >>> still = draw_nuisances(np.random.default_rng(0), 30, 0.0)
        >>> bool(still.blink.max() == 0.0), still.noise
        (True, 0.0)
    """

    drift: np.ndarray
    gain: np.ndarray
    tilt: np.ndarray
    tilt_field: np.ndarray
    blink: np.ndarray
    twitches: np.ndarray
    twitch_course: np.ndarray
    turn: np.ndarray
    uncoded: tuple[Movement, ...]
    noise: float
    quality: int


def draw_twitches(
    rng: np.random.Generator, count: int, strength: float,
    framing: Framing = CASME2_FRAMING
) -> tuple[np.ndarray, np.ndarray]:
    """Draw small smooth motions of skin that no coder would code.

    Args:
        rng: Source of randomness.
        count: Frames.
        strength: Factor on their size; at 1 about half a pixel.
        framing: Which part of the face is seen, and how large.

    Returns:
        Fields ``(k, 2, H, W)`` in pixels and courses ``(k, count)``.

    Examples:
        >>> fields, courses = draw_twitches(np.random.default_rng(0), 9, 1.0)
        >>> fields.shape[0] == courses.shape[0] == 4
        True
    """
    fields, courses = [], []
    for _ in range(4):
        center = rng.uniform((-0.8, -0.5), (0.8, 1.5))
        radius = rng.uniform(0.15, 0.5, 2)
        size = strength * framing.inter_ocular * 0.0055 * np.exp(
            rng.normal(0.0, 0.5))
        angle = rng.uniform(0.0, 2 * np.pi)
        vector = size * np.array([np.cos(angle), np.sin(angle)])
        fields.append(vector[:, None, None] * crop_bump(center, radius, framing))
        courses.append(random_walk(rng, count, rng.uniform(6.0, 25.0)))
    return np.stack(fields).astype(np.float32), np.stack(courses)


def draw_light(
    rng: np.random.Generator, count: int, strength: float,
    studio: Studio = CASME2_STUDIO
) -> tuple[np.ndarray, np.ndarray]:
    """Draw mains flicker and slow changes of gain.

    Args:
        rng: Source of randomness.
        count: Frames.
        strength: Factor on all of it.
        studio: Whose lamps they are.

    Returns:
        Brightness factor ``(count,)`` and the strength ``(count,)`` of the
        change across the face.

    Examples:
        >>> gain, tilt = draw_light(np.random.default_rng(0), 9, 0.0)
        >>> float(gain.min()), float(abs(tilt).max())
        (1.0, 0.0)
    """
    time = np.arange(count) / FRAME_RATE
    # 100 Hz flicker at 200 frames a second beats slowly.
    beat = np.sin(2 * np.pi * rng.uniform(0.5, 12.0) * time + rng.uniform(0, 6))
    flicker = rng.uniform(0.0, studio.flicker) * beat
    slow = rng.uniform(0.0, studio.slow) * random_walk(rng, count, 30.0)
    tilt = rng.uniform(0.0, studio.tilt) * random_walk(rng, count, 30.0)
    return 1.0 + strength * (flicker + slow), strength * tilt


def draw_blinks(
    rng: np.random.Generator, count: int, strength: float
) -> np.ndarray:
    """Draw whether the clip holds a blink, and the jitter of the lids.

    Args:
        rng: Source of randomness.
        count: Frames.
        strength: Factor on the rate of blinks and on the jitter.

    Shapes:
        returns: ``(count,)``, 0 open, 1 shut.

    Examples:
        >>> draw_blinks(np.random.default_rng(0), 40, 0.0).max()
        np.float64(0.0)
    """
    course = strength * 0.02 * random_walk(rng, count, 10.0)
    # Clips with full blinks were mostly discarded by the coders.
    if rng.random() < 0.12 * strength:
        start = int(rng.integers(-30, max(count - 10, 1)))
        course = course + blink_course(rng, count, start)
    return np.clip(course, -0.15, 1.0)


def draw_uncoded(
    rng: np.random.Generator, strength: float
) -> tuple[Movement, ...]:
    """Draw traces of AUs below what a coder would code.

    Args:
        rng: Source of randomness.
        strength: Factor on their intensity; at 1 up to 0.15.

    Returns:
        A few movements.

    Examples:
        >>> len(draw_uncoded(np.random.default_rng(0), 1.0))
        3
    """
    aus = rng.choice(sorted(AU_PULLS), size=UNCODED_COUNT, replace=False)
    sides = rng.choice(['L', 'R', ''], size=UNCODED_COUNT)
    return tuple(
        Movement(int(au), str(side) or None,
                 strength * float(rng.uniform(0.0, UNCODED_LIMIT)))
        for au, side in zip(aus, sides))


def draw_nuisances(
    rng: np.random.Generator, count: int, strength: float,
    studio: Studio = CASME2_STUDIO
) -> Nuisances:
    """Draw all nuisances of a clip.

    Args:
        rng: Source of randomness.
        count: Frames.
        strength: 0 for none of them, 1 for what real clips show.
        studio: Where the clip is recorded.

    Returns:
        The nuisances.

    Examples:
        >>> draw_nuisances(np.random.default_rng(0), 30, 1.0).drift.shape
        (30, 2, 3)
    """
    framing = studio.framing
    drift = draw_drift(rng, count, strength, framing)
    gain, tilt = draw_light(rng, count, strength, studio)
    twitches, courses = draw_twitches(rng, count, strength, framing)
    return Nuisances(
        drift=drift, gain=gain, tilt=tilt,
        tilt_field=smooth_noise(rng, (3, 3), framing),
        blink=draw_blinks(rng, count, strength), twitches=twitches,
        twitch_course=courses, turn=draw_turn(rng, count, strength),
        uncoded=draw_uncoded(rng, strength),
        noise=strength * float(rng.uniform(*studio.noise)),
        quality=int(rng.integers(*studio.quality)) if strength else 97)


def noise_bank(
    rng: np.random.Generator, studio: Studio = CASME2_STUDIO
) -> np.ndarray:
    """Draw sensor noise once, larger than a frame, to be cut at random.

    Args:
        rng: Source of randomness.
        studio: Whose camera it is.

    Shapes:
        returns: ``(H + 96, W + 96, 3)`` float32 of about unit deviation, without
            the last axis if the camera is gray.

    Examples:
        >>> noise_bank(np.random.default_rng(0)).shape
        (436, 376, 3)
    """
    height, width = studio.framing.size
    size = (height + NOISE_BANK, width + NOISE_BANK, studio.channels)
    noise = rng.standard_normal(size, dtype=np.float32)
    noise = noise[..., 0] if studio.gray else noise
    # The colour filter of a camera ties neighbouring pixels together.
    noise = 0.75 * noise + studio.noise_blur * cv2.GaussianBlur(noise, (0, 0), 0.9)
    return noise / noise.std()
