# Copyright (c) AULLM-MM contributors.
"""Predictions of clips as plain values."""
from __future__ import annotations

import random
from contextlib import contextmanager
from typing import Iterator

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader


@contextmanager
def kept_random_state() -> Iterator[None]:
    """Leave the random numbers of Python, NumPy and PyTorch as they were.

    A data loader draws a seed when it is built and when it is read, so that merely
    looking at predictions would change the training that goes on.

    Examples:
        >>> before = np.random.get_state()[1].copy()
        >>> with kept_random_state():
        ...     drawn = np.random.rand()
        >>> bool((np.random.get_state()[1] == before).all())
        True
    """
    python, numpy = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng():
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


def predict_clips(model: nn.Module, dataloader: DataLoader) -> list[dict]:
    """Predict every clip of a data loader once.

    Random numbers and the mode of the model are left as they were.

    Args:
        model: A recognizer whose head puts ``pred_score`` on the samples.
        dataloader: Clips with ``clip_id``, ``subject`` and ``corpus``.

    Returns:
        For each clip a dict of ``clip_id``, ``subject``, ``corpus``, ``label`` and
        ``score`` (lists over the AUs), and with an emotion branch ``emotion`` and
        ``emotion_score``.
    """
    training, found = model.training, {}
    model.eval()
    with kept_random_state(), torch.no_grad():
        for batch in dataloader:
            for sample in model.test_step(batch):
                found[sample.clip_id] = _clip(sample)
    model.train(training)
    return [found[key] for key in sorted(found)]


def _clip(sample) -> dict:
    clip = dict(
        clip_id=sample.clip_id, subject=sample.subject, corpus=sample.corpus,
        label=sample.gt_label.tolist(), score=sample.pred_score.tolist())
    if 'pred_emotion_score' in sample:
        clip.update(
            emotion=int(sample.get('gt_emotion', -1)),
            emotion_score=sample.pred_emotion_score.tolist())
    return clip
