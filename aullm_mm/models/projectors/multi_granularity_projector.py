# Copyright (c) AULLM-MM contributors.
"""MGE-EFP: multi-granularity evidence, distilled into content tokens."""
from __future__ import annotations

from typing import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from aullm_mm.registry import MODELS

from ..evidence import Evidence, probe_channels

Grid = tuple[int, int]


class HighFrequencyEnhancement(nn.Module):
    r"""Strengthen what differs from its surroundings, learned per channel.

    .. math:: y = x + a_c \, (x - \mathrm{mean}_{3 \times 3}(x))

    Args:
        channels: Number of channels :math:`C`.

    Shapes:
        - input and output: :math:`(B, C, T, H, W)`
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.strength = nn.Parameter(torch.full((channels, 1, 1, 1), 0.5))

    def forward(self, x: Tensor) -> Tensor:
        """Add the local contrast."""
        flat = x.transpose(1, 2).flatten(0, 1)  # (B * T, C, H, W)
        mean = F.avg_pool2d(flat, 3, 1, 1, count_include_pad=False)
        mean = mean.unflatten(0, (x.shape[0], -1)).transpose(1, 2)
        return x + self.strength * (x - mean)


class GridPooling(nn.Module):
    """Tokens of one feature map: one a cell of every grid.

    Args:
        in_channels: Channels of the map.
        channels: Channels of a token :math:`C`.
        grids: (rows, columns) of each granularity.
        high_frequency: Whether the map is enhanced first. Defaults to True.

    Shapes:
        - input: :math:`(B, C_{in}, T, H, W)`
        - output: :math:`(B, M, C)`, M the number of cells of all grids
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        grids: Sequence[Grid],
        high_frequency: bool = True,
    ) -> None:
        super().__init__()
        self.grids = tuple(grids)
        cells = sum(rows * columns for rows, columns in self.grids)
        self.enhance = (
            HighFrequencyEnhancement(in_channels) if high_frequency else nn.Identity())
        self.embed = nn.Linear(in_channels, channels)
        self.position = nn.Parameter(torch.randn(cells, channels) * 0.02)

    def forward(self, x: Tensor) -> Tensor:
        """Pool the map over every grid."""
        x = self.enhance(x)
        cells = [
            F.adaptive_avg_pool3d(x, (1, *grid)).flatten(2) for grid in self.grids
        ]
        tokens = torch.cat(cells, dim=2).transpose(1, 2)  # (B, M, C_in)
        return self.embed(tokens) + self.position


@MODELS.register_module()
class MultiGranularityProjector(BaseModule):
    r"""MGE-EFP: distil several levels and granularities into K content tokens.

    Every level gives one token a cell of each grid (whole face, upper and lower face,
    3 x 3, 10 x 10), after high-frequency enhancement. A gate computed from the token
    and the high-level semantics suppresses background; K learned queries attend over
    all gated tokens, and a low-rank MLP leads to the LLM:

    .. math::
        g_m = \sigma(\mathrm{MLP}[e_m; F_{high}]), \qquad
        CT_k = U V \, \mathrm{Attention}(q_k, \{g_m e_m\})

    The tokens are scaled to the size that the LLM's own embeddings have.

    Source: our reading of MGE-EFP (AULLM++, arXiv 2603.08387, body not reachable).

    Args:
        in_channels: Channels of each level, the last one that of the high-level vector;
            a single number for a backbone of one map.
        llm_width: Width of the LLM :math:`D`.
        num_tokens: Number of content tokens :math:`K`. Defaults to 4.
        channels: Channels of an evidence token :math:`C`. Defaults to 64.
        grids: (rows, columns) of each granularity.
        rank: Rank of the projection to the LLM. Defaults to 64.
        token_rms: Root mean square of a content token. Defaults to 1.
        dropout: Dropout on the tokens. Defaults to 0.1.
        high_frequency: Whether high frequencies are strengthened. Defaults to True.
        gate: Whether background is suppressed; if not, every gate is 1. Defaults to
            True.
        init_cfg: MMEngine's initialisation config.

    Shapes:
        - maps: each :math:`(B, C, T, H, W)`; high: :math:`(B, C)`
        - content tokens: :math:`(B, K, D)`

    Raises:
        ValueError: If there is no content token or no cell to pool over.

    Examples:
        >>> mge = MultiGranularityProjector((64, 256), llm_width=576)
        >>> maps = (torch.rand(2, 64, 2, 9, 9),)
        >>> tuple(mge(maps, torch.rand(2, 256)).shape)
        (2, 4, 576)
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        llm_width: int,
        num_tokens: int = 4,
        channels: int = 64,
        grids: Sequence[Grid] = ((1, 1), (2, 1), (3, 3), (10, 10)),
        rank: int = 64,
        token_rms: float = 1.0,
        dropout: float = 0.1,
        high_frequency: bool = True,
        gate: bool = True,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if num_tokens < 1:
            raise ValueError(f'num_tokens must be at least 1, got {num_tokens}.')
        if not grids or any(min(grid) < 1 for grid in grids):
            raise ValueError(
                f'grids must hold (rows, columns) of at least 1 each, got {grids}.')
        map_channels, high_channels = probe_channels(in_channels)
        self.num_tokens, self.token_channels = num_tokens, channels
        self.levels = nn.ModuleList(
            GridPooling(c, channels, grids, high_frequency) for c in map_channels)
        self.high = nn.Linear(high_channels, channels)
        self.norm = nn.LayerNorm(channels)
        self.gate = nn.Sequential(
            nn.Linear(2 * channels, channels // 4), nn.GELU(),
            nn.Linear(channels // 4, 1), nn.Sigmoid()) if gate else None
        self.queries = nn.Parameter(torch.randn(num_tokens, channels) * 0.5)
        self.attention = nn.MultiheadAttention(
            channels, num_heads=4, dropout=dropout, batch_first=True)
        self.project = nn.Sequential(
            nn.Linear(channels, rank), nn.GELU(), nn.Dropout(dropout),
            nn.Linear(rank, llm_width), nn.LayerNorm(llm_width))
        nn.init.constant_(self.project[-1].weight, token_rms)

    def encode(self, maps: tuple[Tensor, ...], high: Tensor) -> Evidence:
        """Evidence tokens of all levels and granularities, and their gates."""
        self._check(maps, high)
        semantics = self.high(high)[:, None]  # (B, 1, C)
        regions = [level(x) for level, x in zip(self.levels, maps)]
        tokens = torch.cat([semantics, *regions], dim=1)  # (B, M, C)
        return Evidence(tokens, self._gates(tokens))

    @property
    def token_grids(self) -> tuple[Grid, ...]:
        """(rows, columns) of the face that the tokens cover, in their order."""
        return ((1, 1), *(grid for level in self.levels for grid in level.grids))

    def _gates(self, tokens: Tensor) -> Tensor:
        if self.gate is None:
            return tokens.new_ones(tokens.shape[:2])
        tokens = self.norm(tokens)
        context = tokens[:, :1].expand_as(tokens)
        return self.gate(torch.cat([tokens, context], dim=2)).squeeze(2)  # (B, M)

    def distill(self, evidence: Evidence) -> Tensor:
        """Content tokens of the gated evidence."""
        # Nodes read the tokens as they are; only here does their size not count.
        gated = self.norm(evidence.tokens) * evidence.gates[..., None]
        queries = self.queries.expand(gated.shape[0], -1, -1)  # (B, K, C)
        pooled, _ = self.attention(queries, gated, gated, need_weights=False)
        return self.project(pooled)  # (B, K, D)

    def forward(self, maps: tuple[Tensor, ...], high: Tensor) -> Tensor:
        """Content tokens of the maps and the high-level vector."""
        return self.distill(self.encode(maps, high))

    def _check(self, maps: tuple[Tensor, ...], high: Tensor) -> None:
        got = (*(x.shape[1] for x in maps), high.shape[1])
        want = (*(x.embed.in_features for x in self.levels), self.high.in_features)
        if got != want:
            raise ValueError(
                f'The projector was built with in_channels={want} (maps, then the '
                f'high-level vector), but the backbone gives {got}; set in_channels '
                f'to that.')
