# Copyright (c) AULLM-MM contributors.
import numpy as np
import pytest
from sklearn.metrics import f1_score

from aullm_mm.evaluation.functional import au_scores, choose_thresholds


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize('decimals', [1, 8])
def test_chosen_threshold_reaches_the_best_f1_of_all_thresholds(seed, decimals):
    rng = np.random.default_rng(seed)
    labels = rng.choice([1, 0, -1], p=[0.3, 0.5, 0.2], size=(50, 4))
    scores = rng.random((50, 4)).round(decimals)

    chosen = choose_thresholds(labels, scores)

    reached = au_scores(labels, scores, chosen).f1
    for i in range(4):
        known = labels[:, i] != -1
        truth, score = labels[known, i], scores[known, i]
        best = max(f1_score(truth, score >= t) for t in np.append(score, 0.5))
        np.testing.assert_allclose(reached[i], best)


def test_equally_good_thresholds_stay_near_the_default():
    labels = [[1, 1], [0, 0]]
    assert choose_thresholds(labels, [[0.9, 0.2], [0.1, 0.1]])[0] == 0.5
    np.testing.assert_allclose(
        choose_thresholds(labels, [[0.9, 0.2], [0.1, 0.1]])[1], 0.15
    )


def test_au_without_both_classes_keeps_the_default():
    labels, scores = [[0, 1, -1], [0, 1, -1]], [[0.9, 0.2, 0.3]] * 2
    assert choose_thresholds(labels, scores, default=0.4).tolist() == [0.4] * 3


def test_neighbouring_floats_are_still_told_apart():
    low = 0.5
    high = np.nextafter(low, 1)
    chosen = choose_thresholds([[1], [0]], [[high], [low]])
    assert au_scores([[1], [0]], [[high], [low]], chosen).f1[0] == 1.0
