# Copyright (c) AULLM-MM contributors.
"""Pooled predictions: matched by clip, thresholds of other subjects only."""
import numpy as np
import pytest

from aullm_mm.evaluation.functional import (Predictions, at_inner_thresholds,
                                            au_scores, choose_thresholds, pool)
from aullm_mm.evaluation.functional.pooling import with_half_as_threshold


def make(ids, subjects, labels, scores):
    columns = (np.array(x, float)[:, None] for x in (labels, scores))
    return Predictions(tuple(ids), tuple(subjects), ('c', ) * len(ids), *columns)


def test_order_of_folds_does_not_matter():
    one = make('bd', 'st', [1, 0], [.9, .2])
    two = make('ca', 'uv', [0, 1], [.1, .7])
    first, second = pool([one, two]), pool([two, one])
    assert first.clip_ids == second.clip_ids == ('a', 'b', 'c', 'd')
    assert first.scores[:, 0].tolist() == second.scores[:, 0].tolist() == [
        .7, .9, .1, .2]
    assert first.subjects == ('v', 's', 'u', 't')


def test_clip_of_two_folds_is_an_error():
    one = make('a', 's', [1], [.9])
    with pytest.raises(ValueError, match=r'1 clip\(s\) are tested in two folds: a'):
        pool([one, one])


def test_nothing_to_pool_is_an_error():
    with pytest.raises(ValueError, match='no prediction to pool'):
        pool([])


@pytest.mark.parametrize('threshold', [0.0, 0.03, 0.5, 0.97, 1.0])
def test_stretched_scores_decide_the_same_at_one_half(threshold):
    rng = np.random.default_rng(0)
    scores = np.concatenate([rng.random((500, 1)), [[threshold], [0.], [1.]]])
    stretched = with_half_as_threshold(scores, np.array([threshold]))
    assert ((scores >= threshold) == (stretched >= 0.5)).all()
    assert ((0 <= stretched) & (stretched <= 1)).all()
    order = np.argsort(scores[:, 0], kind='stable')
    assert (np.diff(stretched[order, 0]) >= 0).all()


def test_thresholds_come_from_the_validation_subjects():
    rng = np.random.default_rng(0)
    labels = (rng.random(80) < 0.3).astype(float)
    scores = np.clip(0.1 + 0.2 * labels + 0.1 * rng.random(80), 0, 1)
    ids = [str(i) for i in range(80)]
    val = make(ids, ['v'] * 80, labels, scores)
    test = make(ids, ['t'] * 80, labels, scores)
    chosen = choose_thresholds(val.labels, val.scores)
    judged = at_inner_thresholds(test, val)
    assert au_scores(test.labels, test.scores).f1[0] == 0
    assert au_scores(judged.labels, judged.scores).f1[0] == au_scores(
        test.labels, test.scores, chosen).f1[0] == 1


def test_threshold_chosen_on_a_test_subject_is_refused():
    one, two = make('ab', 'st', [1, 0], [.9, .2]), make('cd', 'tu', [1, 0], [.9, .2])
    with pytest.raises(ValueError, match=r'chosen on 1 test subject\(s\): t'):
        at_inner_thresholds(one, two)
