# Copyright (c) AULLM-MM contributors.
"""How good spotted intervals are: F1 at an overlap, as the field counts it."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

Span = tuple[float, float]


def interval_iou(a: Span, b: Span) -> float:
    """Return the intersection over the union of two intervals.

    Args:
        a: Begin and end in seconds.
        b: Begin and end in seconds.

    Examples:
        >>> interval_iou((0.0, 2.0), (1.0, 3.0))
        0.3333333333333333
    """
    both = min(a[1], b[1]) - max(a[0], b[0])
    union = max(a[1], b[1]) - min(a[0], b[0])
    return max(both, 0.0) / union if union > 0 else 0.0


def match_intervals(spotted: Sequence[Span], truth: Sequence[Span], iou: float = 0.5
                    ) -> list[tuple[int, int]]:
    """Match spotted intervals to true ones, each at most once.

    As many as possible are matched, and of such matchings the one of the largest
    overlap is taken.

    Args:
        spotted: Begins and ends in seconds.
        truth: Begins and ends in seconds.
        iou: Least intersection over union. Defaults to 0.5.

    Returns:
        Pairs of index in ``spotted`` and in ``truth``.

    Raises:
        ValueError: If ``iou`` is not in (0, 1].

    Examples:
        >>> match_intervals([(0.0, 1.0), (5.0, 6.0)], [(5.1, 6.0)])
        [(1, 0)]
    """
    if not 0.0 < iou <= 1.0:
        raise ValueError(f'iou must be above 0 and at most 1, got {iou}')
    overlap = np.array([[interval_iou(a, b) for b in truth] for a in spotted])
    overlap = overlap.reshape(len(spotted), len(truth))
    worth = np.where(overlap >= iou, 1.0 + overlap / 1e3, 0.0)
    return [(int(i), int(j)) for i, j in zip(*linear_sum_assignment(-worth))
            if worth[i, j] > 0]


@dataclass(frozen=True)
class SpottingScores:
    """Counts over videos and what follows from them.

    Attributes:
        hits: Spotted intervals that match a true one (TP).
        spotted: Intervals that were spotted (TP + FP).
        truth: True intervals (TP + FN).

    Examples:
        >>> scores = SpottingScores(3, 4, 5)
        >>> scores.precision, scores.recall, round(scores.f1, 3)
        (0.75, 0.6, 0.667)
    """

    hits: int
    spotted: int
    truth: int

    @property
    def precision(self) -> float:
        """Share of the spotted intervals that are true; NaN if none was spotted."""
        return self.hits / self.spotted if self.spotted else float('nan')

    @property
    def recall(self) -> float:
        """Share of the true intervals that were spotted; NaN if there is none."""
        return self.hits / self.truth if self.truth else float('nan')

    @property
    def f1(self) -> float:
        """2 TP / (spotted + true); NaN if there is neither."""
        total = self.spotted + self.truth
        return 2 * self.hits / total if total else float('nan')


def count_matches(spotted: Sequence[Span], truth: Sequence[Span], iou: float = 0.5
                  ) -> SpottingScores:
    """Score the intervals of one video.

    Args:
        spotted: Begins and ends in seconds.
        truth: Begins and ends in seconds.
        iou: Least intersection over union. Defaults to 0.5.

    Examples:
        >>> count_matches([(0.0, 1.0)], [(0.1, 1.0), (5.0, 6.0)]).f1
        0.6666666666666666
    """
    return SpottingScores(
        len(match_intervals(spotted, truth, iou)), len(spotted), len(truth))


def pool_scores(videos: Sequence[SpottingScores]) -> SpottingScores:
    """Add up the counts of videos.

    Args:
        videos: One a video.

    Examples:
        >>> pool_scores([SpottingScores(1, 1, 2), SpottingScores(0, 1, 0)]).f1
        0.5
    """
    return SpottingScores(*(sum(getattr(video, name) for video in videos)
                            for name in ('hits', 'spotted', 'truth')))


def f1_interval(videos: Sequence[SpottingScores], draws: int = 1000, seed: int = 0,
                level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of the pooled F1 over videos drawn with replacement.

    Args:
        videos: One a video.
        draws: How often videos are drawn. Defaults to 1000.
        seed: Same seed, same interval. Defaults to 0.
        level: Probability inside the interval. Defaults to 0.95.

    Returns:
        Low and high end; NaN for fewer than two videos.

    Examples:
        >>> f1_interval([SpottingScores(2, 2, 2), SpottingScores(0, 2, 2)])
        (0.0, 1.0)
    """
    if len(videos) < 2:
        return float('nan'), float('nan')
    counts = np.array([(v.hits, v.spotted + v.truth) for v in videos], float)
    picks = np.random.default_rng(seed).integers(len(videos), size=(draws, len(videos)))
    hits, total = counts[picks].sum(axis=1).T
    tail = (1 - level) / 2
    low, high = np.quantile(2 * hits / np.maximum(total, 1), [tail, 1 - tail])
    return float(low), float(high)
