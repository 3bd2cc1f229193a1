# Copyright (c) AULLM-MM contributors.
"""Scores of the test clips after every validated epoch: for the oracle only."""
from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.runner import Runner

from aullm_mm.registry import HOOKS

from ..prediction import kept_random_state, predict_clips


@HOOKS.register_module()
class TestEpochsHook(Hook):
    """Keep the test predictions of the epochs from which a checkpoint is chosen.

    A score at the epoch that is best *on the test clips* is no result: it is what
    much of the field reports, and is computed only to be set beside such numbers.
    Nothing in training looks at these predictions.

    Args:
        begin: First epoch, from 1, whose predictions are kept. Defaults to 1.
    """

    __test__ = False  # the name is no test's

    def __init__(self, begin: int = 1) -> None:
        self.begin, self.epochs = begin, {}

    def after_train_epoch(self, runner: Runner) -> None:
        """Predict the test clips."""
        epoch = runner.epoch + 1
        if epoch >= self.begin:
            with kept_random_state():  # the loader is built the first time
                loader = runner.test_dataloader
            self.epochs[epoch] = predict_clips(runner.model, loader)
