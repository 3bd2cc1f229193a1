# Copyright (c) AULLM-MM contributors.
"""The flow image that a backbone was built for."""
from __future__ import annotations

import torch
from torch import Tensor


def as_flow_image(flow: Tensor, shape: tuple[int, int, int], name: str) -> Tensor:
    """Check the shape of flow and drop a time axis of one frame.

    Args:
        flow: Flow of a batch.
        shape: Channels, height and width that are wanted.
        name: Name of the backbone, for the message.

    Shapes:
        - flow: :math:`(B, C, H, W)` or :math:`(B, C, 1, H, W)`
        - output: :math:`(B, C, H, W)`, channels last in memory

    Raises:
        ValueError: If the flow has another shape.

    Examples:
        >>> as_flow_image(torch.rand(2, 3, 1, 8, 8), (3, 8, 8), 'a net').shape
        torch.Size([2, 3, 8, 8])
    """
    if flow.dim() == 5 and flow.shape[2] == 1:
        flow = flow.squeeze(2)
    if tuple(flow.shape[1:]) != tuple(shape):
        raise ValueError(
            f'{name} was built for flow of shape (B, C, H, W) = (B, '
            f'{", ".join(map(str, shape))}), got {tuple(flow.shape)}. Set its '
            f'in_channels and image_size to those of the pipeline.')
    # Pooling in this memory format is much faster on a CPU.
    return flow.contiguous(memory_format=torch.channels_last)
