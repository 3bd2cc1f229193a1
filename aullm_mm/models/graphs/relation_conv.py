# Copyright (c) AULLM-MM contributors.
"""One round of messages along the rules."""
from __future__ import annotations

from torch import Tensor, nn
from torch_geometric.nn import MessagePassing
from torch_geometric.utils import softmax


class RelationConv(MessagePassing):
    r"""One layer of relation-aware attention among the AUs of a clip.

    .. math::
        e_{ij} = a^\top \mathrm{LeakyReLU}(W_s h_j + W_t h_i + r_{ij}), \quad
        \alpha_{ij} = \mathrm{softmax}_j \, e_{ij}, \quad
        h_i' = h_i + \mathrm{GELU}\Big(\sum_j \alpha_{ij} s_{ij} W_m h_j\Big)

    :math:`s_{ij}` is the signed learned strength of the edge, :math:`r_{ij}` the
    embedding of its relation type; a node without neighbours keeps its state.

    Args:
        channels: Channels of a node :math:`C`.
        num_types: Number of relation types.

    Shapes:
        - x: :math:`(B N, C)`; edge_index: :math:`(2, B R)`
        - edge_type and strength: :math:`(B R,)`
        - output: :math:`(B N, C)`
    """

    def __init__(self, channels: int, num_types: int) -> None:
        super().__init__(aggr='add', node_dim=0)
        self.lin_source = nn.Linear(channels, channels)
        self.lin_target = nn.Linear(channels, channels)
        self.lin_message = nn.Linear(channels, channels, bias=False)
        self.relation = nn.Embedding(num_types, channels)
        self.score = nn.Sequential(nn.LeakyReLU(0.2), nn.Linear(channels, 1))
        self.norm = nn.LayerNorm(channels)
        nn.init.normal_(self.relation.weight, std=0.02)

    def forward(
        self, x: Tensor, edge_index: Tensor, edge_type: Tensor, strength: Tensor
    ) -> Tensor:
        """Exchange messages along the edges."""
        h = self.norm(x)
        update = self.propagate(
            edge_index, source=self.lin_source(h), target=self.lin_target(h),
            content=self.lin_message(h), edge_type=edge_type, strength=strength,
            size=(x.shape[0], x.shape[0]))
        return x + nn.functional.gelu(update)

    def message(
        self,
        source_j: Tensor,
        target_i: Tensor,
        content_j: Tensor,
        edge_type: Tensor,
        strength: Tensor,
        index: Tensor,
        size_i: int | None,
    ) -> Tensor:
        """Weigh a neighbour's content by attention and signed strength."""
        score = self.score(source_j + target_i + self.relation(edge_type))  # (R, 1)
        attention = softmax(score, index, num_nodes=size_i)
        return attention * strength[:, None] * content_j  # (R, C)
