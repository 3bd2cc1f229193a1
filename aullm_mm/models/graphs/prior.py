# Copyright (c) AULLM-MM contributors.
"""Which AUs may talk to each other: the sparse structural prior as tensors."""
from __future__ import annotations

from typing import NamedTuple, Sequence

import torch
from torch import Tensor

from aullm_mm.facs.relations import RELATION_TYPES, random_edges, relation_edges

# Strength before tanh; an edge without a sign starts near zero and may go either way.
INITIAL_STRENGTH = {'synergy': 0.5, 'antagonism': -0.5}


class PriorEdges(NamedTuple):
    """A prior, every undirected edge in both directions.

    Shapes:
        - index: :math:`(2, R)`, (source, target) indices into the AU list
        - type: :math:`(R,)`, index of the relation type
        - sign: :math:`(R,)`, strength that learning starts from
    """

    index: Tensor
    type: Tensor
    sign: Tensor
    num_types: int


def build_prior(
    aus: Sequence[int], prior: str | Sequence[Sequence[int]], seed: int = 0
) -> PriorEdges:
    """Make the edges of a prior over an AU list.

    Args:
        aus: AU numbers, in the order of the labels.
        prior: Name of a prior, or pairs of AU numbers.
        seed: Seed of the random prior. Defaults to 0.

    Raises:
        ValueError: If a pair names an AU that is not in the list, or one AU twice, or
            if two pairs join the same AUs.

    Examples:
        >>> edges = build_prior((1, 2, 4, 12), [(1, 2), (4, 12)])
        >>> edges.index.tolist()
        [[0, 2, 1, 3], [1, 3, 0, 2]]
    """
    edges = _named_edges(aus, prior, seed)
    first = torch.tensor([i for i, _, _ in edges], dtype=torch.long)
    second = torch.tensor([j for _, j, _ in edges], dtype=torch.long)
    kinds = torch.tensor([t for _, _, t in edges], dtype=torch.long)
    sign = torch.tensor(
        [INITIAL_STRENGTH.get(_sign_of(t), 0.1) for _, _, t in edges])
    index = torch.stack([torch.cat([first, second]), torch.cat([second, first])])
    return PriorEdges(
        index, kinds.repeat(2), sign.float().repeat(2), len(RELATION_TYPES) + 1)


def _named_edges(
    aus: Sequence[int], prior: str | Sequence[Sequence[int]], seed: int
) -> list[tuple[int, int, int]]:
    untyped = len(RELATION_TYPES)
    if prior == 'random':
        count = len(relation_edges(aus, 'both'))
        return [(i, j, untyped) for i, j, *_ in random_edges(len(aus), count, seed)]
    if isinstance(prior, str):
        return list(relation_edges(aus, prior))
    unknown = sorted({au for pair in prior for au in pair} - set(aus))
    if unknown:
        raise ValueError(
            f'The prior names AUs {unknown}, which are not in the AU list '
            f'{list(aus)}.')
    distinct = {frozenset(pair) for pair in prior}
    if len(distinct) < len(prior) or any(len(pair) != 2 for pair in distinct):
        raise ValueError(
            f'The prior must join two different AUs, each pair once, got {prior}.')
    position = {au: i for i, au in enumerate(aus)}
    return [(position[a], position[b], untyped) for a, b in prior]


def _sign_of(kind: int) -> str:
    return RELATION_TYPES[kind] if kind < len(RELATION_TYPES) else 'untyped'
