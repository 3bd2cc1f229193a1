# Copyright (c) AULLM-MM contributors.
"""Paired comparison: exact where it can be, calibrated, and the same clips only."""
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from aullm_mm.evaluation.functional import Predictions, au_scores, paired_difference


def draw(rng, subjects=8, clips=6, aus=2, skill=0.3):
    """Labels and scores of a model of some skill."""
    count = subjects * clips
    labels = (rng.random((count, aus)) < 0.4).astype(float)
    scores = np.clip(0.5 * rng.random((count, aus)) + skill * labels, 0, 1)
    names = tuple(f's{i // clips}' for i in range(count))
    return Predictions(
        tuple(f'{i:03d}' for i in range(count)), names, ('c',) * count, labels, scores)


def other_scores(rng, run, skill):
    scores = 0.5 * rng.random(run.scores.shape) + skill * run.labels
    return replace(run, scores=np.clip(scores, 0, 1))


def test_f1_and_difference_are_those_of_au_scores():
    rng = np.random.default_rng(0)
    a = draw(rng)
    b = other_scores(rng, a, 0.4)
    found = paired_difference([a], [b], n=20)
    for got, run in ((found.f1_a, a), (found.f1_b, b)):
        wanted = au_scores(run.labels, run.scores)
        np.testing.assert_allclose(got, [*wanted.f1, wanted.mean('f1')])
    np.testing.assert_allclose(found.difference, found.f1_b - found.f1_a)


def test_p_value_is_that_of_all_swaps():
    rng = np.random.default_rng(1)
    a = draw(rng, subjects=4, aus=1)
    b = other_scores(rng, a, 0.45)
    wanted = []
    for swap in product([False, True], repeat=4):
        swapped = np.repeat(swap, 6)[:, None]
        x, y = (np.where(swapped, q.scores, p.scores) for p, q in ((a, b), (b, a)))
        difference = [au_scores(a.labels, s).mean('f1') for s in (x, y)]
        wanted.append(difference[1] - difference[0])
    exact = np.mean(np.abs(wanted) >= abs(wanted[0]) - 1e-12)
    found = paired_difference([a], [b], n=20_000).p[-1]
    assert found == pytest.approx(exact, abs=0.02)


def test_equal_models_are_not_told_apart_and_a_better_one_is():
    rng = np.random.default_rng(2)
    a = draw(rng, subjects=20)
    same = paired_difference([a], [a], n=200)
    assert (same.difference == 0).all() and (same.p == 1).all()
    better = paired_difference([a], [other_scores(rng, a, 0.5)], n=500)
    assert better.low[-1] > 0 and better.p[-1] < 0.01


def test_p_values_are_uniform_where_nothing_differs():
    rng = np.random.default_rng(3)
    found = []
    for _ in range(120):
        a = draw(rng, aus=1)
        found.append(paired_difference([a], [other_scores(rng, a, 0.3)], n=200).p[-1])
    assert 0.01 <= np.mean(np.array(found) <= 0.1) <= 0.2


def test_seeds_are_averaged():
    rng = np.random.default_rng(4)
    a = draw(rng)
    runs = [other_scores(rng, a, 0.4) for _ in range(2)]
    both = paired_difference([a, a], runs, n=10).difference
    single = [paired_difference([a], [run], n=10).difference for run in runs]
    np.testing.assert_allclose(both, np.mean(single, axis=0))


@pytest.mark.parametrize('change, message', [
    (dict(clip_ids=tuple(f'x{i}' for i in range(48))), 'do not judge the same clips'),
    (dict(labels=np.zeros((48, 2))), 'by different labels'),
])
def test_other_clips_or_labels_are_refused(change, message):
    a = draw(np.random.default_rng(0))
    with pytest.raises(ValueError, match=message):
        paired_difference([a], [replace(a, **change)])
