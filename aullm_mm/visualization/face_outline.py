# Copyright (c) AULLM-MM contributors.
"""A schematic face, and where action units lie on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, PathPatch
from matplotlib.path import Path as Outline

from aullm_mm.facs import action_unit

#: Distance from the midline and height of each face region; the face spans -1 to 1.
_REGION_PLACE = {
    'brow': (0.42, 0.47),
    'eye': (0.42, 0.18),
    'nose': (0.20, -0.08),
    'cheek': (0.58, -0.12),
    'mouth': (0.36, -0.50),
    'chin': (0.00, -0.84),
    'jaw': (0.45, -0.80),
    'neck': (0.30, -1.08),
    'head': (0.00, 0.95),
}
#: How words of a FACS name shift its place inside the region.
_WORD_SHIFT = {
    'inner': (-0.28, 0.03),
    'outer': (0.24, -0.06),
    'lowerer': (0.04, -0.02),
    'upper': (-0.12, 0.14),
    'lower': (-0.12, -0.16),
    'corner': (0.10, 0.0),
    'puller': (0.04, 0.14),
    'dimpler': (0.16, 0.0),
    'depressor': (0.0, -0.14),
    'wrinkler': (-0.12, 0.02),
}
# Cubic curves of the right half of a face, from the midline outwards.
_OUTLINES = (
    # head
    ((0, 1.05), (0.62, 1.05), (0.84, 0.62), (0.78, 0.05), (0.74, -0.45),
     (0.40, -1.04), (0, -1.04)),
    # nose
    ((0.07, 0.22), (0.06, 0.05), (0.10, -0.08), (0.15, -0.16), (0.15, -0.26),
     (0.06, -0.25), (0, -0.25)),
    # brow, ear
    ((0.16, 0.40), (0.28, 0.50), (0.48, 0.50), (0.64, 0.38)),
    ((0.795, 0.22), (0.95, 0.30), (0.93, -0.12), (0.765, -0.14)),
    # upper lip, lower lip, line between them
    ((0, -0.49), (0.10, -0.42), (0.22, -0.50), (0.32, -0.52)),
    ((0, -0.66), (0.14, -0.66), (0.24, -0.58), (0.32, -0.52)),
    ((0, -0.53), (0.10, -0.54), (0.20, -0.53), (0.32, -0.52)),
)  # fmt: skip


def place_aus(aus: Sequence[int], gap: float) -> np.ndarray:
    """Place AUs on the face by the region and the words of their FACS name.

    AUs of paired muscles take the two sides in turn, the others the midline; those
    that come too close are pushed apart. The same list gives the same places.

    Args:
        aus (Sequence[int]): AU numbers.
        gap (float): Smallest distance between two of them, the face being about 2 wide.

    Returns:
        np.ndarray: Horizontal and vertical place of each AU, right and up positive.

    Shapes:
        - output: :math:`(N, 2)`

    Examples:
        >>> brow, chin = place_aus([4, 17], gap=0.2)
        >>> bool(brow[1] > chin[1]), round(float(chin[0]), 3)
        (True, 0.0)
    """
    places, side = np.zeros((len(aus), 2)), 1
    for index, number in enumerate(aus):
        unit = action_unit(number)
        words = [_WORD_SHIFT.get(word, (0.0, 0.0)) for word in unit.name.split()]
        x, y = np.sum([_REGION_PLACE[unit.region], *words], axis=0)
        places[index] = side * x if unit.sided else 0.0, y
        side = -side if unit.sided else side
    return _push_apart(places, gap)


def _push_apart(places: np.ndarray, gap: float) -> np.ndarray:
    order = np.arange(len(places))
    for _ in range(200):
        offset = places[:, None] - places[None]  # (N, N, 2)
        # Where two coincide there is no direction: they part sideways, in list order.
        offset[..., 0] += 1e-6 * np.subtract.outer(order, order)
        distance = np.linalg.norm(offset, axis=2) + np.eye(len(places))
        overlap = np.clip(gap - distance, 0, None)
        push = offset / distance[..., None] * overlap[..., None]
        places = places + 0.25 * push.sum(axis=1)
    return places


def outline_paths() -> list[str]:
    """The lines of :func:`draw_face` as SVG paths in a box from -100 to 100, y down.

    Returns:
        list[str]: Values of the attribute ``d`` of ``<path>`` elements.

    Examples:
        >>> outline_paths()[0][:8]
        'M0,-105C'
    """
    paths = []
    for points in _OUTLINES:
        for side in (1, -1):
            start, *rest = [f'{100 * side * x:g},{-100 * y:g}' for x, y in points]
            paths.append(f'M{start}C{" ".join(rest)}')
    for side in (1, -1):
        for a, b in ((16, 7), (6, 6)):
            left = f'{38 * side - a},-19'
            paths.append(f'M{left}a{a},{b} 0 1 0 {2 * a},0a{a},{b} 0 1 0 {-2 * a},0Z')
    return paths


def draw_face(axes: Axes) -> None:
    """Draw head, ears, brows, eyes, nose and mouth as thin grey lines.

    Args:
        axes (Axes): Axes that shows about -1 to 1 in both directions.
    """
    style = dict(facecolor='none', edgecolor='#C9CED5', linewidth=1.6)
    for points in _OUTLINES:
        codes = [Outline.MOVETO] + [Outline.CURVE4] * (len(points) - 1)
        for side in (1, -1):
            mirrored = [(side * x, y) for x, y in points]
            axes.add_patch(PathPatch(Outline(mirrored, codes), **style))
    for side in (1, -1):
        for width, height in ((0.32, 0.14), (0.12, 0.12)):
            axes.add_patch(Ellipse((side * 0.38, 0.19), width, height, **style))
