# Copyright (c) AULLM-MM contributors.
"""A head that moves through a picture by a motion that is known exactly.

The drift of ``head_motion`` is what registration leaves; this is what it is there for:
a person who sways before a webcam.
"""
from __future__ import annotations

from typing import Iterator, NamedTuple, Sequence

import cv2
import numpy as np

from aullm_mm.faces import Pose, stable_pose

from .movements import MovementStyle, displacement_field
from .subjects import Subject

#: Height and width of the picture, and pixels between the eyes.
PICTURE, EYE_DISTANCE = (480, 640), 85.0
# Point of the crop that the head turns about, and where it is in the picture.
PIVOT, PLACE = (140.0, 150.0), (320.0, 230.0)
# Standard deviations at strength 1: shifts in pixels, roll in radians, growth.
SWAY = (16.0, 9.0, 0.06, 0.027)
FREQUENCIES = (0.15, 1.2)  # Hz
WAVES = 4
#: A typical micro-expression: share of the full movement, seconds to its peak.
MICRO_INTENSITY, MICRO_RISE = 0.25, 0.25


class SwayClip(NamedTuple):
    """A film of one person whose head sways.

    Args:
        frames: ``(480, 640, 3)`` uint8 each.
        seconds: Their times.
        exact: Where the head is, from the motion that was applied.

    Examples:
        >>> SwayClip([], [], []).frames
        []
    """

    frames: list[np.ndarray]
    seconds: list[float]
    exact: list[Pose]


def draw_sway(rng: np.random.Generator, seconds: Sequence[float], strength: float = 1.0
              ) -> np.ndarray:
    """Draw the motion of a head: shift, roll and approach, all under 1.2 Hz.

    Args:
        rng: Source of randomness.
        seconds: Times of the frames.
        strength: Factor on its size; at 1 about 20 pixels, 3.4 degrees and 3 per cent
            at 85 pixels between the eyes. Defaults to 1.

    Shapes:
        returns: ``(T, 2, 3)``, from pixels of the person's crop to the picture.

    Examples:
        >>> still = draw_sway(np.random.default_rng(0), [0.0, 0.5], strength=0.0)
        >>> still.shape, bool((still[0] == still[1]).all())
        ((2, 2, 3), True)
    """
    rate = rng.uniform(*FREQUENCIES, (4, WAVES))
    size = rng.normal(0.0, 1.0, (4, WAVES)) / (1 + 2 * rate)
    phase = rng.uniform(0.0, 2 * np.pi, (4, WAVES))
    angle = 2 * np.pi * rate * np.asarray(seconds)[:, None, None] + phase
    x, y, roll, growth = strength * (
        np.array(SWAY)[:, None] * (size * np.sin(angle)).sum(2).T)
    scale = EYE_DISTANCE / 108 * np.exp(growth)  # crops have 108 pixels there
    cos, sin = scale * np.cos(roll), scale * np.sin(roll)
    turn = np.array([[cos, -sin], [sin, cos]]).transpose(2, 0, 1)  # (T, 2, 2)
    shift = np.array(PLACE) + np.stack([x, y], 1) - turn @ np.array(PIVOT)
    return np.concatenate([turn, shift[:, :, None]], axis=2)


def film_head(
    subject: Subject, motion: np.ndarray, noise: float = 1.6,
    rng: np.random.Generator | None = None, au: int = 12,
    course: Sequence[float] | None = None
) -> Iterator[np.ndarray]:
    """Film a person whose head moves, and one AU if wanted.

    Args:
        subject: The person.
        motion: ``(T, 2, 3)`` of :func:`draw_sway`.
        noise: Standard deviation of the sensor noise, gray levels. Defaults to 1.6.
        rng: Randomness of the noise; None for none at all. Defaults to None.
        au: The AU. Defaults to 12.
        course: ``(T,)`` share of its full movement; None for a still face. Defaults to
            None.

    Yields:
        ``(480, 640, 3)`` uint8 BGR, or ``(480, 640)`` for a gray studio.

    Examples:
        >>> from .subjects import make_subject
        >>> sway = draw_sway(np.random.default_rng(0), [0.0, 0.5])
        >>> next(film_head(make_subject(0, 1), sway)).shape
        (480, 640, 3)
    """
    height, width = PICTURE
    xs = np.arange(width, dtype=np.float32)[None]
    ys = np.arange(height, dtype=np.float32)[:, None]
    field = np.moveaxis(displacement_field(
        au, subject.shape, MovementStyle(0.0, 1.0, 0.0), None, subject.studio.framing),
        0, -1)
    for t, matrix in enumerate(motion):
        back = cv2.invertAffineTransform(matrix).astype(np.float32)
        map_x, map_y = ((row[0] * xs + row[2]) + row[1] * ys for row in back)
        if course is not None and course[t]:
            # Small and smooth: its value at a place serves for that at its source.
            pull = np.float32(course[t]) * cv2.remap(
                field, map_x, map_y, cv2.INTER_LINEAR)
            map_x, map_y = map_x - pull[..., 0], map_y - pull[..., 1]
        frame = cv2.remap(subject.image, map_x, map_y, cv2.INTER_CUBIC,
                          borderMode=cv2.BORDER_REPLICATE)
        if rng is not None:
            frame = frame + noise * rng.standard_normal(frame.shape, dtype=np.float32)
        yield np.clip(np.rint(frame), 0, 255).astype(np.uint8)


def film_sway(subject: Subject, fps: float, length: float, seed: int,
              onset: float | None = None) -> SwayClip:
    """Film a person for some time, with a smile (AU12) of a micro-expression if wanted.

    Args:
        subject: The person.
        fps: Frames per second.
        length: Seconds.
        seed: Of head motion and noise.
        onset: Second at which the smile begins; it stays. None for a still face.
            Defaults to None.

    Returns:
        The film with the true poses: those of the person's own stable points.

    Examples:
        >>> from .subjects import make_subject
        >>> clip = film_sway(make_subject(0, 1), fps=10, length=0.3, seed=0, onset=None)
        >>> len(clip.frames), len(clip.exact), clip.seconds[-1]
        (3, 3, 0.2)
    """
    rng = np.random.default_rng([seed, subject.number, round(fps)])
    seconds = np.arange(round(length * fps)) / fps
    motion = draw_sway(rng, seconds)
    course = None
    if onset is not None:
        rise = np.clip((seconds - onset) / MICRO_RISE, 0, 1)
        course = MICRO_INTENSITY * (0.5 - 0.5 * np.cos(np.pi * rise))
    points = np.column_stack([subject.points, np.ones(len(subject.points))])
    return SwayClip(list(film_head(subject, motion, rng=rng, course=course)),
                    seconds.tolist(),
                    [stable_pose(points @ matrix.T) for matrix in motion])
