# Copyright (c) AULLM-MM contributors.
"""Optical flow as colours: the hue is the direction, the depth is the length."""
from __future__ import annotations

import numpy as np
from matplotlib.colors import hsv_to_rgb


def flow_picture(flow: np.ndarray, longest: float | None = None) -> np.ndarray:
    """Colour a flow: white where nothing moves.

    The hues are those of :func:`flow_wheel`.

    Args:
        flow: (u right, v down) of each pixel; further channels are ignored.
        longest: Length that gets the full colour, in the unit of the flow. Defaults to
            None: the 99th percentile of the lengths.

    Returns:
        RGB in [0, 1].

    Raises:
        ValueError: If ``flow`` is not (H, W, 2 or more).

    Shapes:
        - flow: :math:`(H, W, 2+)`; output: :math:`(H, W, 3)`

    Examples:
        >>> flow_picture(np.zeros((2, 2, 2))).min().item()
        1.0
        >>> flow_picture(np.full((1, 1, 2), (2., 0.))).round(2).tolist()
        [[[1.0, 0.0, 0.0]]]
    """
    flow = np.asarray(flow, dtype=float)
    if flow.ndim != 3 or flow.shape[2] < 2:
        raise ValueError(f'flow to draw must be (H, W, 2 or more), got {flow.shape}')
    u, v = flow[..., 0], flow[..., 1]
    length = np.hypot(u, v)
    if longest is None:
        longest = float(np.percentile(length, 99))
    depth = np.clip(length / max(longest, 1e-9), 0, 1)
    hue = np.arctan2(-v, u) / (2 * np.pi) % 1.0
    return hsv_to_rgb(np.stack([hue, depth, np.ones_like(hue)], axis=-1))


def flow_wheel(size: int) -> np.ndarray:
    """The legend of :func:`flow_picture`: each direction in its colour.

    Args:
        size: Width and height in pixels.

    Shapes:
        - output: :math:`(size, size, 4)`, RGBA in [0, 1], transparent outside

    Examples:
        >>> wheel = flow_wheel(9)
        >>> wheel[4, 4, :3].tolist(), wheel[0, 0, 3].item()
        ([1.0, 1.0, 1.0], 0.0)
    """
    line = np.linspace(-1, 1, size)
    u, v = np.meshgrid(line, line)
    inside = (np.hypot(u, v) <= 1).astype(float)
    return np.dstack([flow_picture(np.dstack([u, v]), 1.0), inside])


def input_picture(inputs: np.ndarray) -> np.ndarray:
    """What a model is given, made visible.

    Flow (the last channels of an input without time, where it has negative values) is
    coloured; of frames the middle one is shown, stretched to the whole range of grey.

    Args:
        inputs: Input of one clip, with or without its axis of views.

    Returns:
        Grey or RGB in [0, 1].

    Shapes:
        - inputs: :math:`(1, C, H, W)`, :math:`(C, H, W)`, :math:`(T, C, H, W)` or
          :math:`(1, C, T, H, W)`; output: :math:`(H, W)` or :math:`(H, W, 3)`

    Examples:
        >>> input_picture(np.random.default_rng(0).normal(size=(1, 3, 8, 8))).shape
        (8, 8, 3)
        >>> input_picture(np.random.default_rng(0).random((1, 1, 5, 8, 8))).shape
        (8, 8)
    """
    values = np.asarray(inputs, dtype=float)
    if values.ndim == 4 and len(values) == 1:
        values = values[0]
    if values.ndim == 3 and len(values) >= 2 and values.min() < 0:
        first = -3 if len(values) >= 3 else -2
        return flow_picture(np.moveaxis(values[[first, first + 1]], 0, -1))
    while values.ndim > 2:  # the middle frame; of several channels the middle one
        values = values[len(values) // 2]
    spread = values.max() - values.min()
    return (values - values.min()) / (spread or 1.0)
