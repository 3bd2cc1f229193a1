# Copyright (c) AULLM-MM contributors.
"""Weights of the zoo for a model of another AU list, LLM or emotion scheme."""
from __future__ import annotations

from typing import Mapping, NamedTuple, Sequence

from torch import Tensor

from .select import INDICES, Edge, select_aus

#: Tensors in the space of the LLM's embeddings: worth nothing to another LLM.
LLM_TENSORS = (
    'cls_head.deduction.', 'cls_head.projector.project.', 'cls_head.projector.mlp.',
    'cls_head.graph.readout.', 'cls_head.graph.nodes.name.')
#: Only without a graph are these in that space.
LLM_TENSORS_WITHOUT_GRAPH = ('cls_head.classify.',)
#: They read content tokens and the logits of all AUs at once.
EMOTION_TENSORS = ('cls_head.emotion.', 'cls_head.deduction.emotion.')


class Adapted(NamedTuple):
    """Weights that fit the model, and what the user should know of them.

    ``changed`` is whether anything had to be adapted; ``missing`` are AUs of the model
    that the weights do not have.
    """

    state_dict: dict[str, Tensor]
    changed: bool
    missing: tuple[int, ...]
    notes: tuple[str, ...]


def adapt_weights(
    state_dict: Mapping[str, Tensor],
    saved: Mapping,
    wanted: Mapping,
    model_state: Mapping[str, Tensor],
    have_edges: Sequence[Sequence] = (),
    want_edges: Sequence[Edge] = (),
) -> Adapted:
    """Adapt weights to a model, part by part.

    AUs go by number, edges by their two AUs and their relation. Parts in the space of
    an LLM are taken only by a model of the very same LLM, and an emotion branch only
    where AUs, LLM and emotions are all the same. What is not taken keeps the initial
    values of the model.

    Args:
        state_dict: Weights.
        saved: Their identity: ``aus``, ``llm`` and, if any, ``emotions``.
        wanted: Identity of the model.
        model_state: State dict of the model.
        have_edges: Edges of the weights.
        want_edges: Edges of the model.

    Raises:
        ValueError: If the model differs in more than these.

    Examples:
        >>> import torch
        >>> key = 'cls_head.graph.bias'
        >>> adapted = adapt_weights(
        ...     {key: torch.tensor([1., 2.])}, dict(aus=[1, 2], llm=None),
        ...     dict(aus=[2, 26], llm=None), {key: torch.zeros(2)})
        >>> adapted.state_dict[key], adapted.missing
        (tensor([2., 0.]), (26,))
    """
    have, want, notes = list(saved['aus']), list(wanted['aus']), []
    other_llm = saved.get('llm') != wanted.get('llm')
    emotions = [list(x.get('emotions') or ()) for x in (saved, wanted)]
    initial: tuple[str, ...] = ()
    if other_llm:
        initial += LLM_TENSORS
        if not any(key.startswith('cls_head.graph.') for key in model_state):
            initial += LLM_TENSORS_WITHOUT_GRAPH
        notes.append(
            f'The weights were trained with the LLM {_llm(saved)}, the model has '
            f'{_llm(wanted)}: what leads to and from the LLM keeps its initial values.')
    if emotions[0] != emotions[1] or any(emotions) and (other_llm or have != want):
        initial += EMOTION_TENSORS
        notes.append('The emotion branch keeps its initial values.')
    weights = {k: v for k, v in state_dict.items() if not k.startswith(initial)}
    reorder = have != want or not _same_edges(
        have_edges, want_edges, weights, model_state)
    if reorder:
        weights = select_aus(
            weights, have, want, model_state, have_edges, want_edges)
    weights.update({k: v for k, v in model_state.items() if k.startswith(initial)})
    missing = tuple(au for au in want if au not in have)
    return Adapted(weights, bool(notes) or reorder, missing, tuple(notes))


def _same_edges(
    have: Sequence[Sequence], want: Sequence[Edge], weights: Mapping, model: Mapping
) -> bool:
    if all(key in weights and key in model for key in INDICES):
        return True  # a graph that learned its edges takes those of the weights
    return [tuple(edge) for edge in have] == [tuple(edge) for edge in want]


def _llm(identity: Mapping) -> str:
    llm = identity.get('llm')
    return 'none' if llm is None else f'{llm["name"]} ({llm["sha256"][:12]})'
