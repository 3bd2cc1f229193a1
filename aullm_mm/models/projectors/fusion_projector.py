# Copyright (c) AULLM-MM contributors.
"""The Enhanced Fusion Projector of AU-LLM, kept as a baseline."""
from __future__ import annotations

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from aullm_mm.registry import MODELS

from ..evidence import Evidence


@MODELS.register_module()
class FusionProjector(BaseModule):
    r"""Concatenate everything and project it to one content token.

    .. math::
        CT = W_2 \, \mathrm{ReLU}(W_1 [F_{mid}; F_{high}]), \qquad
        W_1 \in \mathbb{R}^{(n + D) / 2 \times n}

    Source: EFP of AU-LLM (arXiv 2507.21778, released script). With the 10,624 inputs of
    ``EulerianNet3D`` and :math:`D = 896` it has 66.4 M parameters.

    Args:
        in_features: Length of [mid flattened, high].
        llm_width: Width of the LLM :math:`D`.
        dropout: Dropout between the two layers. Defaults to 0.3.
        init_cfg: MMEngine's initialisation config.

    Shapes:
        - maps: each :math:`(B, C, T, H, W)`; high: :math:`(B, C)`
        - content tokens: :math:`(B, 1, D)`

    Examples:
        >>> efp = FusionProjector(in_features=64 * 2 * 9 * 9 + 256, llm_width=896)
        >>> round(sum(p.numel() for p in efp.parameters()) / 1e6, 1)
        66.4
    """

    num_tokens = 1
    token_grids = ((1, 1),)

    def __init__(
        self,
        in_features: int,
        llm_width: int,
        dropout: float = 0.3,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        hidden = (in_features + llm_width) // 2
        self.token_channels = in_features
        self.mlp = nn.Sequential(
            nn.Linear(in_features, hidden), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(hidden, llm_width))

    def encode(self, maps: tuple[Tensor, ...], high: Tensor) -> Evidence:
        """Join all levels into a single evidence token."""
        joined = torch.cat([x.flatten(1) for x in maps] + [high], dim=1)
        if joined.shape[1] != self.token_channels:
            raise ValueError(
                f'FusionProjector was built with in_features={self.token_channels}, '
                f'but the backbone gives {joined.shape[1]}; set in_features to that.')
        gates = joined.new_ones(joined.shape[0], 1)
        return Evidence(joined[:, None], gates)  # (B, 1, n), (B, 1)

    def distill(self, evidence: Evidence) -> Tensor:
        """Project the evidence to the content token."""
        return self.mlp(evidence.tokens)  # (B, 1, D)

    def forward(self, maps: tuple[Tensor, ...], high: Tensor) -> Tensor:
        """Content token of the maps and the high-level vector."""
        return self.distill(self.encode(maps, high))
