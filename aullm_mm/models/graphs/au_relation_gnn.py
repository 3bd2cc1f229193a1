# Copyright (c) AULLM-MM contributors.
"""R-AUGNN: a relation-aware graph network over action units."""
from __future__ import annotations

from typing import NamedTuple, Sequence

import numpy as np
import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from aullm_mm.registry import MODELS

from ..evidence import Evidence
from .prior import CO_OCCURRENCE, build_prior, cooccurrence_prior, unset_prior
from .region_attention import Grid, RegionAttention
from .relation_conv import RelationConv


class Rules(NamedTuple):
    """The edges that a pass uses, each undirected edge once a direction.

    Shapes:
        - edge_index: :math:`(2, R)`, indices into the AU list (source, target)
        - edge_type: :math:`(R,)`, relation type
        - scale: :math:`(B, R)` or :math:`(R,)`, factor on each edge's learned strength
    """

    edge_index: Tensor
    edge_type: Tensor
    scale: Tensor


class NodeStructure(NamedTuple):
    """What the graph network concludes.

    Shapes:
        - instruction: :math:`(B, 1, D)`, the instruction token IT
        - logits: :math:`(B, N)`, one node logit an AU
    """

    instruction: Tensor
    logits: Tensor


@MODELS.register_module()
class AURelationGNN(BaseModule):
    """R-AUGNN: the support comes from knowledge, the strengths are learned.

    Nodes start from what each AU sees at its places on the face (see
    :class:`~aullm_mm.models.graphs.region_attention.RegionAttention`) plus the LLM's
    own embedding of the AU's FACS name. The prior fixes which AUs may talk; every edge
    has a signed strength that starts from the sign of its relation and is learned, and
    an input-dependent attention. The readout gives the instruction token, and each node
    a logit (auxiliary loss, and the control without an LLM).

    Source: our reading of R-AUGNN (AULLM++, arXiv 2603.08387, body not reachable).

    Args:
        aus: AU numbers, in the order of the labels.
        token_channels: Channels of an evidence token.
        llm_width: Width of the LLM :math:`D`.
        token_grids: (rows, columns) of the face that the evidence tokens cover, in
            their order; the head takes them from the projector.
            Defaults to one token of the whole face.
        prior: ``'anatomy'``, ``'prototypes'``, ``'both'``, ``'full'``, ``'none'``,
            ``'random'`` (density of ``'both'``), ``'co-occurrence'`` (the same density;
            see :meth:`learn_support`), or pairs of AU numbers. Defaults to ``'both'``.
        prior_seed: Seed of the random prior. Defaults to 0.
        channels: Channels of a node. Defaults to 64.
        num_layers: Number of layers; with 0 no AU hears of another. Defaults to 2.
        name_embedding: Whether nodes know the LLM's embedding of their name.
            Defaults to True.
        learn_strength: Whether strengths are learned. Defaults to True.
        heads: Number of places that each AU looks at. Defaults to 8.
        anatomy: Whether they start where the AU is seen. Defaults to True.
        dropout: Rate of the dropout on the first node states. Defaults to 0.15.
        token_rms: Root mean square of the instruction token. Defaults to 1.
        init_cfg: MMEngine's initialisation config.

    Shapes:
        - evidence: tokens :math:`(B, M, C_e)` and gates :math:`(B, M)`
        - names: :math:`(N, D)` or None
        - output: :class:`NodeStructure`

    Raises:
        ValueError: If the prior or ``num_layers`` is not possible, if the graph runs
            before its co-occurrences are known, or if the evidence has not one token a
            cell of ``token_grids``.

    Examples:
        >>> gnn = AURelationGNN(
        ...     aus=(1, 2, 4, 12), token_channels=32, llm_width=48,
        ...     token_grids=[(1, 1), (3, 3)])
        >>> evidence = Evidence(torch.rand(2, 10, 32), torch.ones(2, 10))
        >>> structure = gnn(evidence, names=torch.rand(4, 48))
        >>> tuple(structure.instruction.shape), tuple(structure.logits.shape)
        ((2, 1, 48), (2, 4))
    """

    def __init__(
        self,
        aus: Sequence[int],
        token_channels: int,
        llm_width: int,
        token_grids: Sequence[Grid] = ((1, 1),),
        prior: str | Sequence[Sequence[int]] = 'both',
        prior_seed: int = 0,
        channels: int = 64,
        num_layers: int = 2,
        name_embedding: bool = True,
        learn_strength: bool = True,
        heads: int = 8,
        anatomy: bool = True,
        dropout: float = 0.15,
        token_rms: float = 1.0,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if num_layers < 0:
            raise ValueError(f'num_layers must be at least 0, got {num_layers}.')
        self.aus, self.from_labels = tuple(aus), prior == CO_OCCURRENCE
        edges = (unset_prior(self.aus) if self.from_labels else
                 build_prior(self.aus, prior, prior_seed))
        # Edges that no config can name are kept in the checkpoint.
        self.register_buffer('edge_index', edges.index, persistent=self.from_labels)
        self.register_buffer('edge_type', edges.type, persistent=self.from_labels)
        self.strength = nn.Parameter(edges.sign.clone(), requires_grad=learn_strength)
        self.nodes = RegionAttention(
            token_channels, channels, self.aus, token_grids,
            llm_width * name_embedding, heads, anatomy, dropout=dropout)
        self.layers = nn.ModuleList(
            RelationConv(channels, edges.num_types) for _ in range(num_layers))
        self.classify = nn.Parameter(torch.randn(len(self.aus), channels) * 0.1)
        self.bias = nn.Parameter(torch.zeros(len(self.aus)))
        self.pool = nn.Linear(channels + 1, 1)
        self.readout = nn.Sequential(
            nn.Linear(channels + 1, channels), nn.GELU(),
            nn.Linear(channels, llm_width), nn.LayerNorm(llm_width))
        nn.init.constant_(self.readout[-1].weight, token_rms)

    @property
    def has_support(self) -> bool:
        """Whether it is known which AUs may talk to each other."""
        return not self.from_labels or bool((self.edge_index >= 0).all())

    def learn_support(self, labels: np.ndarray) -> None:
        """Take the edges from the labels of the training clips, and of no others.

        Strengths start anew from the signs, see
        :func:`~aullm_mm.models.graphs.prior.cooccurrence_prior`. In training
        ``CooccurrencePriorHook`` does it; a checkpoint brings its edges along.

        Args:
            labels: Labels 1, 0 or -1 (unknown) of the training clips.

        Shapes:
            - labels: (clips, N)

        Raises:
            ValueError: If the prior is another one, or the labels do not fit.
        """
        if not self.from_labels:
            raise ValueError(
                f'Only prior={CO_OCCURRENCE!r} takes its edges from labels.')
        edges = cooccurrence_prior(self.aus, labels)
        self.edge_index.copy_(edges.index)
        self.edge_type.copy_(edges.type)
        self.strength.data.copy_(edges.sign)

    def supported_by(self, labels: np.ndarray) -> bool:
        """Whether the edges are those that :meth:`learn_support` would take."""
        edges = cooccurrence_prior(self.aus, labels)
        return torch.equal(self.edge_index.cpu(), edges.index)

    @property
    def rules(self) -> Rules:
        """The unchanged rules: every edge of the prior at its learned strength."""
        if not self.has_support:
            raise ValueError(
                f'prior={CO_OCCURRENCE!r} does not know its edges yet: train with '
                f"custom_hooks=[..., dict(type='CooccurrencePriorHook')], load a "
                f'checkpoint, or give learn_support() the labels of the training '
                f'clips.')
        scale = torch.ones_like(self.strength, requires_grad=False)
        return Rules(self.edge_index, self.edge_type, scale)

    def edge_strengths(self) -> list[tuple[int, int, float]]:
        """Learned strength of every directed edge as (AU, AU, strength in (-1, 1))."""
        pairs = self.edge_index.t().tolist()
        strengths = self.strength.detach().tanh().tolist()
        return [(self.aus[i], self.aus[j], s) for (i, j), s in zip(pairs, strengths)]

    def forward(
        self,
        evidence: Evidence,
        names: Tensor | None = None,
        rules: Rules | None = None,
    ) -> NodeStructure:
        """Reason over the AUs of every clip along the rules."""
        return self.conclude(self.look(evidence, names), rules)

    def look(self, evidence: Evidence, names: Tensor | None = None) -> Tensor:
        """What each AU sees of the evidence, before any rule: (B, N, C)."""
        return self.nodes(evidence.tokens * evidence.gates[..., None], names)

    def conclude(self, x: Tensor, rules: Rules | None = None) -> NodeStructure:
        """Reason along the rules from what :meth:`look` gave.

        One look serves many sets of rules: only this part is run for each of them.
        """
        rules = self.rules if rules is None else rules
        batch, num_aus, _ = x.shape
        edge_index, edge_type, strength = self._batched(rules, batch)
        x = x.flatten(0, 1)  # (B * N, C)
        for layer in self.layers:
            x = layer(x, edge_index, edge_type, strength)
        # Not normalised: how strong a movement is tells whether it is one.
        x = x.unflatten(0, (batch, num_aus))
        logits = (x * self.classify).sum(-1) + self.bias  # (B, N)
        return NodeStructure(self._instruct(x, logits), logits)

    def _instruct(self, x: Tensor, logits: Tensor) -> Tensor:
        x = torch.cat([x, logits[..., None].tanh()], dim=-1)  # (B, N, C + 1)
        weights = self.pool(x).softmax(dim=1)  # (B, N, 1)
        return self.readout((weights * x).sum(dim=1, keepdim=True))  # (B, 1, D)

    def _batched(self, rules: Rules, batch: int) -> tuple[Tensor, Tensor, Tensor]:
        """One disjoint copy of the graph a clip."""
        offset = torch.arange(batch, device=rules.edge_index.device) * len(self.aus)
        index = rules.edge_index[:, None, :] + offset[None, :, None]  # (2, B, R)
        strength = self.strength.tanh() * rules.scale  # (R,) or (B, R)
        strength = strength.expand(batch, -1).flatten()
        return index.flatten(1), rules.edge_type.repeat(batch), strength
