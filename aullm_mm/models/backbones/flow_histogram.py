# Copyright (c) AULLM-MM contributors.
"""Histograms of flow orientation and magnitude, for a linear layer to read."""
from __future__ import annotations

import math
from typing import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from aullm_mm.registry import MODELS


def orientation_votes(flow: Tensor, orientations: int) -> Tensor:
    r"""Vote of every pixel for the orientation of its flow, as long as the vector.

    .. math:: o = \frac{K}{2 \pi} \mathrm{atan2}(v, u)

    The length is shared between the two bins nearest to :math:`o`, in proportion, so
    that a small turn changes little.

    Args:
        flow: Flow (u right, v down).
        orientations: Number of bins :math:`K`; bin 0 is to the right, then clockwise
            as seen.

    Shapes:
        - flow: :math:`(B, 2, H, W)`
        - output: :math:`(B, K, H, W)`

    Examples:
        >>> down = torch.tensor([0., 2.]).view(1, 2, 1, 1)
        >>> orientation_votes(down, 4).flatten().tolist()
        [0.0, 2.0, 0.0, 0.0]
    """
    u, v = flow.unbind(1)  # (B, H, W)
    length = torch.hypot(u, v)
    place = torch.atan2(v, u) * (orientations / (2 * math.pi)) % orientations
    lower = place.floor()
    share = place - lower
    votes = flow.new_zeros(len(flow), orientations, *flow.shape[2:])
    for bins, part in ((lower, 1 - share), (lower + 1, share)):
        bins = (bins.long() % orientations)[:, None]  # (B, 1, H, W)
        votes.scatter_add_(1, bins, (length * part)[:, None])
    return votes


def magnitude_votes(flow: Tensor, edges: Sequence[float]) -> Tensor:
    """One vote of every pixel for the range that the length of its flow is in.

    Args:
        flow: Flow.
        edges: Rising bounds of the ranges, in units of the flow; the first range is
            below the first of them, the last above the last.

    Shapes:
        - flow: :math:`(B, 2, H, W)`
        - output: :math:`(B, R + 1, H, W)` for R edges

    Examples:
        >>> magnitude_votes(torch.ones(1, 2, 1, 1), (1., 3.)).flatten().tolist()
        [0.0, 1.0, 0.0]
    """
    length = torch.hypot(*flow.unbind(1)).contiguous()  # (B, H, W)
    bins = torch.bucketize(length, length.new_tensor(edges), right=True)
    return F.one_hot(bins, len(edges) + 1).permute(0, 3, 1, 2).to(flow.dtype)


@MODELS.register_module()
class FlowHistogram(BaseModule):
    """Per grid cell, histograms of the orientation and of the magnitude of flow.

    It has no parameters; with one linear layer it is the simplest model that sees the
    clip. Each value is a mean over the cell: of votes for orientations, which are as
    long as the flow, then the share of pixels in each range of magnitude.

    Source: ours, in the manner of the histograms of oriented optical flow.

    Args:
        grid: Cells a side. Defaults to 8.
        orientations: Bins of orientation. Defaults to 8.
        magnitude_edges: Bounds of the ranges of magnitude, in units of the flow (per
            mille of the face's width). Defaults to (0.5, 1, 2), the rounded quartiles
            of 60 training clips of the semi-synthetic demo corpus.
        init_cfg: MMEngine's initialisation config.

    Shapes:
        - flow: :math:`(B, C, H, W)` or :math:`(B, C, 1, H, W)`, (u, v) first
        - output: :math:`(B, 768)`, cell after cell within a bin

    Raises:
        ValueError: If the edges do not rise, there is no bin or cell, or the flow is
            no image of two channels or more.

    Examples:
        >>> FlowHistogram()(torch.rand(2, 3, 64, 64)).shape
        torch.Size([2, 768])
    """

    def __init__(
        self,
        grid: int = 8,
        orientations: int = 8,
        magnitude_edges: Sequence[float] = (0.5, 1.0, 2.0),
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        edges = tuple(magnitude_edges)
        if list(edges) != sorted(set(edges)):
            raise ValueError(f'magnitude_edges must rise, got {edges}.')
        if min(grid, orientations) < 1:
            raise ValueError(
                f'grid and orientations must be at least 1, got {grid} and '
                f'{orientations}.')
        self.grid, self.orientations, self.magnitude_edges = grid, orientations, edges
        self.out_channels = (orientations + len(edges) + 1) * grid * grid

    def forward(self, flow: Tensor) -> Tensor:
        """Histograms of all cells as one vector."""
        if flow.dim() == 5 and flow.shape[2] == 1:
            flow = flow.squeeze(2)
        if flow.dim() != 4 or flow.shape[1] < 2:
            raise ValueError(
                f'FlowHistogram reads flow of shape (B, C, H, W) with C at least 2, '
                f'got {tuple(flow.shape)}.')
        flow = flow[:, :2]
        votes = torch.cat([
            orientation_votes(flow, self.orientations),
            magnitude_votes(flow, self.magnitude_edges)], dim=1)
        return F.adaptive_avg_pool2d(votes, self.grid).flatten(1)
