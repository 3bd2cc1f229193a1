# Copyright (c) AULLM-MM contributors.
"""Weights of an LLM, read or random, and what a checkpoint says of them."""
from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import Any, Iterator

import torch
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM, BitsAndBytesConfig
from transformers.utils import logging as hf_logging

from .packaged import llm_fingerprint, resolve_llm

DTYPES = ('float32', 'bfloat16', 'float16')


def load_llm(
    name: str | dict,
    dtype: str,
    quantization: dict | None = None,
    pretrained: bool = True,
) -> nn.Module:
    """Load a causal LLM, or make a randomly initialised one.

    Args:
        name: Packaged name, local folder or hub id; or a dict with ``model_type`` and
            the fields of its Hugging Face config, for random weights, which are
            the same each time.
        dtype: Type of the frozen weights.
        quantization: Arguments of ``BitsAndBytesConfig``, for example
            ``dict(load_in_4bit=True)``. Defaults to None.
        pretrained: Whether to read the weights; if not, only the architecture is read
            and the weights are random, the same each time. Defaults to True.

    Raises:
        ValueError: If the dtype or the name is not known, or random weights should be
            quantized.
    """
    if dtype not in DTYPES:
        raise ValueError(f'dtype must be one of {DTYPES}, got {dtype!r}.')
    kwargs: dict[str, Any] = dict(dtype=getattr(torch, dtype))
    if quantization and not pretrained:
        raise ValueError('Random weights cannot be quantized: set quantization=None.')
    if isinstance(name, dict) or not pretrained:
        config = (AutoConfig.for_model(**name) if isinstance(name, dict) else
                  AutoConfig.from_pretrained(str(resolve_llm(name))))
        # Checkpoints hold no frozen weights, so these must be the same each time.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return AutoModelForCausalLM.from_config(config, **kwargs)
    if quantization:
        kwargs['quantization_config'] = BitsAndBytesConfig(**quantization)
    folder = str(resolve_llm(name))
    with _no_progress_bar():
        return AutoModelForCausalLM.from_pretrained(folder, **kwargs)


def llm_identity(
    name: str | dict, model: nn.Module, pretrained: bool = True
) -> dict[str, str]:
    """Name and content hash of an LLM, as kept in checkpoints.

    Args:
        name: As of :func:`load_llm`.
        model: What it loaded.
        pretrained: Whether the weights were read. Defaults to True.
    """
    if isinstance(name, dict):
        return dict(name=f'random {name["model_type"]}', sha256='')
    if not pretrained:
        return dict(name=f'random {name}', sha256=weights_digest(model))
    return dict(name=str(name), sha256=llm_fingerprint(resolve_llm(name)))


def weights_digest(model: nn.Module, values: int = 64) -> str:
    """Hash of the first values of every weight, which tells random weights apart.

    Args:
        model: A module with unquantized weights.
        values: How many of each are taken. Defaults to 64.

    Examples:
        >>> first, second = nn.Linear(2, 2), nn.Linear(2, 2)
        >>> weights_digest(first) == weights_digest(second)
        False
    """
    digest = hashlib.sha256()
    for parameter in model.parameters():
        first = parameter.detach().flatten()[:values]
        digest.update(first.float().cpu().numpy().tobytes())
    return digest.hexdigest()


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    """Hide transformers' bar over weight names: loading takes a second."""
    shown = hf_logging.is_progress_bar_enabled()
    hf_logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            hf_logging.enable_progress_bar()
