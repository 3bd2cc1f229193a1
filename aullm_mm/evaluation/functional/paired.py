# Copyright (c) AULLM-MM contributors.
"""Two models on the same clips: is one better, beyond the choice of subjects?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .counts import confusion_counts, measures_from_counts, nan_mean
from .pooling import Predictions


@dataclass(frozen=True)
class PairedDifference:
    """F1 of B less F1 of A, an AU and on average.

    Args:
        f1_a: F1 of A, the mean over the AUs last.
        f1_b: F1 of B.
        difference: B less A.
        low: Low end of the 95% interval over subjects.
        high: High end.
        p: Two-sided p value of the permutation test.

    Shapes:
        - every field: :math:`(N + 1,)`
    """

    f1_a: np.ndarray
    f1_b: np.ndarray
    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray


def paired_difference(
    a: Sequence[Predictions], b: Sequence[Predictions], n: int = 2000, seed: int = 0
) -> PairedDifference:
    r"""Compare two models by the F1 of pooled predictions at 0.5.

    The interval is a percentile bootstrap over subjects: the same subjects are drawn
    for both. The p value is of a permutation test: under the null hypothesis the models
    are exchangeable in every subject, so both models' predictions of a subject are
    swapped at random,

    .. math:: p = \frac{1 + \#\{|d^*| \ge |d|\}}{1 + n}

    Several seeds of a model are averaged: F1 is computed a seed, then meant.

    Args:
        a: Predictions of model A, one a seed.
        b: Predictions of model B, one a seed, of the same clips.
        n: Resamples and permutations. Defaults to 2000.
        seed: Seed of both. Defaults to 0.

    Raises:
        ValueError: If the clips or labels differ, or there is no seed.

    Examples:
        >>> labels = np.array([[1.], [0.], [1.], [0.]])
        >>> clips = ('1', '2', '3', '4'), ('s', 's', 't', 't'), ('c',) * 4, labels
        >>> good, bad = Predictions(*clips, labels), Predictions(*clips, 1 - labels)
        >>> paired_difference([bad], [good]).difference.tolist()
        [1.0, 1.0]
    """
    _check_same_clips([*a, *b])
    counts_a, counts_b = _counts(a), _counts(b)  # (seeds, S, N, 4)
    rng = np.random.default_rng(seed)
    num = counts_a.shape[1]
    drawn = rng.multinomial(num, np.full(num, 1 / num), size=n)  # (n, S)
    resampled = _f1(counts_b, drawn) - _f1(counts_a, drawn)  # (n, N + 1)
    f1_a, f1_b = (_f1(c, np.ones((1, num)))[0] for c in (counts_a, counts_b))
    difference = f1_b - f1_a
    low, high = _quantiles(resampled if num > 1 else np.nan * resampled)
    p = _permutation_p(counts_a, counts_b, difference, rng.random((n, num)) < 0.5)
    return PairedDifference(f1_a, f1_b, difference, low, high, p)


def _check_same_clips(all_predictions: list[Predictions]) -> None:
    first = all_predictions[0]
    for other in all_predictions:
        if other.clip_ids != first.clip_ids:
            only = sorted(set(first.clip_ids) ^ set(other.clip_ids))
            raise ValueError(
                f'the runs do not judge the same clips: {len(only)} are in one only, '
                f'as {", ".join(only[:3])}')
        if not np.array_equal(other.labels, first.labels):
            raise ValueError('the runs judge the same clips by different labels')


def _counts(seeds: Sequence[Predictions]) -> np.ndarray:
    """Confusion counts a seed, subject and AU: (seeds, S, N, 4)."""
    names, member = np.unique(np.asarray(seeds[0].subjects), return_inverse=True)
    half = np.full(seeds[0].labels.shape[1], 0.5)
    counts = np.zeros((len(seeds), len(names), len(half), 4))
    for row, run in zip(counts, seeds):
        np.add.at(row, member, confusion_counts(run.labels, run.scores, half))
    return counts


def _f1(counts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """F1 an AU and on average, meant over seeds, at weights (n, S): (n, N + 1)."""
    summed = np.einsum('ns,zsak->znak', weights, counts, optimize=True)
    f1 = measures_from_counts(summed)['f1']  # (seeds, n, N)
    return np.concatenate([f1, nan_mean(f1)[..., None]], axis=-1).mean(axis=0)


def _permutation_p(
    a: np.ndarray, b: np.ndarray, difference: np.ndarray, swap: np.ndarray
) -> np.ndarray:
    """Share of swaps of whole subjects with at least as large a difference."""
    swap = swap.astype(float)
    pairs = list(zip(a, b)) if len(a) == len(b) else [(a.mean(0), b.mean(0))]
    size = 0
    for x, y in pairs:
        x, y = x[None], y[None]
        # b* = b + swap (a - b): counts add up over subjects, so swapping is linear.
        first = _f1(np.concatenate([x, y], 1), np.hstack([1 - swap, swap]))
        second = _f1(np.concatenate([x, y], 1), np.hstack([swap, 1 - swap]))
        size = size + (second - first) / len(pairs)
    beyond = np.abs(size) >= np.abs(difference) - 1e-12
    p = (1 + beyond.sum(axis=0)) / (1 + len(swap))
    return np.where(np.isnan(difference), np.nan, p)


def _quantiles(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    empty = np.isnan(values).all(axis=0)
    low, high = np.nanquantile(np.where(empty, 0, values), [0.025, 0.975], axis=0)
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)
