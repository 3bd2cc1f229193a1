# Copyright (c) AULLM-MM contributors.
"""Lamps that swell and things that pass behind a head, with the movement."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from .geometry import Framing, ramp, smooth_noise
from .light import relight
from .spurious import ABOVE
from .subjects import Subject
from .timecourse import activation

# Contrast of the shading by the lamp at its strongest, and how much of the light
# its cast shadows take: brightness changes by up to 8 to 20 per cent on 80 per cent
# of a face.
LAMP_CONTRAST, LAMP_SHADOW = (0.2, 0.35), (0.12, 0.22)
LAMP_SLOPE = 0.45  # of its rays against the picture: a lamp above or below the head
# What passes behind the head: contrast in gray levels, way in eye distances.
BACKDROP_CONTRAST, BACKDROP_WAY = (18.0, 30.0), (0.04, 0.08)
BACKDROP_CELLS = (19, 15)
REST = 0.2  # what is left of lamp and way at the offset


@dataclass(frozen=True)
class Scene:
    """What happens beside the face in one clip.

    Attributes:
        course: ``(T,)`` how far it has got, 0 at the onset, 1 at the apex.
        lamp: ``(H, W)`` relative change of brightness at 1; None for no lamp.
        backdrop: ``(H, W)`` texture before the wall in gray levels; None for none.
        wall: ``(H, W)`` where wall is seen, 0..1.
        way: Pixels that the backdrop moves down until the apex.

    Examples:
        >>> Scene(course=np.zeros(3)).lamp is None
        True
    """

    course: np.ndarray
    lamp: np.ndarray | None = None
    backdrop: np.ndarray | None = None
    wall: np.ndarray | None = None
    way: float = 0.0

    def at(self, moments: Sequence[int]) -> Scene:
        """Keep a few moments only, all if none is given.

        Args:
            moments: Numbers of frames from 0.
        """
        return replace(self, course=self.course[list(moments)]) if moments else self

    def behind(self, image: np.ndarray, t: int) -> np.ndarray:
        """Return the neutral picture with the backdrop where it is in a frame.

        Args:
            image: ``(H, W, 3)`` or ``(H, W)`` float32.
            t: Frame, from 0.
        """
        if self.backdrop is None:
            return image
        move = np.float32([[1, 0, 0], [0, 1, self.way * self.course[t]]])
        moved = cv2.warpAffine(
            self.backdrop, move, image.shape[1::-1], borderMode=cv2.BORDER_REFLECT)
        moved *= self.wall
        return image + (moved if image.ndim == 2 else moved[..., None])

    def lit(self, light: np.ndarray, t: int) -> np.ndarray:
        """Return the light on the face in a frame, the lamp added.

        Args:
            light: ``(H, W)`` factor on the brightness.
            t: Frame, from 0.
        """
        return light if self.lamp is None else light * (1 + self.course[t] * self.lamp)


def cast_shadow(depth: np.ndarray, sign: float, framing: Framing) -> np.ndarray:
    """Return where a lamp above or below the head is hidden by the face itself.

    A point is in shadow if the surface between it and the lamp rises above the ray.

    Args:
        depth: ``(H, W)`` of ``depth_map``, smaller towards the camera.
        sign: -1 for a lamp above the head, 1 for one below.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32, 1 in full shadow.

    Examples:
        >>> step = np.zeros((340, 280), np.float32)
        >>> step[:170] = -0.5  # the upper half is nearer
        >>> shadow = cast_shadow(step, -1.0, Framing())
        >>> shadow[[130, 180, 330], 9].tolist()
        [0.0, 1.0, 0.0]
    """
    hidden = np.zeros_like(depth)
    size = depth.shape[::-1]
    for way in np.arange(0.04, 1.2, 0.04):
        shift = np.float32([[1, 0, 0], [0, 1, -sign * way * framing.inter_ocular]])
        toward = cv2.warpAffine(depth, shift, size, borderMode=cv2.BORDER_REPLICATE)
        np.maximum(hidden, depth - toward - LAMP_SLOPE * way, out=hidden)
    return ramp(hidden, 0.0, 0.06).astype(np.float32)


def make_scene(
    rng: np.random.Generator, subject: Subject, kind: str, side: str, length: int,
    peak: int
) -> Scene:
    """Draw the spurious nuisance of a clip.

    Args:
        rng: Source of randomness.
        subject: The person.
        kind: ``'light'`` or ``'background'``.
        side: ``'above'`` or ``'below'``: where the lamp is, where the backdrop goes.
        length: Frames T of the whole clip.
        peak: Its apex, from 0.

    Returns:
        The scene; its course is 1 at the apex.

    Examples:
        >>> from .subjects import make_subject
        >>> scene = make_scene(
        ...     np.random.default_rng(0), make_subject(0, 1), 'light', 'above', 9, 4)
        >>> bool(scene.lamp[60, 140] > 0.05 > -0.05 > scene.lamp[290, 140])
        True
    """
    framing = subject.studio.framing
    sign = -1.0 if side == ABOVE else 1.0
    course = activation(np.arange(length), 0, peak, length - 1, rest=REST)
    if kind == 'light':
        contrast, dark = rng.uniform(*LAMP_CONTRAST), rng.uniform(*LAMP_SHADOW)
        shade = relight(
            subject.depth, np.array([rng.uniform(-0.2, 0.2), sign]), contrast, framing)
        shade *= 1.0 - np.float32(dark) * cast_shadow(subject.depth, sign, framing)
        return Scene(course, lamp=shade - 1.0)
    texture = smooth_noise(rng, BACKDROP_CELLS, framing)
    way = sign * framing.inter_ocular * rng.uniform(*BACKDROP_WAY)
    return Scene(
        course, backdrop=np.float32(rng.uniform(*BACKDROP_CONTRAST)) * texture,
        wall=subject.wall, way=way)
