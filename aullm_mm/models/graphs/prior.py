# Copyright (c) AULLM-MM contributors.
"""Which AUs may talk to each other: the sparse structural prior as tensors."""
from __future__ import annotations

from itertools import combinations
from typing import NamedTuple, Sequence

import numpy as np
import torch
from torch import Tensor

from aullm_mm.facs.relations import (
    PRIORS,
    RELATION_TYPES,
    cooccurrence_edges,
    random_edges,
    relation_edges,
)

CO_OCCURRENCE = 'co-occurrence'
NAMES = (*PRIORS, 'random', CO_OCCURRENCE)
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
            if two pairs join the same AUs, or if the name is not known or is
            ``'co-occurrence'``, which needs labels.

    Examples:
        >>> edges = build_prior((1, 2, 4, 12), [(1, 2), (4, 12)])
        >>> edges.index.tolist()
        [[0, 2, 1, 3], [1, 3, 0, 2]]
    """
    return _as_tensors(_named_edges(aus, prior, seed))


def unset_prior(aus: Sequence[int]) -> PriorEdges:
    """Room for as many edges as ``'both'`` has; every index is -1 until they are known.

    Args:
        aus: AU numbers, in the order of the labels.

    Examples:
        >>> unset_prior((1, 2, 4)).index.unique().tolist()
        [-1]
    """
    edges = build_prior(aus, 'both')
    return edges._replace(
        index=torch.full_like(edges.index, -1), sign=torch.zeros_like(edges.sign))


def cooccurrence_prior(aus: Sequence[int], labels: np.ndarray) -> PriorEdges:
    r"""Make the edges of the training clips' own labels, as many as ``'both'`` has.

    Pairs seen together in at least two clips come first, by the size of their phi
    coefficient, see :func:`~aullm_mm.facs.relations.cooccurrence_edges`. An
    association below chance is as informative as one above it, so the sign of phi is
    that of the edge and only its size ranks. Where these pairs are too few, those
    follow that are most short of the clips that chance would give them,

    .. math:: n_i n_j / n - n_{ij},

    as antagonists, so that the density is always that of ``'both'``.

    Args:
        aus: AU numbers, in the order of the labels.
        labels: Labels 1, 0 or -1 (unknown) of the training clips.

    Shapes:
        - labels: (clips, N)

    Raises:
        ValueError: If there are no clips, or the labels are not over this AU list.

    Examples:
        >>> labels = [[1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 1]]
        >>> edges = cooccurrence_prior((1, 2, 12), labels)
        >>> edges.index[:, :1].tolist(), edges.sign[:1].tolist()
        ([[0], [1]], [0.5])
    """
    labels = np.asarray(labels)
    if labels.ndim != 2 or not len(labels) or labels.shape[1] != len(aus):
        raise ValueError(
            f'The co-occurrences of {len(aus)} AUs need labels of shape (clips, '
            f'{len(aus)}), got {labels.shape}.')
    count = len(relation_edges(aus, 'both'))
    together = cooccurrence_edges(labels, count=count)
    apart = _hardly_together(labels, {edge[:2] for edge in together})
    return _as_tensors([*together, *apart[:count - len(together)]])


def _hardly_together(
    labels: np.ndarray, taken: set[tuple[int, int]]
) -> list[tuple[int, int, int]]:
    """The other pairs, those first that chance would bring together most often."""
    present, known = (labels == 1).astype(float), (labels >= 0).astype(float)
    chance = (present.T @ known) * (known.T @ present) / np.maximum(known.T @ known, 1)
    missing = chance - present.T @ present  # (N, N)
    pairs = [p for p in combinations(range(labels.shape[1]), 2) if p not in taken]
    pairs.sort(key=lambda pair: (-missing[pair], pair))
    kinds = [RELATION_TYPES.index('antagonism' if missing[pair] > 0 else 'unsigned')
             for pair in pairs]
    return [(*pair, kind) for pair, kind in zip(pairs, kinds)]


def _as_tensors(edges: Sequence[tuple[int, int, int]]) -> PriorEdges:
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
    if prior == CO_OCCURRENCE:
        raise ValueError(
            f'prior={prior!r} is made from the labels of the training clips '
            f'(cooccurrence_prior) and kept in the checkpoint; no name gives it.')
    if isinstance(prior, str) and prior not in NAMES:
        raise ValueError(f'unknown prior {prior!r}: choose one of {list(NAMES)}')
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
