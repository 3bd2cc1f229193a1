# Copyright (c) AULLM-MM contributors.
"""Face regions by name, as smooth masks on the picture that a model is given."""
from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, Sequence

import numpy as np

from aullm_mm.faces.au_places import REGION_PLACES, place_maps
from aullm_mm.faces.canonical import CANONICAL_BOUNDS, canonical_face, to_face

# How sharply regions part, and how far they reach from their points, in inter-ocular
# distances.
BORDER, REACH = 0.12, 0.3
MIDLINE = 0.06  # width of the step from one side of the face to the other
# Of an AU's place map: what is taken out with its evidence, as in training.
PLACE = 0.3
#: Region of the table of places -> whether its two sides are told apart.
PARTS = (('brow', True), ('eye', True), ('nose', False), ('cheek', True),
         ('mouth', True), ('chin', False))


class FaceRegion(NamedTuple):
    """A named region of the face.

    Args:
        name: ``'brow'``, ``'eye'``, ``'nose'``, ``'cheek'``, ``'mouth'``, ``'chin'``.
        side: Side of the person's face, ``'left'`` or ``'right'``; ``'both'`` for the
            two together; None on the midline.
    """

    name: str
    side: str | None

    def __str__(self) -> str:
        if self.side == 'both':
            return f'{self.name} of both sides'
        return f'{self.side} {self.name}' if self.side else self.name


#: The regions of a trace: ten parts of the face, then the sided ones on both sides.
FACE_REGIONS: tuple[FaceRegion, ...] = (
    *(FaceRegion(name, side) for name, sided in PARTS
      for side in (('left', 'right') if sided else (None,))),
    *(FaceRegion(name, 'both') for name, sided in PARTS if sided))


def face_cells(
    size: tuple[int, int], mesh: np.ndarray | None = None
) -> np.ndarray:
    """Face coordinates of the cells of a picture.

    Args:
        size: Height and width of the picture.
        mesh: ``(468, 2)`` mesh of the face in its pixels. Defaults to None: the picture
            shows the canonical face.

    Shapes:
        returns: ``(h, w, 2)``, inter-ocular distances.

    Examples:
        >>> face_cells((2, 2))[0, 0].round(2).tolist()
        [-0.6, -0.3]
    """
    height, width = size
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    if mesh is not None:
        return to_face(mesh, np.stack([x - 0.5, y - 0.5], axis=-1))
    x0, x1, y0, y1 = CANONICAL_BOUNDS
    return np.stack(
        [x0 + x / width * (x1 - x0), y0 + y / height * (y1 - y0)], axis=-1)


def region_masks(
    size: tuple[int, int], mesh: np.ndarray | None = None
) -> np.ndarray:
    r"""Masks of the face regions: near 1 inside, falling off smoothly.

    .. math:: m_r(q) = s_r(q) \, \mathrm{softmax}_r(-d_r(q)^2 / 2 b^2)
              \, \min(1, 2 e^{-d(q)^2 / 2 a^2})

    :math:`d_r` is the distance to the region's points, d the smallest of them, and
    :math:`s_r` a step at the midline for regions of one side. The ten parts share no
    cell; what lies far from all of them is in none.

    Args:
        size: Height and width of the picture.
        mesh: Mesh of the face in its pixels. Defaults to None: the canonical face.

    Shapes:
        returns: ``(14, h, w)`` float32 in 0..1, in the order of ``FACE_REGIONS``.

    Examples:
        >>> masks = region_masks((16, 16))
        >>> masks.shape, bool(masks[:10].sum(0).max() <= 1.001)
        ((14, 16, 16), True)
    """
    cells = face_cells(size, mesh)
    names = [name for name, _ in PARTS]
    square = np.stack([_square_distance(cells, name) for name in names])
    near = np.exp(-(square - square.min(0)) / (2 * BORDER ** 2))
    reach = np.minimum(1, 2 * np.exp(-square.min(0) / (2 * REACH ** 2)))
    shares = dict(zip(names, near / near.sum(0) * reach))
    left = 1 / (1 + np.exp(-cells[..., 0] / MIDLINE))  # the person's left side
    sides = {'left': left, 'right': 1 - left, 'both': 1.0, None: 1.0}
    return np.stack([
        shares[region.name] * sides[region.side] for region in FACE_REGIONS
    ]).astype(np.float32)


def place_masks(aus: Sequence[int], size: tuple[int, int]) -> np.ndarray:
    """Masks of where each AU is seen, 1 at its places and falling off smoothly.

    Args:
        aus: AU numbers.
        size: Height and width of the picture of the canonical face.

    Shapes:
        returns: ``(N, h, w)`` float32 in 0..1.

    Examples:
        >>> masks = place_masks((1, 12), (16, 16))
        >>> masks.shape, float(masks.max())
        ((2, 16, 16), 1.0)
    """
    return np.clip(place_maps(aus, size) / PLACE, 0, 1)


@lru_cache(maxsize=16)
def canonical_masks(size: tuple[int, int]) -> np.ndarray:
    """:func:`region_masks` of the canonical face, computed once (read-only).

    Args:
        size: Height and width of the picture.
    """
    masks = region_masks(size)
    masks.flags.writeable = False
    return masks


def _square_distance(cells: np.ndarray, name: str) -> np.ndarray:
    left = canonical_face()[list(REGION_PLACES[name])]
    points = np.concatenate([left, left * [-1, 1]])
    return ((cells[:, :, None] - points) ** 2).sum(-1).min(-1)
