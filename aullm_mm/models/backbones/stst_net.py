# Copyright (c) AULLM-MM contributors.
"""STSTNet: three streams of one convolution each on (u, v, strain)."""
from __future__ import annotations

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from aullm_mm.registry import MODELS

from .flow_input import as_flow_image


@MODELS.register_module()
class STSTNet(BaseModule):
    """Three shallow streams of 3, 5 and 8 channels, each on all of (u, v, strain).

    The output layer is that of ``MultiLabelHead``. With three classes it has 1,683
    parameters. A later repository (Off-TANet) states 162,051: that is this network
    without its normalisation and with a further full layer of 400,
    ``hidden_channels=400``.

    Source: STSTNet (Liong et al., arXiv 1902.03634): a two-layer network of three
    streams on strain, horizontal and vertical flow, 28 x 28 x 3 values. From memory of
    the paper and public re-implementations: kernels of 3, max-pooling by 3, the streams
    joined, average pooling by 2, 400 values before the output layer; batch
    normalisation and dropout 0.5 after each convolution.

    Args:
        in_channels: Channels of the flow image. Defaults to 3 (u, v, strain).
        channels: Channels of the streams. Defaults to (3, 5, 8).
        image_size: Height and width of the flow image in pixels. Defaults to 28.
        hidden_channels: Length of a further fully connected layer; 0 for none.
            Defaults to 0.
        dropout: Rate of the dropout in every stream. Defaults to 0.5.
        init_cfg: MMEngine's initialisation config.

    Shapes:
        - flow: :math:`(B, 3, H, W)` or :math:`(B, 3, 1, H, W)`
        - mid: :math:`(B, 16, 5, 5)` for 28 x 28 pixels, the streams joined
        - high: :math:`(B, 400)`

    Raises:
        ValueError: If the flow has another shape than the network was built for.

    Examples:
        >>> mid, high = STSTNet()(torch.rand(2, 3, 28, 28))
        >>> tuple(mid.shape), tuple(high.shape)
        ((2, 16, 5, 5), (2, 400))
    """

    def __init__(
        self,
        in_channels: int = 3,
        channels: tuple[int, ...] = (3, 5, 8),
        image_size: int = 28,
        hidden_channels: int = 0,
        dropout: float = 0.5,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.flow_shape = (in_channels, image_size, image_size)
        self.streams = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(in_channels, width, 3, padding=1), nn.ReLU(),
                nn.BatchNorm2d(width), nn.MaxPool2d(3, padding=1), nn.Dropout(dropout))
            for width in channels)
        self.pool = nn.AvgPool2d(2)
        side = ((image_size - 1) // 3 + 1) // 2
        flat = sum(channels) * side * side
        layers = [nn.Flatten()]
        if hidden_channels:
            layers += [nn.Linear(flat, hidden_channels), nn.ReLU()]
        self.head = nn.Sequential(*layers)
        self.out_channels = (sum(channels), hidden_channels or flat)

    def forward(self, flow: Tensor) -> tuple[Tensor, Tensor]:
        """Return the pooled map of all streams, and the same as one vector."""
        flow = as_flow_image(flow, self.flow_shape, 'STSTNet')
        mid = self.pool(torch.cat([stream(flow) for stream in self.streams], dim=1))
        return mid, self.head(mid)
