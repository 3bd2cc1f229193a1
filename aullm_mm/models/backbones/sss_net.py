# Copyright (c) AULLM-MM contributors.
"""SSSNet, a shallow network on onset-to-apex flow."""
from __future__ import annotations

from mmengine.model import BaseModule
from torch import Tensor, nn

from aullm_mm.registry import MODELS

from .flow_input import as_flow_image


@MODELS.register_module()
class SSSNet(BaseModule):
    """Two convolutions and two fully connected layers on (u, v, strain).

    The second fully connected layer is that of ``MultiLabelHead``, with its dropout
    before it. With three classes and three flow channels it has 1,349,251 parameters.

    Source: shallow single stream network (Varanka et al., 2021). Two convolutions, two
    fully connected layers and onset-to-apex flow are as reported of it. From memory of
    the paper and its authors' public benchmark: kernels 5 and 3 without padding,
    max-pooling by 3 and 2, batch normalisation, widths 32, 64 and 256, dropout 0.5, and
    64 x 64 pixels.

    Args:
        in_channels: Channels of the flow image. Defaults to 3 (u, v, strain).
        channels: Channels of the two convolutions. Defaults to (32, 64).
        image_size: Height and width of the flow image in pixels. Defaults to 64.
        high_channels: Length of the first fully connected layer. Defaults to 256.
        dropout: Rate of the dropout of channels after each convolution.
            Defaults to 0.5.
        init_cfg: MMEngine's initialisation config.

    Shapes:
        - flow: :math:`(B, 3, H, W)` or :math:`(B, 3, 1, H, W)`
        - mid: :math:`(B, 64, 9, 9)` for 64 x 64 pixels
        - high: :math:`(B, 256)`

    Raises:
        ValueError: If the flow has another shape than the network was built for.

    Examples:
        >>> import torch
        >>> mid, high = SSSNet()(torch.rand(2, 3, 64, 64))
        >>> tuple(mid.shape), tuple(high.shape)
        ((2, 64, 9, 9), (2, 256))
    """

    def __init__(
        self,
        in_channels: int = 3,
        channels: tuple[int, int] = (32, 64),
        image_size: int = 64,
        high_channels: int = 256,
        dropout: float = 0.5,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        first, second = channels
        self.flow_shape = (in_channels, image_size, image_size)
        # ReLU after pooling gives the same as before it, on a ninth of the values.
        self.stem = nn.Sequential(
            nn.Conv2d(in_channels, first, 5), nn.MaxPool2d(3), nn.ReLU(),
            nn.BatchNorm2d(first), nn.Dropout2d(dropout))
        self.body = nn.Sequential(
            nn.Conv2d(first, second, 3), nn.MaxPool2d(2), nn.ReLU(),
            nn.BatchNorm2d(second), nn.Dropout2d(dropout))
        side = ((image_size - 4) // 3 - 2) // 2
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(second * side * side, high_channels), nn.ReLU())
        self.out_channels = (second, high_channels)

    def forward(self, flow: Tensor) -> tuple[Tensor, Tensor]:
        """Return the map of the convolutions and the first fully connected layer."""
        mid = self.body(self.stem(as_flow_image(flow, self.flow_shape, 'SSSNet')))
        return mid, self.head(mid)
