# Copyright (c) AULLM-MM contributors.
"""Pure numpy functions that judge action unit scores and emotions."""

from .au_scores import AUScores, all_positive_scores, au_scores
from .bootstrap import STATISTICS, subject_bootstrap
from .emotion_scores import EmotionScores, emotion_indicators, emotion_scores
from .paired import PairedDifference, paired_difference
from .pooling import Predictions, at_inner_thresholds, pool, predictions_of
from .thresholds import choose_thresholds

__all__ = [
    'AUScores',
    'EmotionScores',
    'PairedDifference',
    'Predictions',
    'STATISTICS',
    'all_positive_scores',
    'at_inner_thresholds',
    'au_scores',
    'choose_thresholds',
    'emotion_indicators',
    'emotion_scores',
    'paired_difference',
    'pool',
    'predictions_of',
    'subject_bootstrap',
]
