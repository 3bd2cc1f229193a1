# Copyright (c) AULLM-MM contributors.
"""Pure numpy functions that judge action unit scores."""

from .au_scores import AUScores, all_positive_scores, au_scores
from .bootstrap import STATISTICS, subject_bootstrap
from .thresholds import choose_thresholds

__all__ = [
    'AUScores',
    'STATISTICS',
    'all_positive_scores',
    'au_scores',
    'choose_thresholds',
    'subject_bootstrap',
]
