# Copyright (c) AULLM-MM contributors.
"""LED evidence and flow evidence side by side."""
from __future__ import annotations

import torch
from mmengine.model import BaseModule
from torch import Tensor

from aullm_mm.registry import MODELS


@MODELS.register_module()
class MotionFusionNet(BaseModule):
    """Run one backbone on the frames and one on the flow of a clip.

    The clip arrives as one image whose channels are the T gray frames followed by the
    three flow channels (``FormatMotion(keys=('imgs', 'flow'))``), so that MMAction2's
    stock ``Recognizer3D`` carries both.

    Args:
        num_frames: Number of gray frames :math:`T`. Defaults to 6.
        frames: Config of the backbone on :math:`(B, 1, T, H, W)`.
        flow: Config of the backbone on :math:`(B, 3, H, W)`.
        init_cfg: MMEngine's initialisation config.

    Shapes:
        - motion: :math:`(B, T + 3, H, W)`
        - output: the mid-level maps of both, then the joined high-level vector

    Examples:
        >>> net = MotionFusionNet()
        >>> [tuple(x.shape) for x in net(torch.rand(2, 9, 64, 64))]
        [(2, 64, 2, 9, 9), (2, 64, 10, 10), (2, 512)]
    """

    def __init__(
        self,
        num_frames: int = 6,
        frames: dict = dict(type='EulerianNet3D'),
        flow: dict = dict(type='FlowNet2D'),
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.num_frames = num_frames
        self.frames = MODELS.build(frames)
        self.flow = MODELS.build(flow)
        frames_mid, frames_high = self.frames.out_channels
        flow_mid, flow_high = self.flow.out_channels
        self.out_channels = (frames_mid, flow_mid, frames_high + flow_high)

    def forward(self, motion: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return (mid of frames, mid of flow, joined high)."""
        frames, flow = motion[:, :self.num_frames], motion[:, self.num_frames:]
        frames_mid, frames_high = self.frames(frames[:, None])
        flow_mid, flow_high = self.flow(flow)
        return frames_mid, flow_mid, torch.cat([frames_high, flow_high], dim=1)
