# Copyright (c) AULLM-MM contributors.
"""Judging: pure numpy functions and the metrics MMEngine calls."""

from .functional import (
    AUScores,
    EmotionScores,
    all_positive_scores,
    au_scores,
    choose_thresholds,
    emotion_scores,
    subject_bootstrap,
)
from .metrics import AUMetric, EmotionMetric

__all__ = [
    'AUMetric',
    'AUScores',
    'EmotionMetric',
    'EmotionScores',
    'all_positive_scores',
    'au_scores',
    'choose_thresholds',
    'emotion_scores',
    'subject_bootstrap',
]
