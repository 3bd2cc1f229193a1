# Copyright (c) AULLM-MM contributors.
from itertools import combinations

import numpy as np
import pytest

from aullm_mm.facs import (EMOTION_PROTOTYPES, PRIORS, RELATION_TYPES,
                           canonical_emotion, cooccurrence_edges, load_relations,
                           random_edges, relation_edges)

CASME2_AUS = (1, 2, 4, 7, 12, 14, 15, 17)


def typed_pairs(aus, prior):
    return {(aus[i], aus[j]): RELATION_TYPES[t]
            for i, j, t in relation_edges(aus, prior)}


def test_prototype_rows_are_exactly_the_pairs_of_the_prototypes():
    for emotion, sets in EMOTION_PROTOTYPES.items():
        source = f'EMFACS prototype: {emotion}'
        rows = {(r.first, r.second) for r in load_relations() if r.source == source}
        assert rows == {pair for s in sets for pair in combinations(sorted(s), 2)}


def test_every_row_has_a_source_and_contradictions_are_marked():
    signs = {}
    for row in load_relations():
        assert row.source
        signs.setdefault((row.first, row.second), set()).add(row.sign)
    for row in load_relations():
        both = {'synergy', 'antagonism'} <= signs[row.first, row.second]
        assert row.contradicted == both, row
    assert any(row.contradicted for row in load_relations())


def test_rows_are_not_repeated():
    assert len(set(load_relations())) == len(load_relations())


def test_pairs_on_which_the_sources_agree_keep_their_sign():
    pairs = typed_pairs((1, 2, 4, 5, 6, 9, 12, 15, 25), 'both')
    for pair in ((1, 2), (4, 9), (2, 5), (6, 12), (12, 25)):
        assert pairs[pair] == 'synergy'
    for pair in ((4, 12), (12, 15)):
        assert pairs[pair] == 'antagonism'
    assert pairs[1, 4] == pairs[2, 4] == 'contradicted'


def test_prototypes_on_the_casme2_aus_hold_the_reference_edges():
    expected = {(1, 2), (1, 4), (2, 4), (4, 7), (1, 7), (2, 7), (1, 15), (4, 15),
                (1, 17), (4, 17), (15, 17)}
    synergies = {pair for pair, kind in typed_pairs(CASME2_AUS, 'prototypes').items()
                 if kind == 'synergy'}
    assert synergies == expected | {(12, 14)}  # contempt


def test_both_is_the_union_of_anatomy_and_prototypes():
    anatomy, prototypes, both = (
        set(typed_pairs(CASME2_AUS, prior))
        for prior in ('anatomy', 'prototypes', 'both'))
    assert both == anatomy | prototypes
    assert anatomy - prototypes and prototypes - anatomy
    assert len(both) < 28


def test_full_and_none_are_the_extremes():
    assert len(relation_edges(CASME2_AUS, 'full')) == 28
    assert relation_edges(CASME2_AUS, 'none') == ()


@pytest.mark.parametrize('prior', list(PRIORS))
def test_edges_index_into_the_list_whatever_its_order(prior):
    shuffled = (17, 4, 1, 15, 2, 14, 12, 7)
    edges = relation_edges(shuffled, prior)
    assert all(0 <= i < j < 8 and 0 <= t < len(RELATION_TYPES) for i, j, t in edges)
    assert len({(i, j) for i, j, _ in edges}) == len(edges)
    named = {frozenset((shuffled[i], shuffled[j])): t for i, j, t in edges}
    assert named == {frozenset((CASME2_AUS[i], CASME2_AUS[j])): t
                     for i, j, t in relation_edges(CASME2_AUS, prior)}


@pytest.mark.parametrize('aus, prior, message', [
    ((1, 1), 'both', 'repeats'), ((1, 3), 'both', 'unknown AU 3'),
    ((1, 2), 'magic', "unknown prior 'magic'"), ((), 'none', 'empty')])
def test_bad_list_or_prior_is_refused(aus, prior, message):
    with pytest.raises(ValueError, match=message):
        relation_edges(aus, prior)


def test_random_edges_have_the_density_asked_for_and_follow_the_seed():
    edges = random_edges(8, 17, seed=1)
    assert len({(i, j) for i, j, _ in edges}) == 17
    assert all(0 <= i < j < 8 for i, j, _ in edges)
    assert edges == random_edges(8, 17, seed=1) != random_edges(8, 17, seed=2)
    assert len(random_edges(8, 28)) == 28
    with pytest.raises(ValueError, match='0 to 28'):
        random_edges(8, 29)


def test_cooccurrence_follows_the_sign_of_phi_and_ignores_unknown_labels():
    together = [[1, 1, 0]] * 5 + [[0, 0, 1]] * 5
    rarely = [[1, 0, 1]] * 2 + [[0, 0, 0]] * 3
    labels = np.array(together + rarely + [[-1, -1, 1]] * 50)
    kinds = {(i, j): RELATION_TYPES[t] for i, j, t in cooccurrence_edges(labels)}
    assert kinds == {(0, 1): 'synergy', (0, 2): 'antagonism'}
    assert [tuple(e)[:2] for e in cooccurrence_edges(labels, count=1)] == [(0, 1)]
    assert cooccurrence_edges(labels, min_count=6) == ()


def test_cooccurrence_refuses_what_is_no_label_matrix():
    with pytest.raises(ValueError, match='values 1, 0 or -1'):
        cooccurrence_edges(np.full((3, 2), 0.5))


def test_emotions_have_one_spelling():
    assert canonical_emotion('Others') == canonical_emotion('Other') == 'others'
    assert canonical_emotion('Positive') == 'positive'
