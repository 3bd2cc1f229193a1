# Copyright (c) AULLM-MM contributors.
import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

from aullm_mm.evaluation.functional import all_positive_scores, au_scores


def random_predictions(seed, clips=60, num_aus=6, decimals=None):
    """Labels with about a fifth unknown, and scores that tie where rounded."""
    rng = np.random.default_rng(seed)
    labels = rng.choice([1, 0, -1], p=[0.3, 0.5, 0.2], size=(clips, num_aus))
    scores = rng.random((clips, num_aus))
    return labels, scores if decimals is None else scores.round(decimals)


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize('decimals', [None, 1])
def test_every_measure_equals_scikit_learn_on_the_known_clips(seed, decimals):
    labels, scores = random_predictions(seed, decimals=decimals)
    thresholds = np.linspace(0.2, 0.8, labels.shape[1])

    result = au_scores(labels, scores, thresholds)

    for i, threshold in enumerate(thresholds):
        known = labels[:, i] != -1
        truth, score = labels[known, i], scores[known, i]
        predicted = score >= threshold
        expected = dict(
            precision=precision_score(truth, predicted, zero_division=np.nan),
            recall=recall_score(truth, predicted),
            f1=f1_score(truth, predicted),
            macro_f1=f1_score(truth, predicted, average='macro'),
            auc=roc_auc_score(truth, score),
        )
        for measure, value in expected.items():
            got = getattr(result, measure)[i]
            np.testing.assert_allclose(got, value, atol=1e-12, err_msg=measure)
        assert result.known[i] == known.sum()
        assert result.positives[i] == truth.sum()


def test_baseline_equals_scikit_learn_and_the_closed_form():
    labels, _ = random_predictions(seed=7)

    result = all_positive_scores(labels)

    for i, column in enumerate(labels.T):
        truth = column[column != -1]
        share = truth.mean()
        np.testing.assert_allclose(result.f1[i], 2 * share / (1 + share))
        np.testing.assert_allclose(
            result.macro_f1[i],
            f1_score(truth, np.ones_like(truth), average='macro', zero_division=0),
        )
        assert result.auc[i] == 0.5


def test_masked_scores_do_not_count_even_when_they_are_no_probabilities():
    scores = np.array([[0.9], [0.1], [np.nan]])
    result = au_scores([[1], [0], [-1]], scores)
    assert (result.f1[0], result.auc[0], result.known[0]) == (1.0, 1.0, 2)


def test_au_without_positives_is_undefined_and_left_out_of_the_mean():
    labels = [[1, 0], [0, 0], [1, 0]]
    result = au_scores(labels, [[0.9, 0.9], [0.6, 0.1], [0.2, 0.1]])

    for measure in ('f1', 'macro_f1', 'recall', 'auc'):
        assert np.isnan(getattr(result, measure)[1]), measure
        assert result.undefined(measure) == 1
        assert result.mean(measure) == getattr(result, measure)[0]
        why = result.why_undefined(measure, 1)
        assert why == 'no positive among 3 known clips'
    assert result.precision[1] == 0.0  # it was predicted once, wrongly
    assert result.why_undefined('f1', 0) == ''


def test_missed_au_scores_zero_and_only_its_precision_is_undefined():
    result = au_scores([[1], [0]], [[0.1], [0.1]])
    assert (result.f1[0], result.recall[0], result.auc[0]) == (0.0, 0.0, 0.5)
    assert np.isnan(result.precision[0])
    assert result.why_undefined('precision', 0) == 'never predicted'


def test_au_always_present_has_f1_but_no_macro_f1_or_auc():
    result = au_scores([[1], [1]], [[0.9], [0.1]])
    np.testing.assert_allclose(result.f1[0], 2 / 3)
    assert np.isnan([result.macro_f1[0], result.auc[0]]).all()
    assert result.why_undefined('auc', 0) == 'no negative among 2 known clips'


def test_au_never_known_says_so():
    result = au_scores([[-1], [-1]], [[0.9], [0.1]])
    assert result.known[0] == 0
    assert np.isnan(result.mean('f1'))
    assert result.why_undefined('f1', 0) == 'no clip in which it is known'


def test_score_at_the_threshold_counts_as_present():
    assert au_scores([[1], [0]], [[0.5], [0.4]]).f1[0] == 1.0


@pytest.mark.parametrize(
    'labels, scores, thresholds, message',
    [
        ([[1, 0]], [[0.5]], 0.5, r'\(1, 2\) and \(1, 1\)'),
        ([1, 0], [0.5, 0.5], 0.5, r'must both be \(clips, AUs\)'),
        ([[2]], [[0.5]], 0.5, 'got 2 for clip 0, AU column 0'),
        ([[1]], [[-3.0]], 0.5, 'got -3 for clip 0.*sigmoid'),
        ([[1]], [[np.nan]], 0.5, 'got nan'),
        ([[1, 0]], [[0.5, 0.5]], [0.1, 0.2, 0.3], r'2 \(one an AU\), got 3'),
        ([[1]], [[0.5]], 1.5, r'lie in \[0, 1\], got 1.5'),
    ],
)
def test_wrong_input_is_named(labels, scores, thresholds, message):
    with pytest.raises(ValueError, match=message):
        au_scores(labels, scores, thresholds)
