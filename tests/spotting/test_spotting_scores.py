# Copyright (c) AULLM-MM contributors.
"""F1 at an overlap: each truth is matched once."""
import numpy as np
import pytest

from aullm_mm.spotting import (SpottingScores, count_matches, f1_interval,
                               interval_iou, match_intervals, pool_scores)


def test_iou_of_apart_touching_and_equal_intervals():
    assert interval_iou((0, 1), (2, 3)) == 0.0
    assert interval_iou((0, 1), (1, 2)) == 0.0
    assert interval_iou((0, 2), (0, 2)) == 1.0


def test_each_truth_and_each_spotted_interval_counts_once():
    scores = count_matches([(0, 1), (0.05, 1), (0.1, 1)], [(0, 1)])
    assert (scores.hits, scores.spotted, scores.truth) == (1, 3, 1)
    scores = count_matches([(0, 1)], [(0, 1), (0.1, 1)])
    assert (scores.hits, scores.spotted, scores.truth) == (1, 1, 2)


def test_as_many_as_possible_are_matched():
    # The first fits both, the second only the truth that the first fits best.
    spotted, truth = [(0.0, 1.0), (0.3, 1.3)], [(0.1, 1.1), (-0.3, 0.7)]
    assert sorted(match_intervals(spotted, truth)) == [(0, 1), (1, 0)]


def test_half_overlap_is_a_hit_and_less_is_none():
    assert count_matches([(0.0, 1.0)], [(0.0, 2.0)]).hits == 1
    assert count_matches([(0.0, 0.99)], [(0.0, 2.0)]).hits == 0


def test_f1_is_that_of_the_pooled_counts():
    videos = [SpottingScores(1, 2, 2), SpottingScores(3, 3, 4)]
    pooled = pool_scores(videos)
    precision, recall = 4 / 5, 4 / 6
    assert pooled.f1 == pytest.approx(2 * precision * recall / (precision + recall))
    low, high = f1_interval(videos)
    assert low <= pooled.f1 <= high


def test_nothing_to_score_is_not_a_number():
    none = SpottingScores(0, 0, 0)
    assert np.isnan([none.f1, none.precision, none.recall]).all()
    assert np.isnan(f1_interval([SpottingScores(1, 1, 1)])).all()


def test_a_useless_overlap_is_refused():
    with pytest.raises(ValueError, match='iou'):
        match_intervals([(0, 1)], [(0, 1)], iou=0.0)
