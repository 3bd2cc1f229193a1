# Copyright (c) AULLM-MM contributors.
"""Interventions that make counterfactuals: on the rules, and on the context."""
from __future__ import annotations

import torch
from torch import Tensor

from ..evidence import Evidence
from ..graphs.au_relation_gnn import Rules

INTERVENTIONS = ('rules', 'context')


def drop_rules(rules: Rules, batch: int, fraction: float = 0.3) -> Rules:
    """Drop each undirected edge of each clip with a probability.

    Args:
        rules: The factual rules, forward edges first, then the same edges backwards.
        batch: Number of clips.
        fraction: Probability of an edge to be dropped. Defaults to 0.3.

    Shapes:
        - scale of the output: :math:`(B, R)`
    """
    keep = torch.rand(batch, _undirected(rules), device=rules.scale.device) >= fraction
    return rules._replace(scale=rules.scale * keep.repeat(1, 2))


def reweight_rules(rules: Rules, batch: int, spread: float = 0.5) -> Rules:
    """Scale the strength of each undirected edge by a factor in [1 - s, 1 + s].

    Args:
        rules: The factual rules.
        batch: Number of clips.
        spread: Largest relative change :math:`s`. Defaults to 0.5.

    Shapes:
        - scale of the output: :math:`(B, R)`
    """
    noise = torch.rand(batch, _undirected(rules), device=rules.scale.device) * 2 - 1
    return rules._replace(scale=rules.scale * (1 + spread * noise).repeat(1, 2))


def rewire_rules(rules: Rules, num_aus: int) -> Rules:
    """Move every edge to a random pair of AUs, at the same density.

    Args:
        rules: The factual rules.
        num_aus: Number of AUs :math:`N`.
    """
    device = rules.edge_index.device
    pairs = torch.triu_indices(num_aus, num_aus, offset=1, device=device)
    chosen = pairs[:, torch.randperm(pairs.shape[1], device=device)]
    chosen = chosen[:, :_undirected(rules)]  # (2, R / 2)
    return rules._replace(edge_index=torch.cat([chosen, chosen.flip(0)], dim=1))


def intervene_on_rules(rules: Rules, batch: int, num_aus: int) -> Rules:
    """Drop, re-weight or re-wire the rules, one of the three at random."""
    kind = int(torch.randint(3, ()))
    if kind == 0:
        return drop_rules(rules, batch)
    if kind == 1:
        return reweight_rules(rules, batch)
    return rewire_rules(rules, num_aus)


def exchange_context(evidence: Evidence, fraction: float = 0.3) -> Evidence:
    """Give each clip the background evidence of another clip of the batch.

    The tokens of lowest gate are the irrelevant part (identity, background); they are
    replaced by the same tokens of a neighbour in the batch, so that the model cannot
    lean on them. Which tokens these are is decided without a gradient.

    Args:
        evidence: The factual evidence.
        fraction: Share of the tokens that is exchanged. Defaults to 0.3.

    Shapes:
        - tokens: :math:`(B, M, C)`; gates: :math:`(B, M)`

    Examples:
        >>> tokens = torch.arange(4.).reshape(2, 2, 1)
        >>> swapped = exchange_context(
        ...     Evidence(tokens, torch.tensor([[.9, .1], [.9, .1]])), fraction=0.5)
        >>> swapped.tokens[:, :, 0].tolist()
        [[0.0, 3.0], [2.0, 1.0]]
    """
    tokens, gates = evidence
    count = int(fraction * tokens.shape[1])
    if count == 0 or tokens.shape[0] < 2:
        return evidence
    lowest = gates.detach().topk(count, dim=1, largest=False).indices  # (B, count)
    background = torch.zeros_like(gates, dtype=torch.bool).scatter_(1, lowest, True)
    other = tokens.roll(1, dims=0)
    return Evidence(torch.where(background[..., None], other, tokens), gates)


def _undirected(rules: Rules) -> int:
    return rules.edge_index.shape[1] // 2


def check_interventions(
    names: tuple[str, ...], has_rules: bool = True
) -> tuple[str, ...]:
    """Raise a ValueError if a name is not a known intervention.

    Args:
        names: Names of interventions.
        has_rules: Whether there are rules; if not, ``'rules'`` is left out.
            Defaults to True.
    """
    unknown = [name for name in names if name not in INTERVENTIONS]
    if unknown:
        raise ValueError(
            f'Unknown interventions {unknown}; known are {list(INTERVENTIONS)}.')
    return tuple(name for name in names if name != 'rules' or has_rules)


def draw_interventions(names: tuple[str, ...], count: int) -> list[str]:
    """Draw some of the interventions for a training step, none twice.

    Args:
        names: What to draw from; from nothing, nothing is drawn.
        count: How many are wanted.
    """
    if not names:
        return []
    order = torch.randperm(len(names)).tolist()
    return [names[i] for i in order[:count]]


def stack_batches(parts: list[Tensor | None]) -> Tensor | None:
    """Join the tokens of several passes along the batch; None stays None."""
    return None if parts[0] is None else torch.cat(parts)
