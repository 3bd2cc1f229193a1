# Copyright (c) AULLM-MM contributors.
"""Spotting: when a face moves, in a video longer than one movement."""
from .limits import SpottingLimits
from .meter import MotionMeter
from .regions import REGION_NAMES
from .scoring import (SpottingScores, count_matches, f1_interval, interval_iou,
                      match_intervals, pool_scores)
from .series import Series
from .spotter import Interval, spot

__all__ = ['REGION_NAMES', 'Interval', 'MotionMeter', 'Series', 'SpottingLimits',
           'SpottingScores', 'count_matches', 'f1_interval', 'interval_iou',
           'match_intervals', 'pool_scores', 'spot']
