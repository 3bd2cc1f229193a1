# Copyright (c) AULLM-MM contributors.
"""Let evidence and structure learn before the LLM joins."""
from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from aullm_mm.registry import HOOKS

from ..unwrap import unwrap


@HOOKS.register_module()
class EvidenceWarmupHook(Hook):
    """Train on the node logits alone for the first epochs, without running the LLM.

    A pass of the backbone costs a hundredth of a pass of the LLM, and what the LLM
    reads in those epochs would be noise. From epoch ``epochs`` on, everything is
    trained together. It acts on heads that have an LLM and a ``deduces`` switch.

    Args:
        epochs: Epochs without the LLM. Defaults to 20.
    """

    def __init__(self, epochs: int = 20) -> None:
        if epochs < 0:
            raise ValueError(f'epochs must be at least 0, got {epochs}.')
        self.epochs = epochs

    def before_train(self, runner: Runner) -> None:
        """Warn where no epoch is left for the LLM."""
        if _head_with_llm(runner) is not None and runner.max_epochs <= self.epochs:
            runner.logger.warning(
                f'The LLM stays untrained: EvidenceWarmupHook waits for {self.epochs} '
                f'epochs, and the run has {runner.max_epochs}. Lower warmup_epochs.')

    def before_train_epoch(self, runner: Runner) -> None:
        """Switch the LLM on or off, also after a resume."""
        head = _head_with_llm(runner)
        if head is not None:
            self._switch(head, runner)

    def after_train(self, runner: Runner) -> None:
        """Leave the model as it is used: with the LLM."""
        head = _head_with_llm(runner)
        if head is not None:
            head.deduces = True

    def _switch(self, head: nn.Module, runner: Runner) -> None:
        deduces = runner.epoch >= self.epochs
        if head.deduces != deduces:
            runner.logger.info(
                'The LLM joins the training.' if deduces else
                f'Evidence and structure learn for {self.epochs} epochs; then the LLM '
                f'joins.')
        head.deduces = deduces


def _head_with_llm(runner: Runner) -> nn.Module | None:
    model = unwrap(runner.model)
    head = getattr(model, 'cls_head', None)
    return head if getattr(head, 'deduction', None) is not None else None
