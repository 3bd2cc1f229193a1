# Copyright (c) AULLM-MM contributors.
"""How the pictures of a corpus are taken: framing, lamps, camera."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .geometry import CASME2_FRAMING, Framing


@dataclass(frozen=True)
class Studio:
    """Where one corpus is recorded.

    Ranges are drawn from evenly; the values of a clip's light scale with its
    nuisance. The defaults are those of the CASME II layout.

    Attributes:
        framing: Which part of the face is seen, and how large.
        gray: Whether the camera is monochrome.
        blur: Range of the optics' blur, standard deviation in pixels.
        gamma: Range of the exponent of the picture's tone curve.
        light: Mean direction ``(x, y)`` that the light comes from: x to the
            picture's right, y down; 0 is from the front.
        light_spread: Standard deviations of that direction.
        contrast: Range of the contrast of light and shadow.
        wall: Range of the wall's brightness, gray levels.
        flicker: Largest mains flicker, relative to the brightness.
        slow: Largest slow change of the brightness, relative.
        tilt: Largest change of light across the face, relative.
        noise: Range of the sensor noise, standard deviation in gray levels.
        noise_blur: How much neighbouring pixels share their noise, as those
            under a colour filter do; 0 for not at all.
        quality: Range of JPEG qualities, the upper one excluded.
        salt: Added to every seed, so that the people of two studios differ.

    Examples:
        >>> Studio().channels, Studio(gray=True).channels
        (3, 1)
    """

    framing: Framing = CASME2_FRAMING
    gray: bool = False
    blur: tuple[float, float] = (0.4, 0.75)
    gamma: tuple[float, float] = (0.85, 1.2)
    light: tuple[float, float] = (0.0, 0.0)
    light_spread: tuple[float, float] = (0.6, 0.4)
    contrast: tuple[float, float] = (0.1, 0.45)
    wall: tuple[float, float] = (40.0, 190.0)
    flicker: float = 0.012
    slow: float = 0.015
    tilt: float = 0.012
    noise: tuple[float, float] = (1.0, 2.2)
    noise_blur: float = 0.6
    quality: tuple[int, int] = (88, 97)
    salt: tuple[int, ...] = ()

    @property
    def channels(self) -> int:
        """Colour channels of a frame."""
        return 1 if self.gray else 3

    def rng(self, *keys: int) -> np.random.Generator:
        """Return the source of randomness of one purpose.

        Args:
            *keys: Seed of the corpus, number of the purpose, and what it is
                for, as a subject or a clip.

        Returns:
            The same stream for the same keys and studio.

        Examples:
            >>> Studio(salt=(5,)).rng(0, 1).random() == Studio().rng(0, 1).random()
            False
        """
        return np.random.default_rng([*keys, *self.salt])


CASME2_STUDIO = Studio()
