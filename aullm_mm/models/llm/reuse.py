# Copyright (c) AULLM-MM contributors.
"""Load the frozen weights of an LLM once for many models."""
from __future__ import annotations

import copy
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Callable, Iterator

import torch
from torch import nn

_LOADED: ContextVar[dict | None] = ContextVar('loaded LLMs', default=None)


@contextmanager
def reuse_llms() -> Iterator[None]:
    """Inside this context an LLM is read from disk once, however often it is built.

    Each model gets a module tree of its own, whose frozen weights are the same tensors;
    so adapters put on one are not on the next. Used where one process trains many
    models one after another, as in cross-validation.

    Examples:
        >>> with reuse_llms():
        ...     first = shared_copy('key', lambda: nn.Linear(2, 2))
        ...     second = shared_copy('key', lambda: nn.Linear(2, 2))
        >>> first is second, first.weight is second.weight
        (False, True)
    """
    token = _LOADED.set({})
    try:
        yield
    finally:
        _LOADED.reset(token)


def shared_copy(key: str, load: Callable[[], nn.Module]) -> nn.Module:
    """A module that ``load`` makes, or a copy that shares its weights.

    Whether the module is read or copied leaves the random numbers of what follows
    alone, so that the order of several trainings does not change them.

    Args:
        key: What decides the module.
        load: Makes it; called at most once a key inside of :func:`reuse_llms`, each
            time outside.
    """
    with torch.random.fork_rng(devices=[]):
        loaded = _LOADED.get()
        if loaded is None:
            return load()
        if key not in loaded:
            loaded[key] = load().requires_grad_(False)
        original = loaded[key]
        tensors = [*original.parameters(), *original.buffers()]
        return copy.deepcopy(original, {id(tensor): tensor for tensor in tensors})
