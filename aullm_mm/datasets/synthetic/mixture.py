# Copyright (c) AULLM-MM contributors.
"""Which portrait gives which part of a new face's texture."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .geometry import CASME2_FRAMING, Framing, bump, face_grid, ramp


@dataclass(frozen=True)
class Mixture:
    """Which portrait gives which part of the texture, 1 for hopper.

    Attributes:
        eyes: Share of hopper around eyes and brows; 0 or 1, as half a pair
            of glasses looks wrong.
        nose: Share at the nose.
        mouth: Share at mouth and chin.
        cheeks: Share at the cheeks and jaw.
        surround: Share at hair, clothes and background; 0 or 1.

    Examples:
        >>> draw_mixture(np.random.default_rng(0), glasses=True).eyes
        1.0
    """

    eyes: float
    nose: float
    mouth: float
    cheeks: float
    surround: float


def draw_mixture(rng: np.random.Generator, glasses: bool) -> Mixture:
    """Draw which portrait gives which part.

    Args:
        rng: Source of randomness.
        glasses: Whether the person wears the glasses of one portrait.

    Returns:
        The mixture.

    Examples:
        >>> draw_mixture(np.random.default_rng(0), glasses=False).eyes
        0.0
    """
    return Mixture(
        eyes=float(glasses), nose=float(rng.uniform()),
        mouth=float(rng.choice([1.0, rng.uniform(0.0, 0.5)], p=[0.6, 0.4])),
        cheeks=float(rng.uniform(0.3, 1.0) if glasses else rng.uniform(0, 0.8)),
        surround=float(glasses or rng.uniform() < 0.3))


def texture_mask(
    shape: np.ndarray, mixture: Mixture, framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Return the share of the first portrait for every pixel.

    Args:
        shape: ``(468, 3)`` mesh in inter-ocular distances.
        mixture: Shares of the parts.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32 in 0..1.

    Examples:
        >>> from .portraits import load_portraits
        >>> face = load_portraits()[0].shape
        >>> mask = texture_mask(face, Mixture(1.0, 1.0, 1.0, 1.0, 1.0))
        >>> bool(np.allclose(mask, 1.0))
        True
    """
    grid = face_grid(framing)
    x, y = np.moveaxis(grid, -1, 0)
    inside = ramp((x / 1.12) ** 2 + ((y - 0.5) / 1.28) ** 2, 1.05, 0.8)
    mask = mixture.surround * (1.0 - inside) + mixture.cheeks * inside
    parts = (
        (mixture.mouth, 1.5 * bump(grid, (0.0, 1.1), (0.55, 0.3))),
        (mixture.nose, 1.4 * bump(grid, shape[4, :2] + (0, 0.02), (0.22, 0.2))),
        # Eyes and brows, out to the temples where the glasses' arms are.
        (mixture.eyes, ramp(y, -0.62, -0.42) * ramp(y, 0.52, 0.36)
         * ramp(np.abs(x), 1.3, 1.1)),
        # One hair, down to the hairline.
        (mixture.surround, ramp(y, -0.46, -0.58)),
    )
    for share, weight in parts:
        weight = np.clip(weight, 0.0, 1.0)
        mask = mask * (1.0 - weight) + share * weight
    return mask.astype(np.float32)
