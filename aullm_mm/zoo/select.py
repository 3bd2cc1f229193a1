# Copyright (c) AULLM-MM contributors.
"""Weights of one AU list for a model of another, AU by AU."""
from __future__ import annotations

from typing import Mapping, Protocol, Sequence

import torch  # noqa: F401 (doctest)
from torch import Tensor

from aullm_mm.facs.relations import RELATION_TYPES

Edge = tuple[int, int, str]

#: Tensors of a head whose first axis is the AU list.
AU_TENSORS = (
    'cls_head.classify.weight', 'cls_head.classify.bias',
    'cls_head.graph.nodes.focus', 'cls_head.graph.nodes.weight',
    'cls_head.graph.nodes.identity', 'cls_head.graph.classify', 'cls_head.graph.bias',
    'cls_head.deduction.classify.weight', 'cls_head.deduction.classify.bias',
)
STRENGTH = 'cls_head.graph.strength'  # its axis is the edges
#: Edges that were learned from labels; they are indices into the AU list.
INDICES = ('cls_head.graph.edge_index', 'cls_head.graph.edge_type')


class Graph(Protocol):
    """What :func:`edges_of` reads of an AU graph."""

    aus: Sequence[int]
    edge_index: Tensor
    edge_type: Tensor


def edges_of(graph: Graph | None) -> list[Edge]:
    """Directed edges of an AU graph as (source AU, target AU, relation).

    Args:
        graph: An :class:`~aullm_mm.models.graphs.AURelationGNN`, or None.

    Returns:
        The edges in the order of its strengths; none where it does not know them yet.

    Examples:
        >>> edges_of(None)
        []
    """
    if graph is None or bool((graph.edge_index < 0).any()):
        return []
    names, aus = (*RELATION_TYPES, 'untyped'), graph.aus
    return [(aus[i], aus[j], names[kind]) for (i, j), kind in zip(
        graph.edge_index.t().tolist(), graph.edge_type.tolist())]


def select_aus(
    state_dict: Mapping[str, Tensor],
    have: Sequence[int],
    want: Sequence[int],
    model_state: Mapping[str, Tensor],
    have_edges: Sequence[Sequence] = (),
    want_edges: Sequence[Sequence] = (),
) -> dict[str, Tensor]:
    """Map every tensor with an AU axis, or an edge axis, from one AU list to another.

    Args:
        state_dict: Weights; the tensors are not changed.
        have: AU numbers of the weights, in their order.
        want: AU numbers of the model, in its order.
        model_state: State dict of the model: values of AUs and edges that the weights
            do not have.
        have_edges: Edges of the weights, as of :func:`edges_of`.
        want_edges: Edges of the model.

    Returns:
        The weights for the model's AU list; all other tensors as they were.

    Raises:
        ValueError: If a tensor has no row for each AU of ``have``, or its rows have
            another shape than the model's.

    Examples:
        >>> key = 'cls_head.graph.bias'
        >>> weights = {key: torch.tensor([1., 2., 4.])}
        >>> select_aus(weights, (1, 2, 4), (4, 26, 1), {key: torch.zeros(3)})[key]
        tensor([4., 0., 1.])
    """
    result = dict(state_dict)
    for key in AU_TENSORS:
        if key in state_dict and key in model_state:
            result[key] = _by_name(
                key, state_dict[key], list(have), model_state[key], list(want))
    if STRENGTH in state_dict and STRENGTH in model_state:
        result[STRENGTH] = _by_name(
            STRENGTH, state_dict[STRENGTH], [tuple(e) for e in have_edges],
            model_state[STRENGTH], [tuple(e) for e in want_edges])
    for key in INDICES:
        if key not in model_state or list(have) != list(want):
            result.pop(key, None)
        if key in model_state:
            result.setdefault(key, model_state[key])
    return result


def _by_name(
    key: str, values: Tensor, have: list, initial: Tensor, want: list
) -> Tensor:
    """Rows of ``values`` where their name is wanted, else those of ``initial``."""
    if have and len(values) != len(have) or values.shape[1:] != initial.shape[1:]:
        raise ValueError(
            f'{key} has the shape {tuple(values.shape)} in the weights and '
            f'{tuple(initial.shape)} in the model: they differ in more than the AU '
            f'list. Use the config that the weights were made with.')
    row = {name: i for i, name in enumerate(have)}
    result = initial.detach().cpu().clone()
    for i, name in enumerate(want):
        if name in row:
            result[i] = values[row[name]].to(result.dtype)
    return result
