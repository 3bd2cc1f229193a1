# Copyright (c) AULLM-MM contributors.
"""Off-ApexNet: two streams, one on the horizontal flow and one on the vertical."""
from __future__ import annotations

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from aullm_mm.registry import MODELS

from .flow_input import as_flow_image


@MODELS.register_module()
class OffApexNet(BaseModule):
    """Two streams of two convolutions on u and v, joined by two full layers.

    The output layer is that of ``MultiLabelHead``. With three classes it has 2,664,475
    parameters, and 2.66 M is the count that a later repository (Off-TANet) states.

    Source: OFF-ApexNet (Liong et al., arXiv 1805.08699): a two-stream network on
    horizontal and vertical onset-to-apex flow. From memory of the paper: 28 x 28
    pixels, kernels of 5 with padding, 6 and 16 channels, max-pooling by 2, two fully
    connected layers of 1024 on the joined streams. Where the paper puts its dropout is
    not known; here it stands between the two.

    Args:
        in_channels: Channels of the flow image, of which u and v, the first two, are
            used. Defaults to 3 (u, v, strain).
        channels: Channels of the two convolutions of a stream. Defaults to (6, 16).
        image_size: Height and width of the flow image in pixels. Defaults to 28.
        high_channels: Length of the fully connected layers. Defaults to 1024.
        dropout: Rate of the dropout between them. Defaults to 0.5.
        init_cfg: MMEngine's initialisation config.

    Shapes:
        - flow: :math:`(B, 3, H, W)` or :math:`(B, 3, 1, H, W)`
        - mid: :math:`(B, 32, 7, 7)` for 28 x 28 pixels, the two streams joined
        - high: :math:`(B, 1024)`

    Raises:
        ValueError: If the flow has another shape than the network was built for, or
            has less than two channels.

    Examples:
        >>> mid, high = OffApexNet()(torch.rand(2, 3, 28, 28))
        >>> tuple(mid.shape), tuple(high.shape)
        ((2, 32, 7, 7), (2, 1024))
    """

    def __init__(
        self,
        in_channels: int = 3,
        channels: tuple[int, int] = (6, 16),
        image_size: int = 28,
        high_channels: int = 1024,
        dropout: float = 0.5,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if in_channels < 2:
            raise ValueError(
                f'in_channels must be at least 2 (u and v), got {in_channels}.')
        self.flow_shape = (in_channels, image_size, image_size)
        self.horizontal, self.vertical = self._stream(channels), self._stream(channels)
        flat = 2 * channels[1] * (image_size // 2 // 2) ** 2
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(flat, high_channels), nn.ReLU(),
            nn.Dropout(dropout), nn.Linear(high_channels, high_channels), nn.ReLU())
        self.out_channels = (2 * channels[1], high_channels)

    @staticmethod
    def _stream(channels: tuple[int, int]) -> nn.Module:
        first, second = channels
        return nn.Sequential(
            nn.Conv2d(1, first, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(first, second, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2))

    def forward(self, flow: Tensor) -> tuple[Tensor, Tensor]:
        """Return the joined maps of the streams and the last full layer."""
        flow = as_flow_image(flow, self.flow_shape, 'OffApexNet')
        streams = self.horizontal(flow[:, :1]), self.vertical(flow[:, 1:2])
        mid = torch.cat(streams, dim=1)  # (B, 32, 7, 7)
        return mid, self.head(mid)
