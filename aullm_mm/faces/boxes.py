# Copyright (c) AULLM-MM contributors.
"""Boxes in a picture: how far they overlap, tiles that cover it."""
from __future__ import annotations

import numpy as np


def overlaps(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return the intersection over union of a box and others.

    Args:
        box: ``(4,)`` corners x0, y0, x1, y1.
        boxes: ``(..., 4)`` corners.

    Shapes:
        returns: ``(...)``, 0..1; 0 for boxes without area.

    Examples:
        >>> overlaps(np.array([0, 0, 2, 2]), np.array([[1, 0, 3, 2], [5, 5, 6, 6]]))
        array([0.33333333, 0.        ])
    """
    low = np.maximum(box[:2], boxes[..., :2])
    high = np.minimum(box[2:], boxes[..., 2:])
    inner = np.prod(np.maximum(high - low, 0.0), axis=-1)
    areas = np.prod(boxes[..., 2:] - boxes[..., :2], axis=-1)
    union = np.prod(box[2:] - box[:2]) + areas - inner
    return inner / np.maximum(union, 1e-9)


def half_tiles(height: int, width: int) -> list[tuple[slice, slice]]:
    """Return overlapping squares of half the longer side that cover a picture.

    Args:
        height: Pixels.
        width: Pixels.

    Returns:
        Rows and columns of each square; neighbours overlap by half at least.

    Examples:
        >>> [(rows.start, columns.start) for rows, columns in half_tiles(300, 400)]
        [(0, 0), (0, 100), (0, 200), (100, 0), (100, 100), (100, 200)]
    """
    side = (max(height, width) + 1) // 2
    starts = [np.linspace(0, max(length - side, 0), 1 + -(-max(length - side, 0) * 2
                                                         // side)).astype(int)
              for length in (height, width)]
    return [(slice(int(y), int(y) + side), slice(int(x), int(x) + side))
            for y in starts[0] for x in starts[1]]
