# Copyright (c) AULLM-MM contributors.
"""Where each AU is seen on the canonical face.

The places are FACS anatomy in our reading: mesh points over the muscle's insertion or
the feature that it moves. The semi-synthetic generator moves the same places (see
``AU_PULLS``), so a gain that this prior brings on a semi-synthetic corpus is partly
so by construction, and says little about real micro-expressions.
"""
from __future__ import annotations

from types import MappingProxyType
from typing import Iterable, Mapping

import numpy as np

from aullm_mm.facs import action_unit, check_au_list

from .canonical import CANONICAL_BOUNDS, canonical_face

_LIDS = (159, 145)
_LIPS = (0, 17, 61)
_CHEEK = (50, 205, 207)
#: AU -> mesh points on the picture's left or the midline; the right side mirrors them.
AU_PLACES: Mapping[int, tuple[int, ...]] = MappingProxyType({
    1: (107, 66), 2: (105, 70), 4: (55, 65, 9), 5: (159, 27), 6: (50, 117, 145),
    7: (145, 159), 8: (0, 17), 9: (129, 198, 168), 10: (37, 40, 203), 11: (203, 206),
    12: (61, 186, 205), 13: (61, 186, 206), 14: (61, 57), 15: (61, 43),
    16: (17, 84, 91), 17: (199, 200, 17), 18: (0, 17, 40, 91), 19: (13, 14, 17),
    20: (61, 57, 214), 22: (0, 17, 40, 91), 23: (0, 17, 61), 24: (0, 17, 37, 84),
    25: (0, 17), 26: (17, 199, 149), 27: (0, 17, 199, 149), 28: (0, 17, 37, 84),
    29: (199, 152), 31: (172, 58), 32: (17, 84), 33: (207, 187), 38: (129, 64),
    39: (129, 198), 41: (159, 27), 42: _LIDS, 43: _LIDS, 44: (145, 159, 130),
    45: _LIDS, 46: (145, 159, 50),
})
#: Face region -> points for the AUs that have no row above.
REGION_PLACES: Mapping[str, tuple[int, ...]] = MappingProxyType({
    'brow': (107, 105, 70), 'eye': (*_LIDS, 33, 133), 'nose': (129, 198, 1),
    'cheek': _CHEEK, 'mouth': _LIPS, 'chin': (199, 200), 'jaw': (152, 149, 172),
    # The mesh ends at the chin, which is the nearest to the neck that it has.
    'neck': (152, 149),
})


def place_points(au: int) -> np.ndarray | None:
    """Return the points at which an AU is seen, on both sides of the face.

    Args:
        au: FACS number.

    Shapes:
        returns: ``(P, 2)`` face coordinates, or ``None`` for an AU of the head, which
        is seen everywhere.

    Raises:
        ValueError: If FACS has no such AU.

    Examples:
        >>> place_points(12).shape, place_points(51) is None
        ((6, 2), True)
    """
    region = action_unit(au).region
    if region == 'head':
        return None
    points = AU_PLACES.get(au) or REGION_PLACES[region]
    left = canonical_face()[list(points)]
    return np.unique(np.concatenate([left, left * [-1, 1]]) + 0.0, axis=0)


def place_maps(
    aus: Iterable[int],
    size: tuple[int, int],
    radius: float = 0.3,
    bounds: tuple[float, float, float, float] = CANONICAL_BOUNDS,
) -> np.ndarray:
    r"""Return a map of each AU's place on the canonical picture.

    .. math:: m(q) = \max_{p} \exp(-\lVert q - p \rVert^2 / 2 r^2)

    over the points p of the AU, at the centres q of the cells.

    Args:
        aus: FACS numbers.
        size: Height and width of the maps in cells.
        radius: r, in inter-ocular distances. Defaults to 0.3.
        bounds: x0, x1, y0, y1 of the picture, in inter-ocular distances.

    Shapes:
        returns: ``(N, h, w)`` float32 in 0..1, in the order of ``aus``; all ones for
        movements of the head.

    Raises:
        ValueError: If the AU list is empty, repeats an AU or names an unknown one, or
            the radius is not positive.

    Examples:
        >>> maps = place_maps((1, 12), (10, 10))
        >>> maps.shape, [int(m.max(axis=1).argmax()) for m in maps]
        ((2, 10, 10), [2, 7])
    """
    if not radius > 0:
        raise ValueError(f'radius must be above 0 inter-ocular distances, got {radius}')
    cells = _centers(size, bounds)  # (h, w, 2)
    return np.stack([_map(place_points(au), cells, radius)
                     for au in check_au_list(aus)]).astype(np.float32)


def _map(points: np.ndarray | None, cells: np.ndarray, radius: float) -> np.ndarray:
    if points is None:
        return np.ones(cells.shape[:2])
    square = ((cells[:, :, None] - points) ** 2).sum(-1)  # (h, w, P)
    return np.exp(-square.min(-1) / (2 * radius ** 2))


def _centers(
    size: tuple[int, int], bounds: tuple[float, float, float, float]
) -> np.ndarray:
    (height, width), (x0, x1, y0, y1) = size, bounds
    x = x0 + (np.arange(width) + 0.5) / width * (x1 - x0)
    y = y0 + (np.arange(height) + 0.5) / height * (y1 - y0)
    return np.stack(np.meshgrid(x, y), axis=-1)
