# Copyright (c) AULLM-MM contributors.
"""Scores per action unit from labels with unknowns and probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .checks import check_predictions, check_thresholds
from .counts import confusion_counts, measures_from_counts, nan_mean


@dataclass(frozen=True)
class AUScores:
    """Scores of N action units; what cannot be computed is NaN.

    Undefined are: F1 and recall of an AU without a positive clip, precision of
    an AU that was never predicted, macro-F1 and AUC of an AU for which one of
    the two classes is missing. They are never counted as 0 or 1.

    Args:
        positives (np.ndarray): Clips in which the AU is present.
        known (np.ndarray): Clips in which the AU is known (not masked).
        thresholds (np.ndarray): Probability from which an AU counts as present.
        precision (np.ndarray): Fraction in [0, 1] or NaN.
        recall (np.ndarray): Fraction in [0, 1] or NaN.
        f1 (np.ndarray): F1 of the class "present", fraction or NaN.
        macro_f1 (np.ndarray): Mean of the F1 of "present" and of "absent".
        auc (np.ndarray): Area under the ROC curve, or NaN.

    Shapes:
        - every field: :math:`(N,)`

    Examples:
        >>> import numpy as np
        >>> scores = au_scores([[1, 0], [0, 0]], [[.9, .2], [.1, .3]])
        >>> scores.mean('f1'), scores.undefined('f1')
        (1.0, 1)
        >>> scores.why_undefined('f1', 1)
        'no positive among 2 known clips'
    """

    positives: np.ndarray
    known: np.ndarray
    thresholds: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    macro_f1: np.ndarray
    auc: np.ndarray

    def mean(self, measure: str) -> float:
        """Mean of a measure over the AUs for which it is defined.

        Args:
            measure (str): Name of a field, for example ``'f1'``.

        Returns:
            float: The mean; NaN where the measure is defined for no AU.
        """
        return float(nan_mean(getattr(self, measure)))

    def undefined(self, measure: str) -> int:
        """Count the AUs for which a measure is undefined.

        Args:
            measure (str): Name of a field, for example ``'f1'``.

        Returns:
            int: How many of the N values are NaN.
        """
        return int(np.isnan(getattr(self, measure)).sum())

    def why_undefined(self, measure: str, column: int) -> str:
        """Say in words why one value is undefined.

        Args:
            measure (str): Name of a field, for example ``'auc'``.
            column (int): Index of the AU, from 0.

        Returns:
            str: The reason; an empty string where the value is defined.
        """
        if not np.isnan(getattr(self, measure)[column]):
            return ''
        positives, known = int(self.positives[column]), int(self.known[column])
        if known == 0:
            return 'no clip in which it is known'
        if positives == 0:
            return f'no positive among {known} known clips'
        if positives == known:
            return f'no negative among {known} known clips'
        return 'never predicted'


def au_scores(
    labels: ArrayLike, scores: ArrayLike, thresholds: float | ArrayLike = 0.5
) -> AUScores:
    r"""Score N action units on pooled predictions.

    .. math::
        F_1 = \frac{2 TP}{2 TP + FP + FN}, \qquad
        F_1^{macro} = \tfrac12 (F_1^{present} + F_1^{absent}), \qquad
        AUC = P(s^+ > s^-) + \tfrac12 P(s^+ = s^-)

    An AU is predicted where its score is at or above its threshold. Clips in
    which an AU is unknown do not count for this AU.

    Args:
        labels (ArrayLike): 1 present, 0 absent, -1 unknown.
        scores (ArrayLike): Probabilities in [0, 1]; ignored where unknown.
        thresholds (float | ArrayLike): One for all AUs or one each. Defaults
            to 0.5.

    Returns:
        AUScores: One value an AU and measure, NaN where undefined.

    Raises:
        ValueError: If shapes differ, or a value is outside its range.

    Shapes:
        - labels, scores: :math:`(clips, N)`
        - thresholds: :math:`()` or :math:`(N,)`

    Examples:
        >>> labels = [[1, 0], [1, -1], [0, 1]]
        >>> result = au_scores(labels, [[.9, .1], [.2, .8], [.6, .7]])
        >>> result.f1.tolist(), result.known.tolist()
        ([0.5, 1.0], [3, 2])
    """
    labels, scores = check_predictions(labels, scores)
    thresholds = check_thresholds(thresholds, labels.shape[1])
    counts = confusion_counts(labels, scores, thresholds).sum(axis=0)
    auc = [_auc(labels[:, i], scores[:, i]) for i in range(labels.shape[1])]
    return AUScores(
        positives=(labels == 1).sum(axis=0),
        known=(labels != -1).sum(axis=0),
        thresholds=thresholds,
        auc=np.array(auc, dtype=float),
        **measures_from_counts(counts),
    )


def all_positive_scores(labels: ArrayLike) -> AUScores:
    """Score the baseline that predicts every AU in every clip.

    Its F1 is 2p / (1 + p) at a share p of positive clips: what a detector has
    to beat before its F1 means anything.

    Args:
        labels (ArrayLike): 1 present, 0 absent, -1 unknown.

    Returns:
        AUScores: Scores of the constant prediction 1.

    Raises:
        ValueError: If ``labels`` is not a matrix or holds another value.

    Shapes:
        - labels: :math:`(clips, N)`

    Examples:
        >>> all_positive_scores([[1], [0], [0], [0]]).f1.tolist()
        [0.4]
    """
    return au_scores(labels, np.ones(np.shape(labels)))


def _auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve as the rank statistic of Mann and Whitney."""
    positive = labels[labels != -1] == 1
    known_scores = scores[labels != -1]
    num_positive, num_negative = positive.sum(), (~positive).sum()
    if num_positive == 0 or num_negative == 0:
        return float('nan')
    _, group, size = np.unique(known_scores, return_inverse=True, return_counts=True)
    # Equal scores share the mean of the ranks that they take together.
    mean_rank = np.cumsum(size) - (size - 1) / 2
    rank_sum = mean_rank[group][positive].sum()
    wins = rank_sum - num_positive * (num_positive + 1) / 2
    return float(wins / (num_positive * num_negative))
