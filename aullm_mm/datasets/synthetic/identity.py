# Copyright (c) AULLM-MM contributors.
"""Shapes of faces: mixtures of the portraits' meshes and random traits."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .geometry import bump, ramp
from .portraits import eye_centers, mirror_order

# Points around the mouth that the astronaut's smile has moved.
SMILE_CENTER, SMILE_RADIUS = (0.0, 1.0), (0.62, 0.42)


@dataclass(frozen=True)
class Trait:
    """A local change of the face's shape, seen as one number.

    Inside a Gaussian window around ``center`` (and its mirror image) the
    points are scaled about the centre and shifted:
    ``p += value * window(p) * (scale * (p - center) + shift)``.

    Attributes:
        name: What the trait is called.
        center: x and y in inter-ocular distances, x >= 0.
        radius: Standard deviations of the window.
        scale: Relative growth in x and y per unit of the value.
        shift: Outward and downward shift per unit of the value.

    Examples:
        >>> TRAITS[0].name
        'eye_size'
    """

    name: str
    center: tuple[float, float]
    radius: tuple[float, float]
    scale: tuple[float, float] = (0.0, 0.0)
    shift: tuple[float, float] = (0.0, 0.0)


# One unit of a trait is about one standard deviation among people.
TRAITS = (
    Trait('eye_size', (0.5, 0.0), (0.24, 0.16), scale=(0.08, 0.16)),
    Trait('eye_height', (0.5, 0.0), (0.25, 0.13), scale=(0.0, 0.16)),
    Trait('eye_spacing', (0.5, 0.0), (0.34, 0.3), shift=(0.035, 0.0)),
    Trait('eye_slant', (0.74, 0.0), (0.16, 0.14), shift=(0.0, 0.035)),
    Trait('brow_height', (0.55, -0.27), (0.5, 0.16), shift=(0.0, 0.06)),
    Trait('brow_slant', (0.85, -0.24), (0.25, 0.18), shift=(0.0, 0.05)),
    Trait('nose_length', (0.0, 0.62), (0.35, 0.26), shift=(0.0, 0.08)),
    Trait('nose_width', (0.0, 0.55), (0.3, 0.25), scale=(0.17, 0.0)),
    Trait('bridge_width', (0.0, 0.1), (0.2, 0.3), scale=(0.15, 0.0)),
    Trait('mouth_width', (0.0, 1.0), (0.5, 0.22), scale=(0.13, 0.0)),
    Trait('mouth_height', (0.0, 1.0), (0.5, 0.25), shift=(0.0, 0.06)),
    Trait('lip_fullness', (0.0, 1.0), (0.4, 0.13), scale=(0.0, 0.28)),
    Trait('chin_length', (0.0, 1.6), (0.6, 0.3), shift=(0.0, 0.09)),
    Trait('chin_width', (0.3, 1.55), (0.3, 0.22), shift=(0.07, 0.0)),
    Trait('jaw_width', (0.85, 1.1), (0.35, 0.45), shift=(0.075, 0.0)),
    Trait('cheek_width', (0.95, 0.4), (0.35, 0.4), shift=(0.06, 0.0)),
    Trait('forehead_width', (0.85, -0.5), (0.35, 0.35), shift=(0.05, 0.0)),
    Trait('forehead_height', (0.0, -0.75), (0.8, 0.25), shift=(0.0, -0.08)),
)


def apply_trait(points: np.ndarray, trait: Trait, value: float) -> np.ndarray:
    """Change a set of points by one trait, the same way on both sides.

    Args:
        points: ``(n, 3)`` mesh in inter-ocular distances.
        trait: The trait.
        value: Its value, about -2..2.

    Shapes:
        returns: ``(n, 3)``.

    Examples:
        >>> tip = np.array([[0.0, 0.62, 0.0]])
        >>> nose = next(t for t in TRAITS if t.name == 'nose_length')
        >>> apply_trait(tip, nose, 1.0).round(2).tolist()
        [[0.0, 0.7, 0.0]]
    """
    moved = points.copy()
    sides = (1.0,) if trait.center[0] == 0.0 else (-1.0, 1.0)
    for side in sides:
        center = np.array([side * trait.center[0], trait.center[1]])
        window = bump(points[:, :2], center, trait.radius)[:, None]
        change = np.array(trait.scale) * (points[:, :2] - center)
        change = change + np.array([side * trait.shift[0], trait.shift[1]])
        moved[:, :2] += value * window * change
    return moved


def neutralize(smiling: np.ndarray, neutral: np.ndarray) -> np.ndarray:
    """Give a smiling mesh the closed mouth of a neutral one.

    Args:
        smiling: ``(468, 3)`` normalized mesh.
        neutral: ``(468, 3)`` normalized mesh of another, neutral face.

    Shapes:
        returns: ``(468, 3)``.

    Examples:
        >>> from .portraits import load_portraits
        >>> hopper, astronaut = load_portraits()
        >>> closed = neutralize(astronaut.shape, hopper.shape)
        >>> bool(closed[14, 1] - closed[13, 1] < 0.05)
        True
    """
    weight = bump(smiling[:, :2], np.array(SMILE_CENTER), SMILE_RADIUS)
    weight = np.clip(1.6 * weight, 0.0, 1.0)[:, None]
    return smiling * (1.0 - weight) + neutral * weight


def asymmetry(rng: np.random.Generator, points: np.ndarray) -> np.ndarray:
    """Draw a small smooth one-sided change of a face.

    Args:
        rng: Source of randomness.
        points: ``(n, 3)`` mesh.

    Shapes:
        returns: ``(n, 3)`` displacement, zero in z.

    Examples:
        >>> asymmetry(np.random.default_rng(0), np.zeros((5, 3))).shape
        (5, 3)
    """
    change = np.zeros_like(points)
    for _ in range(5):
        center = rng.uniform((-0.9, -0.6), (0.9, 1.5))
        window = bump(points[:, :2], center, (0.45, 0.4))
        change[:, :2] += window[:, None] * rng.normal(0.0, 0.014, 2)
    return change


def draw_shape(
    rng: np.random.Generator, hopper: np.ndarray, astronaut: np.ndarray
) -> np.ndarray:
    """Draw the mesh of a new person.

    The two shapes are mixed in any proportion (and a little beyond), then
    every trait gets a normal value and the sides are made slightly unequal.

    Args:
        rng: Source of randomness.
        hopper: ``(468, 3)`` normalized mesh.
        astronaut: ``(468, 3)`` normalized, already neutral mesh.

    Shapes:
        returns: ``(468, 3)`` in inter-ocular distances.

    Examples:
        >>> from .portraits import load_portraits
        >>> shapes = [portrait.shape for portrait in load_portraits()]
        >>> draw_shape(np.random.default_rng(0), *shapes).shape
        (468, 3)
    """
    share = rng.uniform(-0.2, 1.2)
    shape = share * hopper + (1.0 - share) * astronaut
    for trait in TRAITS:
        value = float(np.clip(rng.normal(0.0, 0.85), -1.5, 1.5))
        shape = apply_trait(shape, trait, value)
    # Long and short lower faces, keeping the eyes where they are.
    stretch = 1.0 + 0.045 * np.clip(rng.normal(), -1.8, 1.8)
    below = ramp(shape[:, 1], 0.0, 0.5)
    shape[:, 1] *= 1.0 + (stretch - 1.0) * below
    shape[:, 0] *= 1.0 + 0.03 * np.clip(rng.normal(), -1.8, 1.8)
    shape = shape + asymmetry(rng, shape)
    shape[:, :2] -= eye_centers(shape)[:, :2].mean(0)
    return shape


def mirrored(shape: np.ndarray) -> np.ndarray:
    """Return the mirror image of a mesh, in the same point numbering.

    Args:
        shape: ``(468, 3)`` mesh around the axis x = 0.

    Shapes:
        returns: ``(468, 3)``.

    Examples:
        >>> from .portraits import load_portraits
        >>> face = load_portraits()[0].shape
        >>> bool(np.allclose(mirrored(face), face))
        True
    """
    flipped = shape * np.array([-1.0, 1.0, 1.0])
    return flipped[mirror_order(shape)]
