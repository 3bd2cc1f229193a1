# Copyright (c) AULLM-MM contributors.
"""Relations between AUs: the structural priors of the reasoning graph.

``relations.csv`` holds one row an edge and source. Sources contradict each other
(brows drawn together *and* raised are anatomical antagonists, yet a part of sadness);
such rows are all kept and marked ``contradicted``, and the graph starts them unsigned.
"""
from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import combinations
from types import MappingProxyType
from typing import Mapping, NamedTuple, Sequence

import numpy as np

from aullm_mm.facs.action_units import check_au_list

#: Signs that a row of ``relations.csv`` may carry.
SIGNS = ('synergy', 'antagonism', 'ambiguous')
#: Kinds that a row of ``relations.csv`` may have.
KINDS = ('same muscle', 'antagonist muscle', 'same region', 'prototype')
#: Types of a graph edge: all signed sources agree on synergy or on antagonism, they
#: contradict each other, or none of them gives a sign.
RELATION_TYPES = ('synergy', 'antagonism', 'contradicted', 'unsigned')
#: Priors that :func:`relation_edges` knows and the row kinds each of them draws on.
PRIORS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    'anatomy': ('same muscle', 'antagonist muscle', 'same region'),
    'prototypes': ('prototype',),
    'both': KINDS,
    'full': (),
    'none': (),
})
_UNSIGNED = RELATION_TYPES.index('unsigned')


@dataclass(frozen=True)
class AURelation:
    """What one source says of two AUs.

    Args:
        first: Lower AU number.
        second: Higher AU number.
        sign: One of :data:`SIGNS`; ``'ambiguous'`` where the source gives none.
        kind: One of :data:`KINDS`.
        source: Who says so, for example ``'EMFACS prototype: surprise'``.
        contradicted: Whether another row gives the pair the opposite sign.

    Examples:
        >>> load_relations()[0].source
        'FACS anatomy: frontalis parts'
    """

    first: int
    second: int
    sign: str
    kind: str
    source: str
    contradicted: bool = False


class Edge(NamedTuple):
    """An undirected edge between two AUs of a list; a plain tuple of three integers.

    Args:
        i: Index of the one AU in the list.
        j: Index of the other, greater than ``i``.
        type_index: Index into :data:`RELATION_TYPES`.

    Examples:
        >>> Edge(0, 1, 0) == (0, 1, 0)
        True
    """

    i: int
    j: int
    type_index: int


@lru_cache(maxsize=1)
def load_relations() -> tuple[AURelation, ...]:
    """Read all relations that the package ships, in the order of the file.

    Raises:
        ValueError: If a row of the file has an unknown AU, sign or kind.

    Examples:
        >>> {relation.sign for relation in load_relations()} == set(SIGNS)
        True
    """
    text = resources.files('aullm_mm.facs').joinpath('relations.csv').read_text('utf-8')
    rows = csv.DictReader(text.splitlines())
    return tuple(_read_row(row, line) for line, row in enumerate(rows, start=2))


def relation_edges(aus: Sequence[int], prior: str = 'both') -> tuple[Edge, ...]:
    """Return the edges of a prior among the AUs of a list, at most one a pair.

    ``'anatomy'`` joins AUs of one muscle, of antagonist muscles or of one region,
    ``'prototypes'`` those that share or exclude each other in emotion prototypes,
    ``'both'`` takes the union, ``'full'`` joins every pair without a sign and
    ``'none'`` nothing. The sources of a prior vote on the type of an edge: one sign
    among them gives that sign, two give ``'contradicted'``, none ``'unsigned'``.

    Args:
        aus: FACS numbers; the edges index into this list.
        prior: A key of :data:`PRIORS`. Defaults to ``'both'``.

    Returns:
        Undirected edges with ``i < j``, sorted.

    Raises:
        ValueError: If the prior is unknown, or the list is empty, repeats an AU or
            names an unknown one.

    Examples:
        >>> [tuple(edge) for edge in relation_edges([1, 4, 12], 'prototypes')]
        [(0, 1, 0), (1, 2, 1)]
    """
    numbers = check_au_list(aus)
    if prior not in PRIORS:
        raise ValueError(f'unknown prior {prior!r}: choose one of {list(PRIORS)}')
    if prior == 'full':
        pairs = combinations(range(len(numbers)), 2)
        return tuple(Edge(i, j, _UNSIGNED) for i, j in pairs)
    position = {number: index for index, number in enumerate(numbers)}
    signs: dict[tuple[int, int], set[str]] = {}
    for relation in load_relations():
        ends = relation.first, relation.second
        if relation.kind in PRIORS[prior] and position.keys() >= set(ends):
            i, j = sorted(position[number] for number in ends)
            signs.setdefault((i, j), set()).add(relation.sign)
    return tuple(Edge(*ends, _edge_type(signs[ends])) for ends in sorted(signs))


def random_edges(n: int, count: int, seed: int = 0) -> tuple[Edge, ...]:
    """Draw a random prior: a control with as many edges as another prior has.

    Args:
        n: Length of the AU list.
        count: Number of edges to draw, without repetition.
        seed: Seed of the draw. Defaults to 0.

    Returns:
        Unsigned edges with ``i < j``, sorted.

    Raises:
        ValueError: If ``count`` is negative or more than n (n - 1) / 2.

    Examples:
        >>> len(random_edges(8, 11, seed=0))
        11
    """
    pairs = list(combinations(range(n), 2))
    if not 0 <= count <= len(pairs):
        raise ValueError(f'cannot draw {count} edges among {n} AUs: ask for 0 to '
                         f'{len(pairs)}')
    chosen = np.random.default_rng(seed).choice(len(pairs), count, replace=False)
    return tuple(Edge(*pairs[index], _UNSIGNED) for index in sorted(chosen.tolist()))


def cooccurrence_edges(
        label_matrix: np.ndarray, min_count: int = 2, count: int | None = None
) -> tuple[Edge, ...]:
    r"""Derive a prior from the labels of the *training* clips of a fold.

    A pair seen together in at least ``min_count`` clips becomes an edge. Its type
    follows the phi coefficient over the clips that label both AUs,

    .. math:: \phi = (p_{ij} - p_i p_j) / \sqrt{p_i (1 - p_i) p_j (1 - p_j)},

    synergy where it is positive, antagonism where it is negative.

    Args:
        label_matrix: Labels 1, 0 or -1 (unknown).
        min_count: Fewest clips that must show both AUs. Defaults to 2.
        count: If given, keep only that many edges, the largest :math:`|\phi|` first.

    Shapes:
        - label_matrix: (clips, N)

    Raises:
        ValueError: If the matrix is not two-dimensional or holds other values.

    Examples:
        >>> labels = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, -1]])
        >>> [tuple(edge) for edge in cooccurrence_edges(labels)]
        [(0, 1, 0)]
    """
    labels = np.asarray(label_matrix)
    if labels.ndim != 2 or not np.isin(labels, (-1, 0, 1)).all():
        raise ValueError('the label matrix must have shape (clips, N) and values 1, 0 '
                         f'or -1; got shape {labels.shape}')
    found = []
    for i, j in combinations(range(labels.shape[1]), 2):
        both = labels[(labels[:, [i, j]] >= 0).all(axis=1)][:, [i, j]]  # (clips, 2)
        if both.all(axis=1).sum() >= max(min_count, 1):
            found.append((_phi(both), i, j))
    found.sort(key=lambda item: (-abs(item[0]), item[1:]))
    kept = sorted((i, j, phi) for phi, i, j in found[:count])
    return tuple(Edge(i, j, _phi_type(phi)) for i, j, phi in kept)


def _phi(pair: np.ndarray) -> float:
    mean = pair.mean(axis=0)
    scale = np.sqrt((mean * (1 - mean)).prod())
    joint = pair.all(axis=1).mean()
    return float((joint - mean.prod()) / scale) if scale > 0 else 0.0


def _phi_type(phi: float) -> int:
    sign = 'synergy' if phi > 0 else 'antagonism' if phi < 0 else 'unsigned'
    return RELATION_TYPES.index(sign)


def _edge_type(signs: set[str]) -> int:
    signed = sorted(signs - {'ambiguous'})
    if len(signed) == 2:
        return RELATION_TYPES.index('contradicted')
    return RELATION_TYPES.index(signed[0]) if signed else _UNSIGNED


def _read_row(row: dict[str, str], line: int) -> AURelation:
    first, second = check_au_list((int(row['first']), int(row['second'])))
    if row['sign'] not in SIGNS or row['kind'] not in KINDS or first >= second:
        raise ValueError(f'relations.csv line {line}: {row} needs first < second, a '
                         f'sign of {SIGNS} and a kind of {KINDS}')
    return AURelation(first, second, row['sign'], row['kind'], row['source'],
                      row['contradicted'] == 'yes')
