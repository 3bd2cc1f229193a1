# Copyright (c) AULLM-MM contributors.
"""Pure numpy functions that judge action unit scores and emotions."""

from .au_scores import AUScores, all_positive_scores, au_scores
from .bootstrap import STATISTICS, subject_bootstrap
from .emotion_scores import EmotionScores, emotion_indicators, emotion_scores
from .thresholds import choose_thresholds

__all__ = [
    'AUScores',
    'EmotionScores',
    'STATISTICS',
    'all_positive_scores',
    'au_scores',
    'choose_thresholds',
    'emotion_indicators',
    'emotion_scores',
    'subject_bootstrap',
]
