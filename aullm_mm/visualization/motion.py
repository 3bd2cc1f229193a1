# Copyright (c) AULLM-MM contributors.
"""Make movements visible that the eye would miss: difference and flow on the face."""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from .style import INK

#: Purple where the apex is darker, green where it is brighter.
DIFFERENCE_MAP = 'PRGn'


def as_picture(image: np.ndarray) -> np.ndarray:
    """Bring an image to RGB floats.

    Args:
        image (np.ndarray): Grey or RGB; ``uint8``, or floats in [0, 1].

    Returns:
        np.ndarray: RGB in [0, 1].

    Raises:
        ValueError: If it has another shape or range.

    Shapes:
        - image: :math:`(H, W)`, :math:`(H, W, 1)` or :math:`(H, W, 3)`
        - output: :math:`(H, W, 3)`

    Examples:
        >>> import numpy as np
        >>> as_picture(np.full((2, 4), 255, np.uint8)).shape
        (2, 4, 3)
    """
    picture = np.asarray(image)
    if picture.dtype == np.uint8:
        picture = picture / 255.0
    if picture.ndim == 2:
        picture = picture[..., None]
    if picture.ndim != 3 or picture.shape[2] not in (1, 3) or not picture.size:
        raise ValueError(
            'an image to draw must be (H, W), (H, W, 1) or (H, W, 3), got '
            f'{np.shape(image)}'
        )
    if not 0 <= picture.min() <= picture.max() <= 1:
        raise ValueError(
            'a float image to draw must lie in [0, 1], got '
            f'{picture.min():g} to {picture.max():g}'
        )
    return np.broadcast_to(picture, (*picture.shape[:2], 3)).astype(float)


def difference_overlay(onset: np.ndarray, apex: np.ndarray) -> tuple[np.ndarray, float]:
    """Lay the magnified difference apex minus onset over the pale onset face.

    The grey difference is smoothed over about a fiftieth of the width, against
    sensor noise, and scaled so that its 99.5th percentile is fully coloured.

    Args:
        onset (np.ndarray): First frame, RGB in [0, 1].
        apex (np.ndarray): Frame of the strongest movement, RGB in [0, 1].

    Returns:
        tuple[np.ndarray, float]: RGB picture, and how many times the difference was
        magnified.

    Raises:
        ValueError: If the frames differ in size.

    Shapes:
        - onset, apex, picture: :math:`(H, W, 3)`

    Examples:
        >>> import numpy as np
        >>> onset = np.full((8, 8, 3), 0.4)
        >>> picture, factor = difference_overlay(onset, onset + 0.1)
        >>> picture.shape, round(factor)
        ((8, 8, 3), 10)
    """
    if onset.shape != apex.shape:
        raise ValueError(
            'onset and apex must have the same size, got '
            f'{onset.shape[:2]} and {apex.shape[:2]}'
        )
    signed = _smooth(apex.mean(axis=2) - onset.mean(axis=2))
    largest = float(np.percentile(np.abs(signed), 99.5))
    # Below one grey level it is quantisation: a static clip must stay blank.
    factor = 1 / max(largest, 1 / 255)
    signed = np.clip(signed * factor, -1, 1)
    colour = matplotlib.colormaps[DIFFERENCE_MAP]((signed + 1) / 2)[..., :3]
    pale = 0.45 + 0.55 * onset.mean(axis=2, keepdims=True)
    weight = np.abs(signed)[..., None] ** 0.7
    return (1 - weight) * pale + weight * colour, factor


def draw_flow(axes: Axes, flow: np.ndarray, shape: tuple[int, int]) -> None:
    """Draw the stronger movements as arrows over a picture.

    Args:
        axes (Axes): Axes that already shows the picture.
        flow (np.ndarray): Horizontal and vertical movement in pixels of the flow's own
            grid, right and down positive; further channels are ignored.
        shape (tuple[int, int]): Height and width of the picture.

    Raises:
        ValueError: If ``flow`` is not (H, W, 2 or more).

    Shapes:
        - flow: :math:`(H', W', 2+)`
    """
    flow = np.asarray(flow, dtype=float)
    if flow.ndim != 3 or flow.shape[2] < 2:
        raise ValueError(f'flow to draw must be (H, W, 2 or more), got {flow.shape}')
    rows, columns = (
        np.linspace(0, size - 1, 18)[1:-1].round().astype(int)
        for size in flow.shape[:2]
    )
    y, x = np.meshgrid(rows, columns, indexing='ij')
    u, v = flow[y, x, 0], flow[y, x, 1]
    length = np.hypot(u, v)
    strong = length > max(0.25 * np.percentile(length, 99), 1e-3)
    scale = shape[1] / flow.shape[1], shape[0] / flow.shape[0]
    # The longest arrow spans an eighth of the picture.
    unit = length.max() / (0.12 * flow.shape[1])
    axes.quiver(
        (x[strong] + 0.5) * scale[0] - 0.5,
        (y[strong] + 0.5) * scale[1] - 0.5,
        u[strong] * scale[0],
        v[strong] * scale[1],
        angles='xy',
        scale_units='xy',
        scale=unit or 1,
        width=0.011,
        headwidth=3.5,
        headlength=4,
        headaxislength=3.6,
        color=INK,
        edgecolor='white',
        linewidth=0.4,
    )


def _smooth(image: np.ndarray) -> np.ndarray:
    """Blur by a separable Gaussian with mirrored borders."""
    sigma = image.shape[1] / 100
    radius = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / max(sigma, 1e-6)) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        pad = [(radius, radius) if a == axis else (0, 0) for a in (0, 1)]
        padded = np.pad(image, pad, mode='symmetric')
        image = np.apply_along_axis(np.convolve, axis, padded, kernel, mode='valid')
    return image
