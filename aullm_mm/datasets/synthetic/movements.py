# Copyright (c) AULLM-MM contributors.
"""How each AU moves a face: displacement fields anchored on mesh points."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .au_pulls import AU_FOLDS, AU_PULLS, FOLD_DEPTH
from .geometry import CASME2_FRAMING, Framing, crop_bump, to_pixels
from .portraits import mirror_order

SIDES = ('R', 'L')


@dataclass(frozen=True)
class Movement:
    """One AU to be shown.

    Attributes:
        au: AU number.
        side: ``'L'``, ``'R'`` or None for both.
        intensity: Share of the full movement at the peak.

    Examples:
        >>> Movement(12, None, 0.2).au
        12
    """

    au: int
    side: str | None
    intensity: float


@dataclass(frozen=True)
class MovementStyle:
    """How one person makes one AU in one clip.

    Attributes:
        turn: Rotation of all pulls, radians.
        size: Factor on the regions' radii.
        balance: Strength of the person's right side minus the left, -1..1.
        mixture: Factors on the strengths of the pulls, used in turn.

    Examples:
        >>> MovementStyle(turn=0.0, size=1.0, balance=0.0).size
        1.0
    """

    turn: float
    size: float
    balance: float
    mixture: tuple[float, ...] = (1.0,)


def draw_style(
    person: np.random.Generator, clip: np.random.Generator
) -> MovementStyle:
    """Draw a style: half of the variation is the person's own.

    Args:
        person: Randomness that is the same for all clips of the person.
        clip: Randomness of the clip.

    Returns:
        The style.

    Examples:
        >>> rngs = [np.random.default_rng(seed) for seed in (0, 1)]
        >>> 0.4 < draw_style(*rngs).size < 2.5
        True
    """
    def both(spread: float) -> float:
        value = person.normal(0.0, spread) + clip.normal(0.0, spread)
        return float(np.clip(value, -2.5 * spread, 2.5 * spread))

    return MovementStyle(
        turn=both(0.2), size=float(np.exp(both(0.13))), balance=both(0.16),
        mixture=tuple(float(np.exp(both(0.25))) for _ in range(4)))


def side_weights(side: str | None, balance: float) -> dict[str, float]:
    """Return how strongly each side of the face moves.

    Args:
        side: ``'L'`` or ``'R'`` (the person's own left or right) or None.
        balance: Right minus left.

    Returns:
        Factor by side.

    Examples:
        >>> side_weights('L', 0.0)
        {'R': 0.0, 'L': 1.0}
    """
    if side is not None:
        return {name: float(name == side) for name in SIDES}
    return {'R': 1.0 + balance, 'L': 1.0 - balance}


def pull_vectors(
    au: int, shape: np.ndarray, style: MovementStyle, side: str | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Place an AU's pulls on a face.

    Args:
        au: AU number, a key of ``AU_PULLS``.
        shape: ``(468, 3)`` mesh in inter-ocular distances.
        style: How the person makes it.
        side: ``'L'``, ``'R'`` or None for both.

    Returns:
        Centres ``(n, 2)``, displacements ``(n, 2)`` (x right, y down) and
        radii ``(n, 2)``, all in inter-ocular distances.

    Raises:
        ValueError: If the AU has no movement table.

    Examples:
        >>> from .portraits import load_portraits
        >>> plain = MovementStyle(0.0, 1.0, 0.0)
        >>> face = load_portraits()[0].shape
        >>> pull_vectors(12, face, plain, 'R')[1][0].round(2).tolist()
        [-0.07, -0.09]
    """
    if au not in AU_PULLS:
        raise ValueError(
            f'AU{au} has no movement; known are {sorted(AU_PULLS)}')
    order = mirror_order(shape)
    weights = side_weights(side, style.balance)
    centers, vectors, radii = [], [], []
    for number, pull in enumerate(AU_PULLS[au]):
        share = style.mixture[number % len(style.mixture)]
        middle = order[pull.point] == pull.point
        for name, sign in (('R', -1.0), ('L', 1.0)):
            point = pull.point if name == 'R' else order[pull.point]
            out = 0.0 if middle else sign * pull.out
            # The outward turn is the same on both sides: mirror it.
            cos, sin = np.cos(style.turn), sign * np.sin(style.turn)
            x, y = cos * out + sin * pull.up, sin * out - cos * pull.up
            # A one-sided AU still moves the midline, with half its strength.
            weight = share * weights[name]
            weight *= 0.5 if middle and side is not None else 1.0
            centers.append(shape[point, :2])
            vectors.append((weight * x, weight * y))
            radius = pull.radius * style.size
            radii.append((radius, radius * pull.tall))
    return np.array(centers), np.array(vectors), np.array(radii)


def displacement_field(
    au: int, shape: np.ndarray, style: MovementStyle, side: str | None = None,
    framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Return the displacement of every pixel by an AU at full intensity.

    Each pull has a Gaussian window w_i around its point; the field is the
    windows' weighted mean of the pulls, faded out with the strongest window:
    ``d(x) = sum w_i v_i / sum w_i * max_i w_i``. Overlapping pulls therefore
    never add up to more than the largest of them.

    Args:
        au: AU number.
        shape: ``(468, 3)`` mesh in inter-ocular distances.
        style: How the person makes it.
        side: ``'L'``, ``'R'`` or None for both.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(2, H, W)`` float32 x (right) and y (down) in pixels.

    Raises:
        ValueError: If the AU has no movement table.

    Examples:
        >>> from .portraits import load_portraits
        >>> face, plain = load_portraits()[0].shape, MovementStyle(0, 1, 0)
        >>> field = displacement_field(15, face, plain)
        >>> x, y = to_pixels(face[61]).round().astype(int)
        >>> bool(field[1, y, x] > 5.0)
        True
    """
    total = np.zeros((2, *framing.size), np.float32)
    weights = np.full(framing.size, 1e-9, np.float32)
    envelope = np.zeros(framing.size, np.float32)
    for center, vector, radius in zip(*pull_vectors(au, shape, style, side)):
        window = crop_bump(center, radius, framing)
        for part, value in zip(total, vector):
            part += np.float32(value) * window
        weights += window
        np.maximum(envelope, window, out=envelope)
    return total * (np.float32(framing.inter_ocular) * envelope / weights)


def fold_field(
    au: int, shape: np.ndarray, side: str | None, balance: float,
    framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Return how much an AU darkens its skin fold at full intensity.

    Args:
        au: AU number.
        shape: ``(468, 3)`` mesh in inter-ocular distances.
        side: ``'L'``, ``'R'`` or None for both.
        balance: Right minus left.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(H, W)`` float32, 0..1; zero for AUs without a fold.

    Examples:
        >>> from .portraits import load_portraits
        >>> fold_field(38, load_portraits()[0].shape, None, 0.0).max()
        np.float32(0.0)
    """
    dark = np.zeros(framing.size, np.float32)
    order = mirror_order(shape)
    for name, weight in side_weights(side, balance).items():
        for point in AU_FOLDS.get(au, ()):
            index = point if name == 'R' else order[point]
            spot = crop_bump(shape[index, :2], (0.1, 0.07), framing)
            dark = np.maximum(dark, np.float32(weight) * spot)
    return np.float32(FOLD_DEPTH) * dark


def anchor_pixels(
    au: int, shape: np.ndarray, framing: Framing = CASME2_FRAMING
) -> np.ndarray:
    """Return where the first pull of an AU acts, on both sides.

    Args:
        au: AU number.
        shape: ``(468, 3)`` mesh in inter-ocular distances.
        framing: Which part of the face is seen, and how large.

    Shapes:
        returns: ``(2, 2)`` pixels, the person's right side first.

    Examples:
        >>> from .portraits import load_portraits
        >>> anchor_pixels(12, load_portraits()[0].shape).shape
        (2, 2)
    """
    point = AU_PULLS[au][0].point
    return to_pixels(shape[[point, mirror_order(shape)[point]]], framing)
