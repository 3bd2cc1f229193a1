# Copyright (c) AULLM-MM contributors.
"""Both evidence projectors: what they compute, what they cost, what they refuse."""
import pytest
import torch

from aullm_mm.models.evidence import Evidence, as_levels, rms_scale
from aullm_mm.models.projectors import FusionProjector, MultiGranularityProjector
from aullm_mm.models.projectors.multi_granularity_projector import (
    GridPooling,
    HighFrequencyEnhancement,
)

EULERIAN = 64 * 2 * 9 * 9 + 256  # features of EulerianNet3D


def parameters(module):
    return sum(p.numel() for p in module.parameters())


def features(batch=3):
    return (torch.randn(batch, 64, 2, 9, 9),), torch.randn(batch, 256)


def test_fusion_projector_has_the_parameters_of_the_released_script():
    hidden = (EULERIAN + 896) // 2
    want = EULERIAN * hidden + hidden + hidden * 896 + 896
    efp = FusionProjector(EULERIAN, 896)
    assert parameters(efp) == want
    assert 66.3e6 < want < 66.5e6


def test_multi_granularity_projector_needs_a_few_per_cent_of_the_fusion_projector():
    share = parameters(MultiGranularityProjector((64, 256), 896)) / 66.4e6
    assert 0.001 < share < 0.05


@pytest.mark.parametrize('value', [0.0, 1.0, -4.0])
def test_enhancement_leaves_a_constant_map_as_it_is(value):
    x = torch.full((2, 5, 3, 7, 7), value)
    assert torch.allclose(HighFrequencyEnhancement(5)(x), x, atol=1e-6)


def test_enhancement_strengthens_a_peak_by_the_learned_factor_of_its_channel():
    enhance = HighFrequencyEnhancement(2)
    enhance.strength.data[1] = 0
    x = torch.zeros(1, 2, 1, 5, 5)
    x[..., 2, 2] = 9
    y = enhance(x)
    assert y[0, 0, 0, 2, 2].item() == pytest.approx(9 + 0.5 * (9 - 1))
    assert y[0, 0, 0, 1, 1].item() == pytest.approx(-0.5)
    assert torch.equal(y[:, 1], x[:, 1])


def test_enhancement_treats_every_frame_apart():
    x = torch.randn(1, 3, 4, 6, 6)
    frame = HighFrequencyEnhancement(3)(x[:, :, 1:2])
    assert torch.allclose(HighFrequencyEnhancement(3)(x)[:, :, 1:2], frame, atol=1e-6)


def test_grid_tokens_are_the_means_of_their_cells():
    pooling = GridPooling(2, 4, ((1, 1), (2, 1)))
    pooling.enhance.strength.data.zero_()
    x = torch.randn(3, 2, 2, 6, 6)
    cells = (x.mean((2, 3, 4)), x[..., :3, :].mean((2, 3, 4)),
             x[..., 3:, :].mean((2, 3, 4)))
    want = pooling.embed(torch.stack(cells, dim=1)) + pooling.position
    assert torch.allclose(pooling(x), want, atol=1e-5)


def test_gates_lie_between_0_and_1_one_a_token():
    mge = MultiGranularityProjector((64, 256), 48)
    evidence = mge.encode(*features())
    assert evidence.tokens.shape == (3, 1 + 1 + 2 + 9 + 100, 64)
    assert evidence.gates.shape == (3, 113)
    assert ((evidence.gates > 0) & (evidence.gates < 1)).all()


def test_a_token_of_gate_zero_does_not_reach_the_content():
    mge = MultiGranularityProjector((64, 256), 48).eval()
    tokens, gates = mge.encode(*features())
    gates = gates.detach().index_fill(1, torch.tensor([5]), 0.0)
    changed = tokens.detach().clone()
    changed[:, 5] += 10 * torch.randn(64)
    content = mge.distill(Evidence(tokens, gates))
    assert torch.equal(content, mge.distill(Evidence(changed, gates)))
    changed[:, 6] += 10 * torch.randn(64)
    assert not torch.allclose(content, mge.distill(Evidence(changed, gates)))


def test_every_token_has_the_grid_cell_that_it_was_pooled_over():
    grids = ((2, 1), (3, 3))
    mge = MultiGranularityProjector((8, 16, 16), 48, grids=grids)
    assert mge.token_grids == ((1, 1), *grids, *grids)
    levels = as_levels((torch.rand(2, 8, 3, 8, 8), torch.rand(2, 16, 3, 4, 4)))
    count = sum(rows * columns for rows, columns in mge.token_grids)
    assert mge.encode(*levels).tokens.shape[1] == count
    efp = FusionProjector(EULERIAN, 48)
    assert efp.token_grids == ((1, 1),)
    assert efp.encode(*features()).tokens.shape[1] == 1


def test_tokens_keep_their_size_but_gates_and_content_do_not_see_it():
    mge = MultiGranularityProjector((64, 256), 48).eval()
    (mid,), high = features()
    small, large = (mge.encode((mid * s,), high * s) for s in (1e3, 1e4))
    assert rms_scale(large.tokens) / rms_scale(small.tokens) == pytest.approx(10, 0.01)
    assert torch.allclose(small.gates, large.gates, atol=1e-3)
    assert torch.allclose(mge.distill(small), mge.distill(large), atol=1e-2)


@pytest.mark.parametrize('tokens', [1, 3])
def test_content_has_the_width_and_size_of_the_llm(tokens):
    mge = MultiGranularityProjector((64, 256), 48, num_tokens=tokens, token_rms=0.1)
    content = mge(*features())
    assert content.shape == (3, tokens, 48)
    assert rms_scale(content) == pytest.approx(0.1, rel=1e-2)


def test_content_tokens_differ_from_each_other():
    first, second = MultiGranularityProjector((64, 256), 48)(*features())[0, :2]
    assert not torch.allclose(first, second, atol=1e-2)


def test_projector_takes_several_levels():
    mge = MultiGranularityProjector((8, 16, 16), 48)
    levels = torch.rand(2, 8, 3, 8, 8), torch.rand(2, 16, 3, 4, 4)
    assert mge(*as_levels(levels)).shape == (2, 4, 48)
    assert mge.encode(*as_levels(levels)).tokens.shape == (2, 1 + 2 * 112, 64)


def test_every_parameter_of_the_projector_learns():
    mge = MultiGranularityProjector((64, 256), 48)
    (mge(*features()) * torch.randn(3, 4, 48)).sum().backward()
    without = [n for n, p in mge.named_parameters() if p.grad is None]
    assert without == []


@pytest.mark.parametrize('make', [
    lambda: MultiGranularityProjector((64, 256), 48),
    lambda: FusionProjector(EULERIAN, 48)])
def test_permuting_the_batch_permutes_the_content(make):
    projector, (maps, high) = make().eval(), features(4)
    order = torch.tensor([3, 1, 0, 2])
    permuted = projector((maps[0][order],), high[order])
    assert torch.allclose(projector(maps, high)[order], permuted, atol=1e-5)


def test_fusion_projector_is_the_documented_mlp():
    efp = FusionProjector(EULERIAN, 48).eval()
    (mid,), high = features()
    joined = torch.cat([mid.flatten(1), high], dim=1)
    want = efp.mlp[3](efp.mlp[0](joined).relu())[:, None]
    assert efp((mid,), high).shape == (3, 1, 48)
    assert torch.allclose(efp((mid,), high), want)


def test_wrong_channels_are_named_beside_the_right_ones():
    with pytest.raises(ValueError, match=r'\(64, 256\).*gives \(32, 256\)'):
        MultiGranularityProjector((64, 256), 48)(
            (torch.rand(1, 32, 2, 9, 9),), torch.rand(1, 256))
    with pytest.raises(ValueError, match=r'\(8, 16\).*gives \(8, 16, 16\)'):
        levels = torch.rand(2, 8, 3, 8, 8), torch.rand(2, 16, 3, 4, 4)
        MultiGranularityProjector((8, 16), 48)(*as_levels(levels))
    with pytest.raises(ValueError, match='in_features=100, but the backbone gives 106'):
        FusionProjector(100, 48)(
            (torch.rand(1, 10, 1, 3, 3),), torch.rand(1, 16))


def test_no_content_token_is_refused():
    with pytest.raises(ValueError, match='num_tokens must be at least 1, got 0'):
        MultiGranularityProjector((64, 256), 48, num_tokens=0)


def test_segments_folded_into_the_batch_become_time():
    feats = torch.rand(6, 8, 7, 7)
    (folded,), high = as_levels(feats, num_segs=3)
    assert torch.equal(folded[1, :, 2], feats[5])
    assert torch.allclose(high[1], feats[3:].mean((0, 2, 3)), atol=1e-6)


def test_features_without_a_map_are_refused_with_their_shapes():
    with pytest.raises(ValueError, match=r'no feature map, only \[\(2, 512\)\]'):
        as_levels(torch.rand(2, 512))


@pytest.mark.parametrize('grids', [(), ((0, 1),)])
def test_no_cell_to_pool_over_is_refused(grids):
    with pytest.raises(ValueError, match='grids must hold'):
        MultiGranularityProjector((64, 256), 48, grids=grids)
