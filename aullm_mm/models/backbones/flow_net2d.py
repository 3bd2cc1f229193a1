# Copyright (c) AULLM-MM contributors.
"""A small 2-D CNN on onset-to-apex optical flow."""
from __future__ import annotations

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from aullm_mm.registry import MODELS


@MODELS.register_module()
class FlowNet2D(BaseModule):
    """Two convolutions and one linear layer on (u, v, strain).

    In the manner of SSSNet (Varanka et al., 2021): on honest cross-dataset tests two
    convolutions on flow beat every deeper network. Group normalisation instead of batch
    normalisation keeps a clip's evidence independent of the rest of its batch.

    Args:
        in_channels: Channels of the flow image. Defaults to 3 (u, v, strain).
        channels: Channels of the two convolutions. Defaults to (32, 64).
        image_size: Height and width of the flow image in pixels. Defaults to 64.
        high_channels: Length of the high-level vector; None for the map alone.
            Defaults to 256.
        dropout: Rate of the dropouts. Defaults to 0.3.
        init_cfg: MMEngine's initialisation config.

    Shapes:
        - flow: :math:`(B, 3, H, W)` or :math:`(B, 3, 1, H, W)`
        - mid: :math:`(B, 64, 10, 10)` for 64 x 64 pixels
        - high: :math:`(B, 256)`, or not there

    Examples:
        >>> import torch
        >>> mid, high = FlowNet2D()(torch.rand(2, 3, 64, 64))
        >>> tuple(mid.shape), tuple(high.shape)
        ((2, 64, 10, 10), (2, 256))
    """

    def __init__(
        self,
        in_channels: int = 3,
        channels: tuple[int, int] = (32, 64),
        image_size: int = 64,
        high_channels: int | None = 256,
        dropout: float = 0.3,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        first, second = channels
        self.flow_shape = (in_channels, image_size, image_size)
        # ReLU after pooling gives the same as before it, on a ninth of the values.
        self.stem = nn.Sequential(
            nn.Conv2d(in_channels, first, 5, padding=2), nn.MaxPool2d(3),
            nn.ReLU(), nn.GroupNorm(8, first), nn.Dropout2d(dropout))
        self.body = nn.Sequential(
            nn.Conv2d(first, second, 3, padding=1), nn.MaxPool2d(2),
            nn.ReLU(), nn.GroupNorm(8, second), nn.Dropout2d(dropout))
        side = image_size // 3 // 2
        self.head = None if high_channels is None else nn.Sequential(
            nn.Flatten(), nn.Linear(second * side * side, high_channels), nn.ReLU(),
            nn.Dropout(dropout))
        self.out_channels = (
            second if high_channels is None else (second, high_channels))

    def forward(self, flow: Tensor) -> tuple[Tensor, ...]:
        """Return mid-level texture and high-level semantics of the flow."""
        if flow.dim() == 5 and flow.shape[2] == 1:
            flow = flow.squeeze(2)
        if tuple(flow.shape[1:]) != self.flow_shape:
            raise ValueError(
                f'FlowNet2D was built for flow of shape (B, C, H, W) = (B, '
                f'{", ".join(map(str, self.flow_shape))}), got {tuple(flow.shape)}. '
                f'Set its in_channels and image_size to those of the pipeline.')
        # Pooling in this memory format is much faster on a CPU.
        flow = flow.contiguous(memory_format=torch.channels_last)
        mid = self.body(self.stem(flow))  # (B, 64, 10, 10)
        return (mid,) if self.head is None else (mid, self.head(mid))
