# Copyright (c) AULLM-MM contributors.
"""An optimizer over what is trained, and nothing else."""
from __future__ import annotations

import torch
from mmaction.registry import OPTIM_WRAPPER_CONSTRUCTORS, OPTIM_WRAPPERS, OPTIMIZERS
from mmengine.optim import OptimWrapper
from torch import nn

from ..unwrap import unwrap


def group_parameters(
    model: nn.Module, lr: float, lr_mult: dict[str, float], weight_decay: float = 0.0
) -> list[dict]:
    """Group the trainable parameters by learning rate and weight decay.

    Vectors and scalars (biases, norms, the rates of LED) are not decayed.

    Args:
        model: The model.
        lr: Learning rate.
        lr_mult: Part of a parameter's name to the factor of its learning rate.
        weight_decay: Weight decay of matrices. Defaults to 0.

    Raises:
        ValueError: If a key of ``lr_mult`` is in no trainable parameter's name.

    Examples:
        >>> groups = group_parameters(nn.Linear(2, 3), 0.1, {'bias': 2.0}, 0.01)
        >>> [(g['lr'], g['weight_decay']) for g in groups]
        [(0.1, 0.01), (0.2, 0.0)]
    """
    groups, used = {}, set()
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        keys = [key for key in lr_mult if key in name]
        used.update(keys)
        factor = lr_mult[max(keys, key=len)] if keys else 1.0
        decay = weight_decay if parameter.dim() > 1 else 0.0
        groups.setdefault((lr * factor, decay), []).append(parameter)
    unused = sorted(set(lr_mult) - used)
    if unused:
        raise ValueError(
            f'paramwise_cfg.lr_mult names {unused}, which are in no trained '
            f'parameter\'s name; take them out or correct them.')
    return [
        dict(params=params, lr=rate, weight_decay=decay)
        for (rate, decay), params in groups.items()
    ]


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class TrainedParamsConstructor:
    """Build an optimizer over the trainable parameters only.

    MMEngine's default constructor hands the frozen LLM to the optimizer too, and logs a
    line for each of its weights.

    Args:
        optim_wrapper_cfg: Config of the optimizer wrapper.
        paramwise_cfg: ``lr_mult``, see :func:`group_parameters`. Defaults to None.

    Raises:
        ValueError: If the optimizer has no ``lr``, or the model nothing to train.
    """

    def __init__(
        self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None
    ) -> None:
        self.optim_wrapper_cfg = dict(optim_wrapper_cfg)
        self.lr_mult = dict((paramwise_cfg or {}).get('lr_mult', {}))

    def __call__(self, model: nn.Module) -> OptimWrapper:
        """Build optimizer and wrapper for a model."""
        model = unwrap(model)
        wrapper = dict(self.optim_wrapper_cfg)
        wrapper.setdefault('type', 'OptimWrapper')
        config = dict(wrapper.pop('optimizer'))
        if 'lr' not in config:
            raise ValueError(
                f'optim_wrapper.optimizer {config} has no lr; set its learning rate.')
        groups = group_parameters(
            model, config['lr'], self.lr_mult, config.get('weight_decay', 0.0))
        if not groups:
            raise ValueError('The model has no trainable parameter to optimize.')
        optimizer: torch.optim.Optimizer = OPTIMIZERS.build(
            dict(config, params=groups))
        return OPTIM_WRAPPERS.build(wrapper, default_args=dict(optimizer=optimizer))
