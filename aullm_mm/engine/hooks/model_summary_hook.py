# Copyright (c) AULLM-MM contributors.
"""What is trained, and one prompt as the LLM reads it, before training begins."""
from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from aullm_mm.registry import HOOKS

from ..unwrap import unwrap


def count_parameters(model: nn.Module) -> dict[str, tuple[int, int]]:
    """Trainable and frozen parameters of each part of a recognizer.

    Args:
        model: A recognizer.

    Returns:
        dict: Part to (trainable, frozen); parts of the head are counted apart.

    Examples:
        >>> count_parameters(nn.Sequential(nn.Linear(2, 3)))
        {'0': (9, 0)}
    """
    parts = {}
    for name, module in model.named_children():
        inner = dict(module.named_children()) if name == 'cls_head' else {name: module}
        for part, child in inner.items():
            sizes = [(p.requires_grad, p.numel()) for p in child.parameters()]
            trained = sum(n for grad, n in sizes if grad)
            frozen = sum(n for grad, n in sizes if not grad)
            if sizes:
                parts[part] = (trained, frozen)
    return parts


@HOOKS.register_module()
class ModelSummaryHook(Hook):
    """Log the parameters of each part and the prompt.

    Works with any head; the prompt is shown for heads that have ``describe_prompt()``.
    """

    def before_run(self, runner: Runner) -> None:
        """Log the summary."""
        model = unwrap(runner.model)
        parts = count_parameters(model)
        rows = [f'  {name:12s} {t:>10,d} trained {f:>12,d} frozen'
                for name, (t, f) in parts.items()]
        total = sum(t for t, _ in parts.values())
        runner.logger.info('\n'.join(
            [f'{total:,d} trained parameters:', *rows]))
        head = getattr(model, 'cls_head', None)
        describe = getattr(head, 'describe_prompt', None)
        prompt = describe() if describe else None
        if prompt:
            runner.logger.info(f'The prompt, as the LLM reads it:\n{prompt}')
