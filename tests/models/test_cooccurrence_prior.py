# Copyright (c) AULLM-MM contributors.
"""The prior from training labels: its edges by hand, and how the graph keeps them."""
import numpy as np
import pytest
import torch

from aullm_mm.facs.relations import RELATION_TYPES, relation_edges
from aullm_mm.models.evidence import Evidence
from aullm_mm.models.graphs import AURelationGNN
from aullm_mm.models.graphs.prior import build_prior, cooccurrence_prior, unset_prior

AUS = (1, 2, 4, 12)
COUNT = len(relation_edges(AUS, 'both'))
# AU1 with AU2 in three of eight clips, AU4 with AU12 in two; AU1 and AU4 never.
LABELS = np.array([
    [1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1],
    [0, 0, 1, 1], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]])


def types(*names):
    return [RELATION_TYPES.index(name) for name in names]


def make(**kwargs):
    return AURelationGNN(
        AUS, 16, 24, ((1, 1), (2, 2)), prior='co-occurrence', name_embedding=False,
        **kwargs).eval()


def evidence():
    return Evidence(torch.randn(2, 5, 16), torch.rand(2, 5))


def undirected(edges):
    half = edges.index.shape[1] // 2
    return [tuple(pair) for pair in edges.index[:, :half].t().tolist()]


def test_edges_are_those_computed_by_hand():
    # Together: phi(1, 2) = 1, phi(4, 12) = .577. The others never: chance would give
    # (1, 4) and (2, 4) 12 / 8 clips, (1, 12) and (2, 12) 6 / 8.
    edges = cooccurrence_prior(AUS, LABELS)
    want = [(0, 1), (2, 3), (0, 2), (1, 2), (0, 3), (1, 3)][:COUNT]
    assert undirected(edges) == want
    kinds = types('synergy', 'synergy', *['antagonism'] * 4)[:COUNT]
    assert edges.type.tolist() == kinds * 2
    assert edges.sign.tolist() == [0.5 if k == 0 else -0.5 for k in kinds] * 2


def test_the_strongest_associations_come_first_whatever_their_sign():
    rng = np.random.default_rng(0)
    aus = (1, 2, 4, 7, 12, 14, 15, 17)
    labels = (rng.random((300, 8)) < 0.5).astype(int)
    labels[:, 1] = labels[:, 0]  # a synergy
    labels[:280, 3] = 1 - labels[:280, 2]  # an antagonism, seen together in some clips
    labels[280:, 2:4] = 1
    edges = cooccurrence_prior(aus, labels)
    kinds = dict(zip(undirected(edges), edges.type.tolist()))
    assert kinds[0, 1] == types('synergy')[0] and kinds[2, 3] == types('antagonism')[0]
    phi = np.corrcoef(labels.T)
    ranked = sorted(np.abs(phi[np.triu_indices(8, 1)]))[::-1]
    assert min(abs(phi[pair]) for pair in kinds) == pytest.approx(
        ranked[len(kinds) - 1])


@pytest.mark.parametrize('clips', [1, 3, 40, 400])
def test_density_is_that_of_both_however_few_clips_there_are(clips):
    labels = np.random.default_rng(clips).integers(-1, 2, (clips, 8))
    aus = (1, 2, 4, 7, 12, 14, 15, 17)
    edges = cooccurrence_prior(aus, labels)
    assert edges.index.shape == build_prior(aus, 'both').index.shape
    assert len(set(undirected(edges))) == len(undirected(edges))


def test_unknown_labels_count_for_nothing():
    unknown = np.full((5, 4), -1)
    edges = cooccurrence_prior(AUS, np.concatenate([LABELS, unknown]))
    want = cooccurrence_prior(AUS, LABELS)
    assert all(torch.equal(a, b) for a, b in zip(edges[:3], want[:3]))


@pytest.mark.parametrize('labels', [
    np.zeros((0, 4)), np.zeros((3, 5)), np.zeros(4), np.full((3, 4), 2)])
def test_what_is_no_label_matrix_of_the_list_is_refused(labels):
    with pytest.raises(ValueError, match='clips, '):
        cooccurrence_prior(AUS, labels)


def test_graph_says_what_to_do_until_it_knows_its_edges():
    graph = make()
    assert not graph.has_support
    assert graph.edge_index.shape == unset_prior(AUS).index.shape
    with pytest.raises(ValueError, match='CooccurrencePriorHook'):
        graph(evidence())
    graph.learn_support(LABELS)
    assert graph.has_support and graph(evidence()).logits.shape == (2, 4)
    assert torch.equal(graph.edge_index, cooccurrence_prior(AUS, LABELS).index)
    assert torch.equal(graph.strength, cooccurrence_prior(AUS, LABELS).sign)


def test_checkpoint_brings_edges_and_strengths():
    first, second = make(), make()
    first.learn_support(LABELS)
    first.strength.data += 0.1
    second.load_state_dict(first.state_dict(), strict=True)
    assert second.has_support and second.supported_by(LABELS)
    given = evidence()
    assert torch.equal(first(given).logits, second(given).logits)
    assert first.edge_strengths() == second.edge_strengths()


def test_another_prior_takes_no_labels_and_keeps_its_keys():
    graph = AURelationGNN(AUS, 16, 24)
    assert not {'edge_index', 'edge_type'} & set(graph.state_dict())
    with pytest.raises(ValueError, match="Only prior='co-occurrence'"):
        graph.learn_support(LABELS)


def test_the_name_alone_gives_no_edges():
    with pytest.raises(ValueError, match='labels of the training clips'):
        build_prior(AUS, 'co-occurrence')


def test_fewer_than_no_layers_are_refused():
    with pytest.raises(ValueError, match='num_layers must be at least 0, got -1'):
        AURelationGNN(AUS, 16, 24, num_layers=-1)
