# Copyright (c) AULLM-MM contributors.
"""Automatic mixed precision on a CPU."""
from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator

import torch
from mmaction.registry import OPTIM_WRAPPERS
from mmengine.optim import OptimWrapper
from torch import nn


@OPTIM_WRAPPERS.register_module()
class CPUAmpOptimWrapper(OptimWrapper):
    """An optimizer wrapper whose forward passes run in bfloat16 on a CPU.

    MMEngine's ``AmpOptimWrapper`` refuses to run without an accelerator. bfloat16 has
    the range of float32, so no loss scaling is needed. It pays on processors with
    bfloat16 instructions only.

    Args:
        kwargs: Arguments of MMEngine's ``OptimWrapper``.
    """

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Run the model's forward pass in bfloat16."""
        with super().optim_context(model), torch.autocast('cpu', torch.bfloat16):
            yield
