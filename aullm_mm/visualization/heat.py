# Copyright (c) AULLM-MM contributors.
"""Heat maps over a face: where the score of an action unit comes from."""
from __future__ import annotations

import cv2
import matplotlib
import numpy as np

from .motion import as_picture

#: Most opaque that heat is laid over a face, so that the face stays to be seen.
OPACITY = 0.85
_WARM, _COLD = 'YlOrRd', 'Blues'


def heat_layer(
    heat: np.ndarray, size: tuple[int, int], largest: float | None = None
) -> np.ndarray:
    """Heat as a picture to lay over a face: warm where positive, blue where negative.

    Args:
        heat: What each cell of a grid over the picture adds to the score.
        size: Height and width of the picture.
        largest: Heat of the full colour. Defaults to None: the largest there is.

    Returns:
        RGBA; nothing is to be seen where the heat is 0.

    Raises:
        ValueError: If ``heat`` is not a finite grid.

    Shapes:
        - heat: :math:`(h, w)`; output: :math:`(H, W, 4)`, uint8

    Examples:
        >>> layer = heat_layer(np.array([[1.0, 0.0]]), (4, 8))
        >>> layer.shape, bool(layer[0, 0, 3] > 200), layer[0, -1, 3].item()
        ((4, 8, 4), True, 0)
    """
    heat = np.asarray(heat, dtype=np.float32)
    if heat.ndim != 2 or not heat.size or not np.isfinite(heat).all():
        raise ValueError(f'heat must be a finite grid (h, w), got shape {heat.shape}')
    heat = cv2.resize(heat, size[::-1], interpolation=cv2.INTER_LINEAR)
    share = np.clip(heat / (largest or np.abs(heat).max() or 1.0), -1, 1)
    warm, cold = (matplotlib.colormaps[name](0.25 + 0.7 * np.abs(share))
                  for name in (_WARM, _COLD))
    layer = np.where(share[..., None] >= 0, warm, cold)
    layer[..., 3] = OPACITY * np.abs(share) ** 0.8
    return (255 * layer).round().astype(np.uint8)


def lay_heat(
    image: np.ndarray, heat: np.ndarray, largest: float | None = None
) -> np.ndarray:
    """Lay heat over a face.

    Args:
        image: Grey or RGB; ``uint8``, or floats in [0, 1].
        heat: See :func:`heat_layer`.
        largest: See :func:`heat_layer`.

    Shapes:
        - image: :math:`(H, W)` or :math:`(H, W, 3)`
        - output: :math:`(H, W, 3)`, RGB uint8

    Examples:
        >>> face = np.full((4, 8), 0.5)
        >>> picture = lay_heat(face, np.array([[1.0, 0.0]]))
        >>> picture[0, -1].tolist(), bool(picture[0, 0, 0] > picture[0, 0, 2])
        ([128, 128, 128], True)
    """
    picture = as_picture(image)
    layer = heat_layer(heat, picture.shape[:2], largest) / 255
    weight = layer[..., 3:]
    laid = (1 - weight) * picture + weight * layer[..., :3]
    return (255 * laid).round().astype(np.uint8)


def heat_png(
    heat: np.ndarray, size: tuple[int, int], largest: float | None = None
) -> bytes:
    """The layer of :func:`heat_layer` as a PNG file, as a page wants it.

    Args:
        heat: See :func:`heat_layer`.
        size: Height and width of the picture.
        largest: See :func:`heat_layer`.

    Examples:
        >>> heat_png(np.array([[1.0, 0.0]]), (4, 8))[1:4]
        b'PNG'
    """
    layer = cv2.cvtColor(heat_layer(heat, size, largest), cv2.COLOR_RGBA2BGRA)
    return cv2.imencode('.png', layer)[1].tobytes()
