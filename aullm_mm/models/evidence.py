# Copyright (c) AULLM-MM contributors.
"""What backbones of any shape give, brought to one form."""
from __future__ import annotations

from typing import NamedTuple, Sequence

import torch
from torch import Tensor



class Evidence(NamedTuple):
    """Evidence tokens of a batch of clips.

    Shapes:
        - tokens: :math:`(B, M, C)`, one token a face region and level
        - gates: :math:`(B, M)` in (0, 1), how relevant each token is
    """

    tokens: Tensor
    gates: Tensor


def as_levels(
    feats: Tensor | Sequence[Tensor], num_segs: int = 1
) -> tuple[tuple[Tensor, ...], Tensor]:
    """Bring a backbone's output to mid-level maps and one high-level vector.

    Args:
        feats: One tensor or several levels. A last level of shape (B, C) is the
            high-level vector; otherwise the mean of the last map stands for it.
        num_segs: Segments a clip that a 2-D recognizer folded into the batch.

    Shapes:
        - each level: :math:`(B, C, T, H, W)`, :math:`(B S, C, H, W)` or :math:`(B, C)`
        - output: maps of :math:`(B, C, T, H, W)`, and a vector :math:`(B, C)`

    Raises:
        ValueError: If there is no map among the levels.

    Examples:
        >>> maps, high = as_levels(torch.rand(6, 8, 7, 7), num_segs=3)
        >>> tuple(maps[0].shape), tuple(high.shape)
        ((2, 8, 3, 7, 7), (2, 8))
    """
    levels = (feats,) if isinstance(feats, Tensor) else tuple(feats)
    maps = tuple(_as_map(x, num_segs) for x in levels if x.dim() >= 4)
    if not maps:
        shapes = [tuple(x.shape) for x in levels]
        raise ValueError(f'The backbone gave no feature map, only {shapes}.')
    return maps, levels[-1] if levels[-1].dim() == 2 else whole(maps)


def whole(maps: Sequence[Tensor]) -> Tensor:
    """Mean of the last map over time and place, (B, C): a high level for want of one.

    Examples:
        >>> tuple(whole([torch.rand(2, 8, 1, 7, 7)]).shape)
        (2, 8)
    """
    return maps[-1].mean(dim=(2, 3, 4))


def _as_map(x: Tensor, num_segs: int) -> Tensor:
    if x.dim() == 5:
        return x
    # (B * S, C, H, W) -> (B, C, S, H, W)
    return x.unflatten(0, (-1, num_segs)).transpose(1, 2)


def probe_channels(
    in_channels: int | Sequence[int]
) -> tuple[tuple[int, ...], int]:
    """Split the channel counts of a backbone into those of the maps and the vector.

    Args:
        in_channels: One count (a single map, whose mean is the high level), or one a
            level, the last being the high-level vector.

    Examples:
        >>> probe_channels(512)
        ((512,), 512)
        >>> probe_channels((64, 256))
        ((64,), 256)
    """
    if isinstance(in_channels, int):
        return (in_channels,), in_channels
    *maps, high = in_channels
    return tuple(maps), high


def rms_scale(embeddings: Tensor) -> float:
    """Root mean square of an embedding table, the size its LLM expects of a token."""
    with torch.no_grad():
        return float(embeddings.float().square().mean().sqrt())
