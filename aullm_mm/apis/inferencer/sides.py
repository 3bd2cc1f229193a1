# Copyright (c) AULLM-MM contributors.
"""On which side of the face a movement was."""
from __future__ import annotations

from typing import Sequence

import numpy as np
import torch

from aullm_mm.faces.au_places import place_maps
from aullm_mm.facs import action_unit

#: Share of the movement from which it counts as one-sided.
ONE_SIDE = 0.75
FLOW_CHANNELS = 3


def movement_sides(
    inputs: torch.Tensor, aus: Sequence[int], share: float = ONE_SIDE
) -> list[str | None]:
    """Side of the person's face on which most of the movement at an AU's place is.

    Args:
        inputs: Input of the recognizer: flow (u, v, strain) on the canonical face.
        aus: AU numbers.
        share: From which share on it is one side's. Defaults to 0.75.

    Returns:
        ``'left'``, ``'right'`` or ``'both'`` for each AU of paired muscles; None for
        others, and where the input is no flow.

    Shapes:
        - inputs: :math:`(1, 3, H, W)`

    Examples:
        >>> flow = torch.zeros(1, 3, 64, 64)
        >>> flow[:, :2, :, 40:] = 1.0  # the picture's right is the person's left
        >>> movement_sides(flow, (12, 17))
        ['left', None]
    """
    if inputs.dim() != 4 or tuple(inputs.shape[:2]) != (1, FLOW_CHANNELS):
        return [None] * len(aus)
    motion = np.hypot(*inputs[0, :2].float().numpy())  # (H, W)
    places = place_maps(aus, motion.shape)  # (N, H, W)
    half = motion.shape[1] // 2
    weighted = places * motion
    right = weighted[..., :half].sum(axis=(1, 2))
    left = weighted[..., -half:].sum(axis=(1, 2))
    return [_side(au, r, l, share) for au, r, l in zip(aus, right, left)]


def _side(au: int, right: float, left: float, share: float) -> str | None:
    total = right + left
    if not action_unit(au).sided or not total > 0:
        return None
    if max(right, left) < share * total:
        return 'both'
    return 'right' if right > left else 'left'
