# Copyright (c) AULLM-MM contributors.
"""R-AUGNN: who can influence whom, along which edges, and how strongly."""
import math

import pytest
import torch
from torch import nn

from aullm_mm.facs.relations import RELATION_TYPES, relation_edges
from aullm_mm.models.evidence import Evidence
from aullm_mm.models.graphs import AURelationGNN, RelationConv
from aullm_mm.models.graphs.prior import build_prior

AUS = (1, 2, 4, 7, 12, 14, 15, 17)
CHAIN = [(1, 2), (2, 4), (4, 7), (7, 12)]
GRIDS = ((1, 1), (2, 2))  # five tokens


def evidence(batch=2, tokens=5):
    return Evidence(torch.randn(batch, tokens, 16), torch.rand(batch, tokens))


def make(prior='both', **kwargs):
    gnn = AURelationGNN(
        AUS, 16, 24, GRIDS, prior=prior, name_embedding=False, **kwargs)
    return gnn.eval()


def influence(gnn):
    """(N, N): whether node logit i depends on the identity of node j."""
    logits = gnn(evidence(batch=1)).logits[0]
    rows = [
        torch.autograd.grad(logit, gnn.nodes.identity, retain_graph=True)[0]
        for logit in logits]
    return torch.stack(rows).abs().sum(-1) > 0


def hops(pairs, steps):
    near = torch.eye(len(AUS), dtype=torch.bool)
    for i, j in ((AUS.index(a), AUS.index(b)) for a, b in pairs):
        near[i, j] = near[j, i] = True
    return torch.linalg.matrix_power(near.float(), steps) > 0


def dense_reference(conv, x, edges, types, strength):
    """The documented equation with N x N matrices, for one clip."""
    n = x.shape[0]
    h = conv.norm(x)
    source, target = conv.lin_source(h), conv.lin_target(h)
    content = conv.lin_message(h)
    score = torch.full((n, n), -math.inf)
    weight = torch.zeros(n, n)
    slope, vector = conv.score
    for (j, i), kind, s in zip(edges.t().tolist(), types, strength):
        score[i, j] = vector(slope(source[j] + target[i] + conv.relation(kind)))[0]
        weight[i, j] = s
    attention = score.softmax(dim=1).nan_to_num(0.0)
    return x + nn.functional.gelu((attention * weight) @ content)


def test_relation_conv_equals_its_dense_equation():
    edges = build_prior(AUS, CHAIN[:3] + [(1, 17)])
    conv = RelationConv(8, edges.num_types)
    kinds = torch.randint(edges.num_types, edges.type.shape)
    x, strength = torch.randn(len(AUS), 8), torch.randn(edges.type.shape)
    got = conv(x, edges.index, kinds, strength)
    want = dense_reference(conv, x, edges.index, kinds, strength)
    assert torch.allclose(got, want, atol=1e-5)
    alone = AUS.index(15)
    assert torch.equal(got[alone], x[alone])


def test_nodes_do_not_influence_each_other_without_a_prior():
    gnn = make('none')
    assert gnn.edge_index.shape == (2, 0)
    assert torch.equal(influence(gnn), torch.eye(len(AUS), dtype=torch.bool))


@pytest.mark.parametrize('layers', [1, 2, 3])
def test_influence_reaches_as_many_hops_as_there_are_layers(layers):
    assert torch.equal(
        influence(make(CHAIN, num_layers=layers)), hops(CHAIN, layers))


def test_evidence_of_other_grids_is_refused():
    with pytest.raises(ValueError, match='for 5 evidence tokens, got 10; set token_'):
        make()(evidence(tokens=10))


def test_a_stronger_movement_gives_a_larger_node_state():
    """No norm stands before the logits: without rules they grow with the evidence."""
    gnn = make('none', num_layers=0)
    tokens, gates = evidence()
    sizes = [gnn(Evidence(tokens * scale, gates)).logits.abs() for scale in (10, 1000)]
    assert (sizes[1] > 10 * sizes[0]).all()


def test_an_edge_of_strength_zero_carries_nothing():
    gnn = make(CHAIN)
    gnn.strength.data.zero_()
    assert torch.equal(influence(gnn), torch.eye(len(AUS), dtype=torch.bool))


def test_strengths_start_with_the_sign_of_their_relation():
    signs = {0: 1, 1: -1}  # synergy, antagonism
    edges = relation_edges(AUS, 'both')
    gnn = make('both')
    assert {t for *_, t in edges} >= set(signs)
    expected = {(i, j): t for i, j, t in edges}
    for i, j, strength in gnn.edge_strengths():
        i, j = sorted((AUS.index(i), AUS.index(j)))
        kind = expected[i, j]
        assert -1 < strength < 1
        if RELATION_TYPES[kind] in ('synergy', 'antagonism'):
            assert math.copysign(1, strength) == signs[kind]
            assert abs(strength) > 0.3
        else:
            assert abs(strength) < 0.2


def test_every_edge_of_a_prior_stands_in_both_directions():
    prior = build_prior(AUS, 'both')
    half = prior.index.shape[1] // 2
    assert torch.equal(prior.index[:, :half].flip(0), prior.index[:, half:])
    assert torch.equal(prior.type[:half], prior.type[half:])
    assert torch.equal(prior.sign[:half], prior.sign[half:])


def test_random_prior_has_the_density_of_both_and_follows_its_seed():
    both, random = build_prior(AUS, 'both'), build_prior(AUS, 'random', seed=3)
    assert random.index.shape == both.index.shape
    assert (random.index[0] != random.index[1]).all()
    assert torch.equal(random.index, build_prior(AUS, 'random', seed=3).index)
    assert not torch.equal(random.index, build_prior(AUS, 'random', seed=4).index)


def test_full_prior_joins_every_pair():
    assert build_prior(AUS, 'full').index.shape == (2, len(AUS) * (len(AUS) - 1))


def test_an_au_outside_the_list_is_refused_by_number():
    with pytest.raises(ValueError, match=r'AUs \[9, 20\], which are not in'):
        make([(1, 9), (2, 20)])


def test_an_unknown_prior_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="unknown prior 'anatomical'.*'anatomy'"):
        make('anatomical')


@pytest.mark.parametrize('pairs', [[(1, 1)], [(1, 2), (2, 1)], [(1, 2), (1, 2)]])
def test_loops_and_repeated_pairs_are_refused(pairs):
    with pytest.raises(ValueError, match='two different AUs, each pair once'):
        make(pairs)


def test_a_batched_graph_equals_clip_by_clip():
    gnn, batch = make(), evidence(batch=5)
    together = gnn(batch)
    for k in range(5):
        alone = gnn(Evidence(batch.tokens[k:k + 1], batch.gates[k:k + 1]))
        assert torch.allclose(together.logits[k], alone.logits[0], atol=1e-5)
        assert torch.allclose(together.instruction[k], alone.instruction[0], atol=1e-5)


def test_a_scale_of_each_clip_changes_that_clip_only():
    gnn, batch = make(), evidence(batch=3)
    scale = torch.ones(3, gnn.strength.numel())
    scale[1] = 0
    changed = gnn(batch, rules=gnn.rules._replace(scale=scale)).logits
    plain = gnn(batch).logits
    assert torch.allclose(changed[[0, 2]], plain[[0, 2]], atol=1e-6)
    assert not torch.allclose(changed[1], plain[1], atol=1e-4)


def test_a_gated_out_token_does_not_reach_the_graph():
    gnn, batch = make(), evidence()
    gates = batch.gates.index_fill(1, torch.tensor([2]), 0.0)
    tokens = batch.tokens.clone()
    tokens[:, 2] += 5
    assert torch.equal(
        gnn(Evidence(batch.tokens, gates)).logits, gnn(Evidence(tokens, gates)).logits)


def test_every_parameter_learns_and_a_fixed_strength_does_not():
    gnn = AURelationGNN(AUS, 16, 24, GRIDS)
    structure = gnn(evidence(), torch.rand(len(AUS), 24))
    (structure.logits.sum() + structure.instruction[..., 0].sum()).backward()
    assert [n for n, p in gnn.named_parameters() if p.grad is None] == []
    assert gnn.strength.grad.abs().min() > 0
    assert not make(learn_strength=False).strength.requires_grad


def test_strengths_are_saved_and_the_fixed_support_is_not():
    keys = make().state_dict().keys()
    assert 'strength' in keys
    assert not {'edge_index', 'edge_type'} & set(keys)


def test_instruction_token_has_the_size_the_llm_expects():
    token = make(token_rms=0.2)(evidence()).instruction
    assert token.shape == (2, 1, 24)
    assert token.square().mean().sqrt().item() == pytest.approx(0.2, rel=0.02)
