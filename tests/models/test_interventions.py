# Copyright (c) AULLM-MM contributors.
"""Interventions: what each of them changes, and what it leaves alone."""
import pytest
import torch

from aullm_mm.models.evidence import Evidence
from aullm_mm.models.graphs import AURelationGNN
from aullm_mm.models.heads.interventions import (
    check_interventions,
    drop_rules,
    exchange_context,
    intervene_on_rules,
    reweight_rules,
    rewire_rules,
    stack_batches,
)

AUS = (1, 2, 4, 7, 12, 14, 15, 17)


@pytest.fixture
def gnn():
    return AURelationGNN(AUS, 16, 24, name_embedding=False).eval()


def directions(scale):
    return scale[:, :scale.shape[1] // 2], scale[:, scale.shape[1] // 2:]


def test_dropping_takes_whole_edges_at_the_asked_rate(gnn):
    scale = drop_rules(gnn.rules, 500, fraction=0.3).scale
    assert scale.shape == (500, gnn.edge_index.shape[1])
    assert torch.equal(*directions(scale))
    assert set(scale.unique().tolist()) == {0.0, 1.0}
    assert (scale == 0).float().mean().item() == pytest.approx(0.3, abs=0.03)
    assert not torch.equal(scale[0], scale[1])


def test_reweighting_scales_both_directions_alike_within_the_spread(gnn):
    scale = reweight_rules(gnn.rules, 200, spread=0.5).scale
    assert torch.equal(*directions(scale))
    assert 0.5 <= scale.min() < 0.55 and 1.45 < scale.max() <= 1.5


@pytest.mark.parametrize('repeat', range(5))
def test_rewiring_keeps_the_density_and_makes_no_loops(gnn, repeat):
    rules = gnn.rules
    torch.manual_seed(repeat)
    index = rewire_rules(rules, len(AUS)).edge_index
    half = index.shape[1] // 2
    assert index.shape == rules.edge_index.shape
    assert (index[0] != index[1]).all()
    assert torch.equal(index[:, :half].flip(0), index[:, half:])
    assert index.unique(dim=1).shape == index.shape
    assert not torch.equal(index, rules.edge_index)


def test_no_intervention_touches_the_learned_strengths(gnn):
    before = gnn.strength.detach().clone()
    edges = gnn.edge_index.clone()
    evidence = Evidence(torch.randn(3, 5, 16), torch.rand(3, 5))
    for kind in range(12):
        torch.manual_seed(kind)
        gnn(evidence, rules=intervene_on_rules(gnn.rules, 3, len(AUS)))
    assert torch.equal(gnn.strength, before) and torch.equal(gnn.edge_index, edges)


def test_all_three_interventions_on_rules_are_drawn(gnn):
    seen = set()
    for seed in range(30):
        torch.manual_seed(seed)
        rules = intervene_on_rules(gnn.rules, 4, len(AUS))
        rewired = not torch.equal(rules.edge_index, gnn.edge_index)
        dropped = not rewired and set(rules.scale.unique().tolist()) <= {0.0, 1.0}
        seen.add('rewire' if rewired else 'drop' if dropped else 'reweight')
    assert seen == {'drop', 'reweight', 'rewire'}


def test_dropping_every_rule_equals_having_none(gnn):
    evidence = Evidence(torch.randn(3, 5, 16), torch.rand(3, 5))
    without = AURelationGNN(AUS, 16, 24, prior='none', name_embedding=False).eval()
    shared = {k: v for k, v in gnn.state_dict().items() if k != 'strength'}
    without.load_state_dict(shared, strict=False)
    dropped = gnn(evidence, rules=drop_rules(gnn.rules, 3, fraction=1.0))
    assert torch.allclose(dropped.logits, without(evidence).logits, atol=1e-6)


def test_context_exchange_touches_only_the_tokens_of_lowest_gate():
    tokens, gates = torch.randn(4, 10, 6), torch.rand(4, 10)
    swapped = exchange_context(Evidence(tokens, gates), fraction=0.3)
    changed = (swapped.tokens != tokens).any(dim=2)
    assert (changed.sum(dim=1) == 3).all()
    for clip in range(4):
        assert set(gates[clip].topk(3, largest=False).indices.tolist()) == set(
            changed[clip].nonzero().flatten().tolist())
    assert torch.equal(swapped.gates, gates)


def test_exchanged_tokens_come_from_another_clip_at_the_same_place():
    tokens, gates = torch.randn(3, 10, 6), torch.rand(3, 10)
    swapped = exchange_context(Evidence(tokens, gates)).tokens
    changed = (swapped != tokens).any(dim=2)
    assert torch.equal(swapped[changed], tokens.roll(1, 0)[changed])


def test_context_exchange_lets_gradients_reach_tokens_and_gates():
    tokens = torch.randn(3, 10, 6, requires_grad=True)
    gates = torch.rand(3, 10, requires_grad=True)
    swapped = exchange_context(Evidence(tokens, gates))
    (swapped.tokens * swapped.gates[..., None]).sum().backward()
    assert gates.grad.abs().min() > 0 and tokens.grad.abs().sum() > 0


@pytest.mark.parametrize('batch,tokens', [(1, 10), (4, 2)])
def test_nothing_is_exchanged_where_nothing_can_be(batch, tokens):
    evidence = Evidence(torch.randn(batch, tokens, 6), torch.rand(batch, tokens))
    assert torch.equal(exchange_context(evidence).tokens, evidence.tokens)


def test_an_unknown_intervention_is_named_beside_the_known_ones():
    with pytest.raises(ValueError, match=r"\['rule'\]; known are \['rules'"):
        check_interventions(('rule', 'context'))


def test_stacking_keeps_a_missing_part_missing():
    assert stack_batches([None, None]) is None
    assert stack_batches([torch.ones(2, 3), torch.zeros(4, 3)]).shape == (6, 3)
