# Copyright (c) AULLM-MM contributors.
import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    precision_recall_fscore_support,
)

from aullm_mm.evaluation.functional import (
    emotion_indicators,
    emotion_scores,
    subject_bootstrap,
)


def draw(seed, clips=60, classes=5, unknown=0.2):
    generator = np.random.default_rng(seed)
    labels, guess = generator.integers(classes, size=(2, clips))
    guess = np.where(generator.random(clips) < 0.5, labels, guess)
    return np.where(generator.random(clips) < unknown, -1, labels), guess


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize('classes', [2, 3, 7])
def test_scores_equal_those_of_scikit_learn(seed, classes):
    labels, guess = draw(seed, classes=classes)
    result = emotion_scores(labels, guess, classes)
    known = labels != -1
    truth, said = labels[known], guess[known]
    want = precision_recall_fscore_support(
        truth, said, labels=range(classes), zero_division=np.nan)
    for name, values in zip(('precision', 'recall', 'f1', 'support'), want):
        np.testing.assert_allclose(getattr(result, name), values)
    np.testing.assert_allclose(result.uf1, f1_score(truth, said, average='macro'))
    np.testing.assert_allclose(result.uar, balanced_accuracy_score(truth, said))
    np.testing.assert_allclose(result.accuracy, accuracy_score(truth, said))
    assert result.predicted.tolist() == [int((said == c).sum()) for c in range(classes)]
    assert result.undefined == 0


def test_class_without_a_clip_is_nan_and_left_out_of_the_means():
    labels, guess = [0, 0, 1, 1], [0, 2, 1, 1]
    result = emotion_scores(labels, guess, 3)
    assert np.isnan(result.f1[2]) and np.isnan(result.recall[2])
    assert result.precision[2] == 0 and result.undefined == 1
    np.testing.assert_allclose(result.uf1, (2 / 3 + 1) / 2)
    np.testing.assert_allclose(result.uar, 0.75)
    np.testing.assert_allclose(result.accuracy, 0.75)


def test_class_that_is_never_predicted_scores_zero_and_has_no_precision():
    result = emotion_scores([0, 1], [0, 0], 2)
    assert result.f1[1] == 0 and result.recall[1] == 0 and np.isnan(result.precision[1])


@pytest.mark.parametrize('labels', [[], [-1, -1]])
def test_without_a_labelled_clip_everything_is_nan(labels):
    result = emotion_scores(labels, [0] * len(labels), 3)
    for value in (result.uf1, result.uar, result.accuracy, *result.f1):
        assert np.isnan(value)
    assert result.undefined == 3


def test_prediction_of_an_unlabelled_clip_does_not_count():
    assert emotion_scores([0, -1], [0, 99], 2).accuracy == 1
    np.testing.assert_array_equal(
        emotion_scores([0, 1, -1], [0, 0, 1], 2).predicted, [2, 0])


@pytest.mark.parametrize('statistic, field', [
    ('f1_mean', 'uf1'), ('recall_mean', 'uar')])
def test_bootstrap_over_subjects_is_that_of_the_same_measure(statistic, field):
    labels, guess = draw(0, clips=40, classes=3, unknown=0)
    subjects = [f's{i % 7}' for i in range(40)]
    truth, said = emotion_indicators(labels, guess, 3)

    def slow(truth, said):
        return getattr(emotion_scores(truth.argmax(1), said.argmax(1), 3), field)

    fast = subject_bootstrap(truth, said, subjects, statistic, n=50)
    one_by_one = subject_bootstrap(truth, said, subjects, slow, n=50)
    np.testing.assert_allclose(fast, one_by_one)
    assert fast[0] < getattr(emotion_scores(labels, guess, 3), field) < fast[1]


@pytest.mark.parametrize('labels, guess, message', [
    ([0, 1], [0], r'\(2,\) and \(1,\)'),
    ([[0, 1]], [[0, 1]], r'must both be \(clips,\)'),
    ([0, 3], [0, 0], 'labels must be class indices, -1 to 2, got 3'),
    ([0, 0.5], [0, 0], 'labels must be class indices, -1 to 2, got 0.5'),
    ([0, 1], [0, -1], 'predictions must be class indices, 0 to 2, got -1'),
])
def test_what_is_no_class_index_is_named(labels, guess, message):
    with pytest.raises(ValueError, match=message):
        emotion_scores(labels, guess, 3)
