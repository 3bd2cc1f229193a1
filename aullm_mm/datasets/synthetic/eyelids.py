# Copyright (c) AULLM-MM contributors.
"""Blinks: the upper lids drawn over the eyes."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .geometry import CASME2_FRAMING, Framing, to_pixels

# Corner to corner along each lid, on the picture's left and right.
UPPER_LIDS = ((33, 246, 161, 160, 159, 158, 157, 173, 133),
              (362, 398, 384, 385, 386, 387, 388, 466, 263))
LOWER_LIDS = ((33, 7, 163, 144, 145, 153, 154, 155, 133),
              (362, 382, 381, 380, 374, 373, 390, 249, 263))
# Skin above the eye that unfolds during a blink, in eye openings.
FOLD = 1.1


@dataclass(frozen=True)
class Lids:
    """Where one eye's lids lie, for every column of the crop it covers.

    Attributes:
        columns: The columns, ``slice``.
        rows: The rows that a blink changes, ``slice``.
        upper: ``(columns,)`` y of the upper lid, pixels.
        lower: ``(columns,)`` y of the lower lid, pixels.

    Examples:
        >>> from .portraits import load_portraits
        >>> len(find_lids(load_portraits()[0].shape))
        2
    """

    columns: slice
    rows: slice
    upper: np.ndarray
    lower: np.ndarray


def find_lids(
    shape: np.ndarray, framing: Framing = CASME2_FRAMING
) -> tuple[Lids, ...]:
    """Find both eyes' lids on a mesh.

    Args:
        shape: ``(468, 3)`` mesh in inter-ocular distances.
        framing: Which part of the face is seen, and how large.

    Returns:
        The lids of the picture-left and the picture-right eye.

    Examples:
        >>> from .portraits import load_portraits
        >>> lids = find_lids(load_portraits()[0].shape)[0]
        >>> bool((lids.lower >= lids.upper).all())
        True
    """
    found = []
    for top, bottom in zip(UPPER_LIDS, LOWER_LIDS):
        above, below = (to_pixels(shape[list(lid)], framing)
                        for lid in (top, bottom))
        first = max(int(np.ceil(above[0, 0])), 0)
        last = min(int(above[-1, 0]), framing.width - 1)
        xs = np.arange(first, last + 1)
        upper = np.interp(xs, above[:, 0], above[:, 1])
        lower = np.maximum(np.interp(xs, below[:, 0], below[:, 1]), upper + 0.2)
        opening = float((lower - upper).max())
        rows = slice(int(upper.min() - (FOLD + 0.2) * opening),
                     int(lower.max()) + 2)
        found.append(Lids(slice(first, last + 1), rows, upper, lower))
    return tuple(found)


def close_lids(
    map_y: np.ndarray, lids: Lids, amount: float
) -> None:
    """Lower an upper lid in a sampling map, in place.

    The eye between the lids is squeezed towards the lower lid, and the skin
    above is stretched down after it: a vertical map, linear in two pieces,
    column by column.

    Args:
        map_y: ``(H, W)`` float32 row to sample for every pixel; changed.
        lids: The eye's lids.
        amount: 0 open, 1 shut; below 0 opens wider.

    Examples:
        >>> from .portraits import load_portraits
        >>> rows = np.mgrid[0:340, 0:280][0].astype(np.float32)
        >>> eye = find_lids(load_portraits()[0].shape)[0]
        >>> close_lids(rows, eye, 0.0)
        >>> bool(np.abs(rows - np.mgrid[0:340, 0:280][0]).max() < 1e-3)
        True
    """
    y = map_y[lids.rows, lids.columns]
    upper, lower = lids.upper, lids.lower
    opening = lower - upper
    crease = upper - FOLD * opening
    # Never quite shut: the last rows of the eye become the lash line.
    lid = upper + min(amount, 0.94) * opening
    skin = crease + (y - crease) * (upper - crease) / (lid - crease)
    eye = lower - (lower - y) * opening / (lower - lid)
    moved = np.where(y < lid, skin, eye)
    inside = (y > crease) & (y < lower)
    map_y[lids.rows, lids.columns] = np.where(inside, moved, y)
