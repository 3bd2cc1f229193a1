# Copyright (c) AULLM-MM contributors.
"""The model itself, whatever wraps it."""
from __future__ import annotations

from mmengine.model import is_model_wrapper
from torch import nn


def unwrap(model: nn.Module) -> nn.Module:
    """Take a model out of MMEngine's wrapper of distributed training, if it is in one.

    Args:
        model: The model, or its wrapper.

    Examples:
        >>> model = nn.Linear(2, 1)
        >>> unwrap(model) is model
        True
    """
    return model.module if is_model_wrapper(model) else model
