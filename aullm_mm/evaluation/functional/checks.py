# Copyright (c) AULLM-MM contributors.
"""Checks of what is to be judged, with messages that say what is wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def check_predictions(
    labels: ArrayLike, scores: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Bring labels and scores into arrays, or say what is wrong with them.

    Args:
        labels (ArrayLike): 1 present, 0 absent, -1 unknown.
        scores (ArrayLike): Probabilities in [0, 1].

    Returns:
        tuple[np.ndarray, np.ndarray]: Both as float arrays.

    Raises:
        ValueError: If shapes differ, or a value is outside its range.

    Shapes:
        - labels, scores: :math:`(clips, N)`

    Examples:
        >>> check_predictions([[1, 0]], [[0.5, 1.5]])
        Traceback (most recent call last):
        ...
        ValueError: scores must be probabilities in [0, 1], got 1.5 for clip 0, \
AU column 1 (logits? apply a sigmoid first)
    """
    labels = np.asarray(labels, dtype=float)
    scores = np.asarray(scores, dtype=float)
    if labels.ndim != 2 or labels.shape != scores.shape:
        raise ValueError(
            'labels and scores must both be (clips, AUs), got '
            f'{labels.shape} and {scores.shape}'
        )
    wrong = np.argwhere(~np.isin(labels, (1, 0, -1)))
    if len(wrong):
        clip, column = wrong[0]
        raise ValueError(
            'labels must be 1 (present), 0 (absent) or -1 (unknown), got '
            f'{labels[clip, column]:g} for clip {clip}, AU column {column}'
        )
    inside = (scores >= 0) & (scores <= 1)  # NaN is outside
    wrong = np.argwhere((labels != -1) & ~inside)
    if len(wrong):
        clip, column = wrong[0]
        raise ValueError(
            'scores must be probabilities in [0, 1], got '
            f'{scores[clip, column]:g} for clip {clip}, AU column {column} '
            '(logits? apply a sigmoid first)'
        )
    return labels, scores


def check_thresholds(thresholds: float | ArrayLike, num_aus: int) -> np.ndarray:
    """Bring thresholds to one value an AU.

    Args:
        thresholds (float | ArrayLike): One for all AUs or one each.
        num_aus (int): Number of AUs, N.

    Returns:
        np.ndarray: N thresholds in [0, 1].

    Raises:
        ValueError: If their number is neither 1 nor N, or one is no
            probability.

    Shapes:
        - output: :math:`(N,)`

    Examples:
        >>> check_thresholds(0.5, 2).tolist()
        [0.5, 0.5]
    """
    values = np.asarray(thresholds, dtype=float)
    if values.ndim > 1 or values.size not in (1, num_aus):
        raise ValueError(
            f'thresholds must be one number or {num_aus} (one an AU), got {values.size}'
        )
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f'thresholds must lie in [0, 1], got {values.tolist()}')
    return np.broadcast_to(values.reshape(-1), (num_aus,)).copy()
