# Copyright (c) AULLM-MM contributors.
"""Thresholds that are chosen on the subjects trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .checks import check_predictions


def choose_thresholds(
    labels: ArrayLike, scores: ArrayLike, default: float = 0.5
) -> np.ndarray:
    """Choose the threshold of each AU that maximises its positive-class F1.

    **For predictions on training folds only** (a validation split of the
    training subjects). A threshold chosen on the predictions that are then
    judged makes the score optimistic: for a rare AU by many points of F1. Such
    a score is an oracle, not a result.

    Candidates lie half way between neighbouring scores; of equally good ones
    the nearest to ``default`` is taken.

    Args:
        labels (ArrayLike): 1 present, 0 absent, -1 unknown.
        scores (ArrayLike): Probabilities in [0, 1] on held-out clips of the
            training subjects.
        default (float): Threshold of an AU with no positive or no negative
            clip here. Defaults to 0.5.

    Returns:
        np.ndarray: One threshold an AU, to be used as ``score >= threshold``.

    Raises:
        ValueError: If shapes differ, or a value is outside its range.

    Shapes:
        - labels, scores: :math:`(clips, N)`
        - output: :math:`(N,)`

    Examples:
        >>> labels = [[1, 0], [1, 0], [0, 0]]
        >>> choose_thresholds(labels, [[.4, .6], [.3, .1], [.1, .2]]).tolist()
        [0.2, 0.5]
    """
    labels, scores = check_predictions(labels, scores)
    columns = zip(labels.T, scores.T)
    return np.array([_best_threshold(*column, default) for column in columns])


def _best_threshold(labels: np.ndarray, scores: np.ndarray, default: float) -> float:
    positive = labels[labels != -1] == 1
    known_scores = scores[labels != -1]
    if positive.all() or not positive.any():
        return default
    candidates = _candidates(known_scores, default)
    order = np.sort(known_scores), np.sort(known_scores[positive])
    # Clips at or above each candidate: all of them, and the positives.
    predicted, hits = (len(s) - np.searchsorted(s, candidates) for s in order)
    f1 = 2 * hits / (predicted + positive.sum())
    best = candidates[np.isclose(f1, f1.max(), rtol=1e-12, atol=0)]
    return float(best[np.argmin(np.abs(best - default))])


def _candidates(scores: np.ndarray, default: float) -> np.ndarray:
    levels = np.unique(scores)
    middle = (levels[:-1] + levels[1:]) / 2
    # Between two neighbouring floats the mean may round down to the lower one.
    middle = np.where(middle > levels[:-1], middle, levels[1:])
    return np.concatenate([levels[:1], middle, [default]])
