# Copyright (c) AULLM-MM contributors.
"""Interventions on rules: what each of them changes, and what it leaves alone."""
import pytest
import torch

from aullm_mm.models.evidence import Evidence
from aullm_mm.models.graphs import AURelationGNN
from aullm_mm.models.heads.interventions import (
    INTERVENTIONS,
    check_interventions,
    draw_interventions,
    drop_rules,
    intervene_on_rules,
    reweight_rules,
    rewire_rules,
    stack_batches,
)

AUS = (1, 2, 4, 7, 12, 14, 15, 17)
GRIDS = ((1, 1), (2, 2))  # five tokens


@pytest.fixture
def gnn():
    return AURelationGNN(AUS, 16, 24, GRIDS, name_embedding=False).eval()


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
    without = AURelationGNN(
        AUS, 16, 24, GRIDS, prior='none', name_embedding=False).eval()
    shared = {k: v for k, v in gnn.state_dict().items() if k != 'strength'}
    without.load_state_dict(shared, strict=False)
    dropped = gnn(evidence, rules=drop_rules(gnn.rules, 3, fraction=1.0))
    assert torch.allclose(dropped.logits, without(evidence).logits, atol=1e-6)


def test_without_rules_only_the_others_are_left():
    assert check_interventions(INTERVENTIONS, has_rules=False) == (
        'context', 'evidence')


def test_as_many_interventions_are_drawn_as_asked_none_twice():
    drawn = [draw_interventions(INTERVENTIONS, 2) for _ in range(50)]
    assert all(len(set(names)) == 2 for names in drawn)
    assert {name for names in drawn for name in names} == set(INTERVENTIONS)
    assert draw_interventions((), 2) == draw_interventions(INTERVENTIONS, 0) == []


def test_an_unknown_intervention_is_named_beside_the_known_ones():
    with pytest.raises(ValueError, match=r"\['rule'\]; known are \['rules'"):
        check_interventions(('rule', 'context'))


def test_stacking_keeps_a_missing_part_missing():
    assert stack_batches([None, None]) is None
    assert stack_batches([torch.ones(2, 3), torch.zeros(4, 3)]).shape == (6, 3)
