# Copyright (c) AULLM-MM contributors.
"""Node states: each AU looks at the places of the face where it is seen."""
from __future__ import annotations

import math
from typing import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aullm_mm.faces.au_places import place_maps

Grid = tuple[int, int]
FINE = (60, 60)  # cells that places are averaged from
FLOOR = 0.02  # place of no weight: far away, yet within reach of learning


def token_places(aus: Sequence[int], grids: Sequence[Grid]) -> Tensor:
    """How much of each AU is seen in the cell of each evidence token.

    Args:
        aus: AU numbers.
        grids: (rows, columns) of the face that the tokens cover, in their order.

    Shapes:
        - output: :math:`(N, M)` in 0 to 1, M the number of cells of all grids

    Examples:
        >>> places = token_places((1, 17), [(2, 1)])
        >>> bool(places[0, 0] > places[0, 1]), bool(places[1, 0] < places[1, 1])
        (True, True)
    """
    fine = torch.from_numpy(place_maps(aus, FINE))  # (N, 60, 60)
    cells = [F.adaptive_avg_pool2d(fine, grid).flatten(1) for grid in grids]
    return torch.cat(cells, dim=1)


class RegionAttention(nn.Module):
    r"""Each AU reads the evidence through foci of its own on the face.

    .. math::
        p_{nhm} = \mathrm{softmax}_m \, a_{nhm}, \qquad
        x_n = \mathrm{GELU}\Big(W_n [\textstyle\sum_m p_{nhm} v_m]_{h} + b_n\Big)
              + U \, e_n

    A focus :math:`a_{nh}` is learned for every place, and the same for all clips. With
    anatomy it starts at :math:`s \log` of how much of the AU is seen there, so that few
    clips suffice to find a small movement; :math:`e_n` is the LLM's embedding of the
    AU's FACS name.

    Args:
        token_channels: Channels of an evidence token :math:`C_e`.
        channels: Channels of a node :math:`C`.
        aus: AU numbers.
        grids: (rows, columns) that the tokens cover, in their order.
        name_width: Width of the LLM's embedding of an AU name; 0 for none.
        heads: Number of foci of each AU. Defaults to 8.
        anatomy: Whether foci start from anatomy. Defaults to True.
        sharpness: :math:`s`, how sharply they do. Defaults to 3.
        dropout: Rate of the dropout on the node states. Defaults to 0.15.

    Shapes:
        - tokens: :math:`(B, M, C_e)`; names: :math:`(N, D)` or None
        - output: :math:`(B, N, C)`

    Raises:
        ValueError: If the evidence has another number of tokens.
    """

    def __init__(
        self,
        token_channels: int,
        channels: int,
        aus: Sequence[int],
        grids: Sequence[Grid],
        name_width: int,
        heads: int = 8,
        anatomy: bool = True,
        sharpness: float = 3.0,
        dropout: float = 0.15,
    ) -> None:
        super().__init__()
        places = token_places(aus, grids)  # (N, M)
        count, tokens = places.shape
        focus = torch.randn(count, heads, tokens) * 0.5
        if anatomy:
            focus = focus + sharpness * (places + FLOOR).log()[:, None]
        width = heads * token_channels
        self.focus = nn.Parameter(focus)
        self.weight = nn.Parameter(
            torch.randn(count, width, channels) / math.sqrt(width))
        self.identity = nn.Parameter(torch.zeros(count, channels))
        self.name = nn.Linear(name_width, channels, bias=False) if name_width else None
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, names: Tensor | None) -> Tensor:
        """Read the evidence, an AU at a time."""
        if tokens.shape[1] != self.focus.shape[2]:
            raise ValueError(
                f'The graph was built for {self.focus.shape[2]} evidence tokens, got '
                f'{tokens.shape[1]}; set token_grids to the grids of the projector.')
        seen = torch.einsum('nhm,bmc->bnhc', self.focus.softmax(-1), tokens)
        x = torch.einsum('bnk,nkc->bnc', seen.flatten(2), self.weight)
        x = self.dropout(F.gelu(x + self.identity))  # (B, N, C)
        if self.name is None or names is None:
            return x
        return x + self.name(F.normalize(names, dim=1))
