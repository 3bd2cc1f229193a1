# Copyright (c) AULLM-MM contributors.
"""Region attention: where the AUs look at the start, and what they read there."""
import pytest
import torch
import torch.nn.functional as F

from aullm_mm.models.graphs import AURelationGNN
from aullm_mm.models.graphs.region_attention import RegionAttention, token_places

AUS = (1, 2, 4, 7, 12, 14, 15, 17)
UPPER, LOWER = (1, 2, 4, 7), (12, 14, 15, 17)
GRIDS = ((1, 1), (2, 1), (3, 3), (10, 10))
TOKENS = 1 + 2 + 9 + 100


def make(grids=GRIDS, name_width=0, **kwargs):
    return RegionAttention(6, 12, AUS, grids, name_width, **kwargs).eval()


def rows_of_finest(attention):
    """Attention of every focus over the rows of the 10 x 10 grid: (N, heads, 10)."""
    finest = attention.focus[..., -100:].softmax(-1)
    return finest.unflatten(-1, (10, 10)).sum(-1)


def test_places_are_shares_one_a_token_in_the_order_of_the_grids():
    places = token_places(AUS, GRIDS)
    assert places.shape == (len(AUS), TOKENS)
    assert places.min() >= 0 and places.max() <= 1
    for grid, part in zip(GRIDS, places.split([1, 2, 9, 100], dim=1)):
        assert torch.equal(part, token_places(AUS, [grid]))
    assert torch.allclose(places[:, 1:3].mean(1), places[:, 0], atol=1e-5)


@pytest.mark.parametrize('au', AUS)
def test_foci_start_where_the_au_is_seen(au):
    best = rows_of_finest(make())[AUS.index(au)].argmax(-1)
    assert ((best < 5) if au in UPPER else (best >= 5)).all()


def test_foci_start_at_the_place_itself_not_only_in_its_half():
    attention = make()
    seen = (attention.focus.softmax(-1) * token_places(AUS, GRIDS)[:, None]).sum(-1)
    assert seen.min() > 2 * token_places(AUS, GRIDS).mean()


def test_without_anatomy_no_half_is_preferred():
    with_, without = (
        rows_of_finest(make(anatomy=a))[..., :5].sum(-1) for a in (True, False))
    assert (without - 0.5).abs().max() < 0.15
    assert ((with_ - 0.5).abs() > 0.25).all()


def test_heads_of_an_au_differ():
    focus = make().focus
    assert focus.shape == (len(AUS), 8, TOKENS)
    assert not torch.allclose(focus[:, 0], focus[:, 1], atol=0.1)


@pytest.mark.parametrize('names', [False, True])
def test_node_states_equal_the_documented_equation(names):
    attention = make(name_width=5 if names else 0, heads=3)
    torch.nn.init.normal_(attention.identity)
    tokens, embedded = torch.randn(2, TOKENS, 6), torch.rand(len(AUS), 5)
    got = attention(tokens, embedded if names else None)
    assert got.shape == (2, len(AUS), 12)
    for clip in range(2):
        for n in range(len(AUS)):
            foci = attention.focus[n].softmax(-1)  # (3, M)
            read = torch.cat([p @ tokens[clip] for p in foci])  # (3 * 6,)
            want = F.gelu(read @ attention.weight[n] + attention.identity[n])
            if names:
                want = want + attention.name(F.normalize(embedded[n], dim=0))
            assert torch.allclose(got[clip, n], want, atol=1e-5)


def test_a_change_at_the_mouth_reaches_the_au_of_the_mouth_most():
    attention = make(((10, 10),))
    tokens = torch.zeros(1, 100, 6)
    moved = tokens.clone()
    moved[0, token_places((12,), ((10, 10),))[0].argmax()] = 1
    change = (attention(moved, None) - attention(tokens, None)).square().sum(-1)[0]
    assert change[[AUS.index(au) for au in LOWER]].min() > 10 * change[
        [AUS.index(au) for au in (1, 2, 4)]].max()


@pytest.mark.parametrize('count', [1, TOKENS - 1, TOKENS + 1])
def test_another_number_of_tokens_is_refused(count):
    with pytest.raises(ValueError, match=f'for 112 evidence tokens, got {count};'):
        make()(torch.randn(2, count, 6), None)


def test_names_that_are_not_given_are_left_out():
    attention, tokens = make(name_width=5), torch.randn(2, TOKENS, 6)
    plain = attention(tokens, None)
    assert not torch.allclose(plain, attention(tokens, torch.rand(len(AUS), 5)))
    assert torch.equal(plain, attention(tokens, torch.zeros(len(AUS), 5)))


def test_every_parameter_learns_and_dropout_is_of_training_only():
    attention, tokens = make(name_width=5, dropout=0.5), torch.randn(2, TOKENS, 6)
    names = torch.rand(len(AUS), 5)
    assert torch.equal(attention(tokens, names), attention(tokens, names))
    attention(tokens, names).square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in attention.parameters())
    attention.train()
    assert not torch.equal(attention(tokens, names), attention(tokens, names))


def test_the_graph_hands_its_settings_on():
    gnn = AURelationGNN(
        AUS, 6, 24, GRIDS, heads=3, anatomy=False, dropout=0.4, name_embedding=False)
    assert gnn.nodes.focus.shape == (len(AUS), 3, TOKENS)
    assert gnn.nodes.focus.std().item() == pytest.approx(0.5, abs=0.05)
    assert gnn.nodes.dropout.p == 0.4 and gnn.nodes.name is None
