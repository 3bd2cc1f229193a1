# Copyright (c) AULLM-MM contributors.
"""The network of the LED paper: LED and a small 3-D CNN without squeeze-excitation."""
from __future__ import annotations

from torch import nn

from aullm_mm.registry import MODELS

from .eulerian_net3d import EulerianNet3D, FrameSqueezeExcitation


@MODELS.register_module()
class SSSNet3D(EulerianNet3D):
    """``EulerianNet3D`` less the squeeze-excitation that AU-LLM added to it.

    Source: SSSNet-3D of Learnable Eulerian Dynamics (Varanka et al., SCIA 2023). The
    layers are those of AU-LLM's released script without that block; their dropout in
    the LED paper is not known.

    Args:
        kwargs: Those of :class:`~aullm_mm.models.backbones.EulerianNet3D`.

    Shapes:
        - clip: :math:`(B, C, T, H, W)`, any scale of values
        - mid: :math:`(B, 64, 2, 9, 9)` for 6 frames of 64 x 64
        - high: :math:`(B, 256)`

    Raises:
        ValueError: If the clip has another shape than the network was built for.

    Examples:
        >>> import torch
        >>> mid, high = SSSNet3D()(torch.rand(2, 1, 6, 64, 64))
        >>> tuple(mid.shape), tuple(high.shape)
        ((2, 64, 2, 9, 9), (2, 256))
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.body = nn.Sequential(*(
            layer for layer in self.body
            if not isinstance(layer, FrameSqueezeExcitation)))
