# Copyright (c) AULLM-MM contributors.
"""From predictions to confusion counts, and from counts to measures."""

from __future__ import annotations

import numpy as np


def confusion_counts(
    labels: np.ndarray, scores: np.ndarray, thresholds: np.ndarray
) -> np.ndarray:
    """Mark each known prediction as one of TP, FP, FN, TN.

    Args:
        labels (np.ndarray): 1 present, 0 absent, -1 unknown.
        scores (np.ndarray): Probabilities in [0, 1].
        thresholds (np.ndarray): One an AU.

    Returns:
        np.ndarray: Four indicators (TP, FP, FN, TN), all 0 where unknown.

    Shapes:
        - labels, scores: :math:`(clips, N)`
        - thresholds: :math:`(N,)`
        - output: :math:`(clips, N, 4)`

    Examples:
        >>> import numpy as np
        >>> labels, scores = np.array([[1., -1.]]), np.array([[.7, .7]])
        >>> confusion_counts(labels, scores, np.array([.5, .5])).tolist()
        [[[1, 0, 0, 0], [0, 0, 0, 0]]]
    """
    predicted = scores >= thresholds
    present, absent = labels == 1, labels == 0
    marks = (
        present & predicted,
        absent & predicted,
        present & ~predicted,
        absent & ~predicted,
    )
    return np.stack(marks, axis=-1).astype(np.int64)  # (clips, N, 4)


def measures_from_counts(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Precision, recall, F1 and macro-F1 of confusion counts.

    Args:
        counts (np.ndarray): TP, FP, FN, TN on the last axis.

    Returns:
        dict[str, np.ndarray]: ``precision``, ``recall``, ``f1``, ``macro_f1``,
        NaN where undefined.

    Shapes:
        - counts: :math:`(..., 4)`
        - output: :math:`(...)`

    Examples:
        >>> import numpy as np
        >>> measures_from_counts(np.array([1, 1, 0, 2]))['macro_f1'].round(3).item()
        0.733
    """
    tp, fp, fn, tn = np.moveaxis(np.asarray(counts, dtype=float), -1, 0)
    f1 = _ratio(2 * tp, 2 * tp + fp + fn, defined=tp + fn > 0)
    absent_f1 = _ratio(2 * tn, 2 * tn + fp + fn, defined=tn + fp > 0)
    return dict(
        precision=_ratio(tp, tp + fp, defined=tp + fp > 0),
        recall=_ratio(tp, tp + fn, defined=tp + fn > 0),
        f1=f1,
        macro_f1=(f1 + absent_f1) / 2,
    )


def nan_mean(values: np.ndarray) -> np.ndarray:
    """Mean over the last axis of what is not NaN, without a warning.

    Args:
        values (np.ndarray): Values, NaN where undefined.

    Returns:
        np.ndarray: The means; NaN where nothing is defined.

    Shapes:
        - values: :math:`(..., N)`
        - output: :math:`(...)`

    Examples:
        >>> import numpy as np
        >>> nan_mean(np.array([[1., np.nan, 2.], [np.nan] * 3])).tolist()
        [1.5, nan]
    """
    defined = ~np.isnan(values)
    total = np.where(defined, values, 0).sum(axis=-1)
    count = defined.sum(axis=-1)
    return _ratio(total, count, defined=count > 0)


def _ratio(above: np.ndarray, below: np.ndarray, defined: np.ndarray) -> np.ndarray:
    return np.where(defined, above / np.where(defined, below, 1), np.nan)
