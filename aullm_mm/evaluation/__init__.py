# Copyright (c) AULLM-MM contributors.
"""Judging: pure numpy functions and the metric MMEngine calls."""

from .functional import (
    AUScores,
    all_positive_scores,
    au_scores,
    choose_thresholds,
    subject_bootstrap,
)
from .metrics import AUMetric

__all__ = [
    'AUMetric',
    'AUScores',
    'all_positive_scores',
    'au_scores',
    'choose_thresholds',
    'subject_bootstrap',
]
