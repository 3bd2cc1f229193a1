# Copyright (c) AULLM-MM contributors.
"""Intervals by resampling whole subjects."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from .checks import check_predictions, check_thresholds
from .counts import confusion_counts, measures_from_counts, nan_mean

#: Measures that `subject_bootstrap` knows by name, each also with ``_mean``.
STATISTICS = ('f1', 'macro_f1', 'precision', 'recall', 'auc')


def subject_bootstrap(
    labels: ArrayLike,
    scores: ArrayLike,
    subjects: Sequence[str],
    statistic: str | Callable[[np.ndarray, np.ndarray], ArrayLike],
    n: int = 1000,
    seed: int = 0,
    *,
    thresholds: float | ArrayLike = 0.5,
    level: float = 0.95,
) -> tuple[np.ndarray, np.ndarray]:
    """Percentile interval of a statistic over resampled subjects.

    Clips of one person are not independent, so whole subjects are drawn, with
    replacement, as many as there are. Named statistics need no loop: counts (for AUC
    the won comparisons) are added up once per subject or pair of subjects and weighted
    by how often each was drawn, which gives exactly the score of the resampled clips.

    Args:
        labels (ArrayLike): 1 present, 0 absent, -1 unknown.
        scores (ArrayLike): Probabilities in [0, 1].
        subjects (Sequence[str]): Subject of each clip.
        statistic (str | Callable): One of ``STATISTICS`` (an interval an AU), the same
            with ``_mean`` behind it (one interval of the mean over the AUs defined in
            each resample), or a function of labels and scores (slow: n calls).
        n (int): Number of resamples. Defaults to 1000.
        seed (int): Same seed, same interval. Defaults to 0.
        thresholds (float | ArrayLike): As in ``au_scores``. Defaults to 0.5.
        level (float): Probability inside the interval. Defaults to 0.95.

    Returns:
        tuple[np.ndarray, np.ndarray]: Low and high end over the resamples in which the
        statistic is defined; NaN where there is none, or only one subject.

    Raises:
        ValueError: If a shape, the statistic, ``n`` or ``level`` is wrong.

    Shapes:
        - labels, scores: :math:`(clips, N)`
        - output: :math:`(N,)` an end, or :math:`()` for a mean

    Examples:
        >>> labels = [[1], [0], [1], [0]]
        >>> scores = [[.9], [.2], [.4], [.1]]
        >>> low, high = subject_bootstrap(labels, scores, 'aabb', 'f1_mean')
        >>> low.item(), high.item()
        (0.0, 1.0)
    """
    labels, scores = check_predictions(labels, scores)
    _check_options(len(labels), subjects, n, level)
    names, member = np.unique(np.asarray(list(subjects)), return_inverse=True)
    generator = np.random.default_rng(seed)
    drawn = generator.integers(max(len(names), 1), size=(n, len(names)))
    if callable(statistic):
        values = _call_each(labels, scores, member, drawn, statistic)
    else:
        thresholds = check_thresholds(thresholds, labels.shape[1])
        values = _named(labels, scores, thresholds, member, drawn, statistic)
    return _interval(values if len(names) > 1 else np.nan * values, level)


def _check_options(clips: int, subjects: Sequence[str], n: int, level: float) -> None:
    if len(subjects) != clips:
        raise ValueError(f'{clips} clips need as many subjects, got {len(subjects)}')
    if n < 1 or not 0 < level < 1:
        raise ValueError(
            f'n must be at least 1 and level inside (0, 1), got {n} and {level}'
        )


def _named(
    labels: np.ndarray,
    scores: np.ndarray,
    thresholds: np.ndarray,
    member: np.ndarray,
    drawn: np.ndarray,
    statistic: str,
) -> np.ndarray:
    measure = statistic.removesuffix('_mean')
    if measure not in STATISTICS:
        raise ValueError(
            f'unknown statistic {statistic!r}; known are '
            f'{", ".join(STATISTICS)}, each also with _mean'
        )
    num_subjects = drawn.shape[1]
    rows = np.arange(len(drawn))[:, None]
    times = np.zeros(drawn.shape)  # (n, S): how often each subject was drawn
    np.add.at(times, (rows, drawn), 1)
    if measure == 'auc':
        columns = zip(labels.T, scores.T)
        values = np.stack(
            [
                _resampled_auc(label, score, np.eye(num_subjects)[member], times)
                for label, score in columns
            ],
            axis=1,
        )
    else:
        counts = np.zeros((num_subjects, labels.shape[1], 4))
        np.add.at(counts, member, confusion_counts(labels, scores, thresholds))
        resampled = np.einsum('rs,snk->rnk', times, counts)
        values = measures_from_counts(resampled)[measure]
    return nan_mean(values) if statistic.endswith('_mean') else values


def _resampled_auc(
    labels: np.ndarray, scores: np.ndarray, onehot: np.ndarray, times: np.ndarray
) -> np.ndarray:
    positive, negative = labels == 1, labels == 0
    difference = scores[positive, None] - scores[None, negative]
    won = (difference > 0) + (difference == 0) / 2  # (positives, negatives)
    won = onehot[positive].T @ won @ onehot[negative]  # (S, S)
    pairs = np.outer(onehot[positive].sum(0), onehot[negative].sum(0))
    # Each pair of clips counts as often as both of its subjects were drawn.
    total = ((times @ pairs) * times).sum(axis=1)
    with np.errstate(invalid='ignore'):
        return ((times @ won) * times).sum(axis=1) / total


def _call_each(
    labels: np.ndarray,
    scores: np.ndarray,
    member: np.ndarray,
    drawn: np.ndarray,
    statistic: Callable[[np.ndarray, np.ndarray], ArrayLike],
) -> np.ndarray:
    clips = [np.flatnonzero(member == s) for s in range(drawn.shape[1])]
    picks = (np.concatenate([clips[s] for s in row]) for row in drawn)
    return np.array([statistic(labels[pick], scores[pick]) for pick in picks])


def _interval(values: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    tail = (1 - level) / 2
    empty = np.isnan(values).all(axis=0)
    # A column without any value would make nanquantile warn.
    low, high = np.nanquantile(np.where(empty, 0, values), [tail, 1 - tail], axis=0)
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)
