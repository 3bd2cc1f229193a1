# Copyright (c) AULLM-MM contributors.
"""Frames of a clip: a person's neutral picture, moved and lit."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from .eyelids import close_lids, find_lids
from .geometry import CASME2_FRAMING, Framing
from .movements import Movement, displacement_field, draw_style, fold_field
from .nuisances import NOISE_BANK, Nuisances, draw_nuisances  # noqa: F401 (doctests)
from .scene import Scene
from .subjects import Subject
from .timecourse import draw_activation

# Micro-expressions show a tenth to a third of a full movement, a little more
# at times.
INTENSITY_RANGE = (0.12, 0.40)


@dataclass(frozen=True)
class Motion:
    """Summed movements of a clip, ready to be rendered.

    Attributes:
        fields: ``(m, 2, H, W)`` displacements x and y, pixels.
        courses: ``(m, T)`` their strengths.
        folds: ``(f, H, W)`` darkening.
        fold_courses: ``(f, T)`` their strengths.

    Examples:
        >>> empty = np.zeros((0, 2, 340, 280), np.float32)
        >>> Motion(empty, np.zeros((0, 3)), empty[:, 0], np.zeros((0, 3)))
        ... # doctest: +ELLIPSIS
        Motion(...)
    """

    fields: np.ndarray
    courses: np.ndarray
    folds: np.ndarray
    fold_courses: np.ndarray


def draw_intensity(
    rng: np.random.Generator, amplitude: float
) -> float:
    """Draw how strong a movement is.

    Args:
        rng: Source of randomness.
        amplitude: Factor on the usual range.

    Returns:
        Share of the full movement.

    Examples:
        >>> 0.1 < draw_intensity(np.random.default_rng(0), 1.0) < 0.5
        True
    """
    low, high = INTENSITY_RANGE
    return float(amplitude * (low + (high - low) * rng.beta(1.0, 2.4)))


def plan_motion(
    subject: Subject, movements: tuple[Movement, ...], nuisances: Nuisances,
    count: int, apex: int, rng: np.random.Generator, seed: int
) -> Motion:
    """Turn the movements of a clip into fields and time courses.

    Args:
        subject: The person.
        movements: What is shown.
        nuisances: Whose twitches are added.
        count: Frames T.
        apex: Apex, 0-based within the clip.
        rng: Randomness of the clip.
        seed: Seed of the corpus, for the person's own style.

    Returns:
        The motion.

    Examples:
        >>> from .subjects import make_subject
        >>> rng = np.random.default_rng(0)
        >>> motion = plan_motion(
        ...     make_subject(0, 1), (Movement(4, None, 0.2),),
        ...     draw_nuisances(rng, 12, 0.0), 12, 6, rng, 0)
        >>> motion.courses.shape
        (10, 12)
    """
    fields, folds, courses = [], [], []
    framing = subject.studio.framing
    for movement in movements + nuisances.uncoded:
        person = subject.studio.rng(seed, 2, subject.number, movement.au)
        style = draw_style(person, rng)
        fields.append(displacement_field(
            movement.au, subject.shape, style, movement.side, framing))
        folds.append(fold_field(
            movement.au, subject.shape, movement.side, style.balance, framing))
        courses.append(movement.intensity * draw_activation(rng, count, apex))
    folds = np.reshape(folds, (-1, *framing.size))
    fields = np.reshape(fields, (-1, 2, *framing.size))
    fold_courses = np.reshape(courses, (-1, count))
    everything = (fields, nuisances.twitches, turning_fields(subject.depth, framing))
    all_courses = (fold_courses, nuisances.twitch_course, nuisances.turn)
    return Motion(
        np.concatenate(everything).astype(np.float32),
        np.concatenate(all_courses).astype(np.float32),
        folds.astype(np.float32), fold_courses.astype(np.float32))


def turning_fields(
    depth: np.ndarray, framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Return how a face moves when the head turns by one radian, nearly.

    A point at depth z moves sideways by z times the angle, so near parts go
    against far ones; the mean motion is left to the drift.

    Args:
        depth: ``(H, W)`` depth in inter-ocular distances.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(2, 2, H, W)`` pixels, for turning and for nodding.

    Examples:
        >>> turning_fields(np.ones((340, 280), np.float32)).max()
        np.float32(0.0)
    """
    parallax = framing.inter_ocular * (depth - depth.mean())
    still = np.zeros_like(parallax)
    return np.stack([[parallax, still], [still, parallax]])


def render_frames(
    subject: Subject, motion: Motion, nuisances: Nuisances,
    bank: np.ndarray, rng: np.random.Generator, scene: Scene | None = None
) -> Iterator[np.ndarray]:
    """Render a clip frame by frame.

    A pixel at p shows the neutral picture at ``A^-1 (p - b) - d(p)``: head
    drift (A, b) undone, then the displacement d, small and smooth enough for
    its value at p to serve for its value at the source.

    Args:
        subject: The person.
        motion: Movements and twitches.
        nuisances: Head drift, light, blinks and noise.
        bank: Noise to cut from, of ``noise_bank``.
        rng: Randomness of the noise.
        scene: What else happens beside the face; None for nothing.

    Yields:
        ``(H, W, 3)`` uint8 BGR frames, or ``(H, W)`` gray ones.

    Examples:
        >>> from .nuisances import noise_bank
        >>> from .subjects import make_subject
        >>> rng, person = np.random.default_rng(0), make_subject(0, 1)
        >>> still = draw_nuisances(rng, 8, 0.0)
        >>> motion = plan_motion(person, (), still, 8, 4, rng, 0)
        >>> clip = list(render_frames(person, motion, still, noise_bank(rng), rng))
        >>> len(clip), bool((clip[0] == clip[7]).all())
        (8, True)
    """
    framing, channels = subject.studio.framing, subject.studio.channels
    xs = np.arange(framing.width, dtype=np.float32)[None]
    ys = np.arange(framing.height, dtype=np.float32)[:, None]
    eyes = find_lids(subject.shape, framing)
    for t in range(len(nuisances.gain)):
        back = cv2.invertAffineTransform(nuisances.drift[t]).astype(np.float32)
        moved = _weighted_sum(motion.courses[:, t], motion.fields)  # (2, H, W)
        map_x, map_y = (
            (row[0] * xs + row[2]) + row[1] * ys - part
            for row, part in zip(back, moved))
        if abs(nuisances.blink[t]) > 1e-3:
            for lids in eyes:
                close_lids(map_y, lids, float(nuisances.blink[t]))
        image = scene.behind(subject.image, t) if scene else subject.image
        frame = cv2.remap(
            image, map_x, map_y, cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE)
        light = nuisances.gain[t] + nuisances.tilt[t] * nuisances.tilt_field
        if len(motion.folds):
            light *= 1.0 - _weighted_sum(motion.fold_courses[:, t], motion.folds)
        light = scene.lit(light, t) if scene else light
        frame = cv2.multiply(frame, cv2.merge([light.astype(np.float32)] * channels))
        y, x = rng.integers(0, NOISE_BANK, 2)
        noise = bank[y:y + framing.height, x:x + framing.width]
        frame = cv2.scaleAdd(noise, nuisances.noise, frame)
        # Rounds and saturates, in one pass.
        yield cv2.add(frame, 0.0, dtype=cv2.CV_8U)


def _weighted_sum(weights: np.ndarray, fields: np.ndarray) -> np.ndarray:
    # Not a matrix product: BLAS would start threads in every process, whose
    # idle spinning costs more than the sum itself.
    flat = fields.reshape(len(fields), -1, fields.shape[-1])
    total = np.zeros(flat.shape[1:], np.float32)
    for weight, field in zip(weights, flat):
        cv2.scaleAdd(field, float(weight), total, dst=total)
    return total.reshape(fields.shape[1:])
