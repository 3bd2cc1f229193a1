# Copyright (c) AULLM-MM contributors.
import time
import warnings

import numpy as np
import pytest

from aullm_mm.evaluation.functional import STATISTICS, au_scores, subject_bootstrap


@pytest.fixture
def predictions():
    rng = np.random.default_rng(0)
    labels = rng.choice([1, 0, -1], p=[0.3, 0.6, 0.1], size=(80, 3))
    scores = (0.3 * (labels == 1) + 0.7 * rng.random(labels.shape)).round(2)
    subjects = [f'sub{i:02d}' for i in rng.integers(12, size=80)]
    return labels, scores, subjects


@pytest.mark.parametrize('measure', STATISTICS)
def test_fast_path_equals_scoring_every_resample(predictions, measure):
    def slow(labels, scores):
        return getattr(au_scores(labels, scores), measure)

    def slow_mean(labels, scores):
        return au_scores(labels, scores).mean(measure)

    fast = subject_bootstrap(*predictions, measure, n=60, seed=3)
    np.testing.assert_allclose(fast, subject_bootstrap(*predictions, slow, 60, 3))
    fast = subject_bootstrap(*predictions, f'{measure}_mean', n=60, seed=3)
    np.testing.assert_allclose(fast, subject_bootstrap(*predictions, slow_mean, 60, 3))


def test_interval_holds_the_score_and_repeats_with_the_seed(predictions):
    low, high = subject_bootstrap(*predictions, 'f1')
    score = au_scores(*predictions[:2]).f1
    assert ((low < score) & (score < high)).all()
    again = subject_bootstrap(*predictions, 'f1')
    np.testing.assert_array_equal((low, high), again)
    other = subject_bootstrap(*predictions, 'f1', seed=1)
    assert not np.array_equal((low, high), other)


def test_whole_subjects_are_drawn_so_repeating_their_clips_changes_nothing(
    predictions,
):
    labels, scores, subjects = predictions
    once = subject_bootstrap(labels, scores, subjects, 'auc')
    labels, scores = np.tile(labels, (3, 1)), np.tile(scores, (3, 1))
    thrice = subject_bootstrap(labels, scores, subjects * 3, 'auc')
    np.testing.assert_allclose(thrice, once)


def test_wider_level_gives_a_wider_interval(predictions):
    narrow = np.diff(subject_bootstrap(*predictions, 'f1_mean', level=0.5))
    wide = np.diff(subject_bootstrap(*predictions, 'f1_mean', level=0.99))
    assert wide > 1.5 * narrow


def test_resamples_without_a_positive_are_left_out_silently():
    labels, scores = [[1], [0], [0], [0]], [[0.9], [0.1], [0.8], [0.2]]
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        low, high = subject_bootstrap(labels, scores, 'abcd', 'f1')
        assert 0 < low[0] < high[0] <= 1
        nothing = subject_bootstrap([[0], [0]], [[0.9], [0.1]], 'ab', 'f1')
    assert np.isnan(nothing).all()


def test_one_subject_gives_no_interval():
    result = subject_bootstrap([[1], [0]], [[0.9], [0.1]], ['a', 'a'], 'f1_mean')
    assert np.isnan(result).all()


def test_thousand_resamples_take_a_fraction_of_a_second():
    rng = np.random.default_rng(0)
    labels = rng.integers(2, size=(256, 8))
    scores = rng.random(labels.shape)
    subjects = rng.integers(26, size=256)
    start = time.perf_counter()
    subject_bootstrap(labels, scores, subjects, 'f1_mean')
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(statistic='f2'), "unknown statistic 'f2'; known are f1, "),
        (dict(n=0), 'n must be at least 1'),
        (dict(level=1.0), 'level inside'),
        (dict(subjects=['a']), '80 clips need as many subjects, got 1'),
    ],
)
def test_wrong_input_to_the_bootstrap_is_named(predictions, change, message):
    labels, scores, subjects = predictions
    options = dict(subjects=subjects, statistic='f1') | change
    with pytest.raises(ValueError, match=message):
        subject_bootstrap(labels, scores, **options)
