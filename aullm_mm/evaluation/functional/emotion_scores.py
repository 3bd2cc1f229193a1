# Copyright (c) AULLM-MM contributors.
"""Scores over emotion classes from labels with unknowns and predicted classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .counts import confusion_counts, measures_from_counts, nan_mean


@dataclass(frozen=True)
class EmotionScores:
    """Scores of E emotion classes; what cannot be computed is NaN.

    F1 and recall of a class without a clip are undefined, also where it was predicted;
    precision of a class that was never predicted. They are never counted as 0 or 1:
    ``uf1`` and ``uar`` are means over the classes that have a clip, and
    ``undefined`` says how many have none.

    Args:
        support (np.ndarray): Clips of each class.
        predicted (np.ndarray): Clips for which each class was predicted.
        hits (np.ndarray): Clips of each class for which it was predicted.
        precision (np.ndarray): Fraction in [0, 1] or NaN.
        recall (np.ndarray): Fraction in [0, 1] or NaN.
        f1 (np.ndarray): Fraction in [0, 1] or NaN.

    Shapes:
        - every field: :math:`(E,)`

    Examples:
        >>> scores = emotion_scores([0, 0, 1], [0, 1, 1], num_classes=3)
        >>> round(scores.uf1, 3), scores.uar, round(scores.accuracy, 3)
        (0.667, 0.75, 0.667)
        >>> scores.undefined, scores.support.tolist()
        (1, [2, 1, 0])
    """

    support: np.ndarray
    predicted: np.ndarray
    hits: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray

    @property
    def uf1(self) -> float:
        """Unweighted mean of the F1 of the classes that have a clip."""
        return float(nan_mean(self.f1))

    @property
    def uar(self) -> float:
        """Unweighted mean of the recall of the classes that have a clip."""
        return float(nan_mean(self.recall))

    @property
    def accuracy(self) -> float:
        """Share of the clips whose class is predicted; NaN without a clip."""
        if not self.support.sum():
            return float('nan')
        return float(self.hits.sum() / self.support.sum())

    @property
    def undefined(self) -> int:
        """Number of classes without a clip."""
        return int((self.support == 0).sum())


def emotion_scores(
    labels: ArrayLike, predictions: ArrayLike, num_classes: int
) -> EmotionScores:
    r"""Score E emotion classes on pooled predictions.

    .. math::
        UF1 = \frac{1}{E} \sum_e \frac{2 TP_e}{2 TP_e + FP_e + FN_e}, \qquad
        UAR = \frac{1}{E} \sum_e \frac{TP_e}{TP_e + FN_e}

    over the classes that have a clip. Clips without an emotion do not count.

    Source: the measures of the composite protocol of MEGC 2019.

    Args:
        labels (ArrayLike): Class indices, -1 where there is no emotion.
        predictions (ArrayLike): Predicted class indices; ignored where the label is -1.
        num_classes (int): Number of classes, E.

    Returns:
        EmotionScores: One value a class and measure, NaN where undefined.

    Raises:
        ValueError: If shapes differ, or a value is no class index.

    Shapes:
        - labels, predictions: :math:`(clips,)`

    Examples:
        >>> emotion_scores([0, 1, 1, -1], [0, 1, 0, 1], num_classes=2).recall.tolist()
        [1.0, 0.5]
    """
    truth, guess = emotion_indicators(labels, predictions, num_classes)
    counts = confusion_counts(truth, guess, np.full(num_classes, 0.5)).sum(axis=0)
    measures = measures_from_counts(counts)
    measures.pop('macro_f1')
    return EmotionScores(
        support=truth.sum(axis=0).astype(int),
        predicted=guess.sum(axis=0).astype(int),
        hits=counts[:, 0],
        **measures,
    )


def emotion_indicators(
    labels: ArrayLike, predictions: ArrayLike, num_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Turn class indices into indicators, without the clips that have no emotion.

    In this form ``subject_bootstrap`` takes them: its ``'f1_mean'`` is UF1 and its
    ``'recall_mean'`` UAR.

    Args:
        labels (ArrayLike): Class indices, -1 where there is no emotion.
        predictions (ArrayLike): Predicted class indices; ignored where the label is -1.
        num_classes (int): Number of classes, E.

    Returns:
        tuple[np.ndarray, np.ndarray]: Indicators of labels and of predictions.

    Raises:
        ValueError: If shapes differ, or a value is no class index.

    Shapes:
        - labels, predictions: :math:`(clips,)`
        - output: :math:`(known clips, E)`

    Examples:
        >>> truth, guess = emotion_indicators([1, -1], [0, 0], num_classes=2)
        >>> truth.tolist(), guess.tolist()
        ([[0.0, 1.0]], [[1.0, 0.0]])
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.ndim != 1 or labels.shape != predictions.shape:
        raise ValueError(
            'labels and predictions must both be (clips,), got '
            f'{labels.shape} and {predictions.shape}'
        )
    _check_range('labels', labels, -1, num_classes)
    known = labels != -1
    _check_range('predictions', predictions[known], 0, num_classes)
    classes = np.arange(num_classes)
    truth = labels[known, None] == classes
    guess = predictions[known, None] == classes
    return truth.astype(float), guess.astype(float)


def _check_range(name: str, values: np.ndarray, least: int, num_classes: int) -> None:
    wrong = values[~np.isin(values, np.arange(least, num_classes))]
    if len(wrong):
        raise ValueError(
            f'{name} must be class indices, {least} to {num_classes - 1}, '
            f'got {wrong[0]}'
        )
