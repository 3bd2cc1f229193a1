# Copyright (c) AULLM-MM contributors.
"""The baselines: layers and parameter counts of their papers, heads, constants."""
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from torch import nn

from aullm_mm.engine.hooks.model_summary_hook import count_parameters
from aullm_mm.models.backbones import (
    EulerianNet3D,
    FlowHistogram,
    OffApexNet,
    SSSNet,
    SSSNet3D,
    STSTNet,
)
from aullm_mm.models.backbones.eulerian_net3d import FrameSqueezeExcitation
from aullm_mm.models.backbones.flow_histogram import magnitude_votes, orientation_votes
from aullm_mm.models.heads import ConstantHead, MultiLabelHead
from aullm_mm.models.heads.au_answer import loss_of_known
from aullm_mm.structures import AUDataSample

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = sorted((ROOT / 'configs' / 'baselines').glob('*.py'))
AUS = (1, 2, 4, 12)
NETS = [(SSSNet, 64), (OffApexNet, 28), (STSTNet, 28)]


def count(*modules):
    return sum(p.numel() for m in modules for p in m.parameters() if p.requires_grad)


def samples(labels):
    return [AUDataSample().set_au_labels(row) for row in labels]


def flow_of(angle, length=2.0, size=16):
    """A field that points everywhere the same way."""
    vector = length * torch.tensor([np.cos(angle), np.sin(angle)], dtype=torch.float32)
    return vector.view(1, 2, 1, 1).expand(1, 2, size, size).clone()


# ---- networks on flow --------------------------------------------------------------


@pytest.mark.parametrize('kind,shape,mid,high', [
    (SSSNet, (3, 64, 64), (64, 9, 9), 256), (OffApexNet, (3, 28, 28), (32, 7, 7), 1024),
    (STSTNet, (3, 28, 28), (16, 5, 5), 400)])
def test_networks_give_the_shapes_they_document(kind, shape, mid, high):
    net = kind().eval()
    flow = torch.rand(2, *shape)
    maps, vector = net(flow)
    assert maps.shape == (2, *mid) and vector.shape == (2, high)
    assert net.out_channels == (mid[0], high)
    assert torch.equal(net(flow[:, :, None])[1], vector)


def test_parameters_are_those_of_the_papers_with_three_classes():
    assert count(SSSNet(), nn.Linear(256, 3)) == 1_349_251
    assert count(OffApexNet(), nn.Linear(1024, 3)) == 2_664_475  # stated: 2.66 M
    assert count(STSTNet(), nn.Linear(400, 3)) == 1_683
    norms = [m for m in STSTNet().modules() if isinstance(m, nn.BatchNorm2d)]
    with_hidden = count(STSTNet(hidden_channels=400), nn.Linear(400, 3))
    assert with_hidden - count(*norms) == 162_051  # stated by Off-TANet


def test_sss_net_3d_is_the_network_of_au_llm_without_its_squeeze_excitation():
    block = FrameSqueezeExcitation(64)
    assert count(EulerianNet3D()) - count(SSSNet3D()) == count(block) == 580
    net = SSSNet3D(dropout=0.0)
    assert not any(isinstance(m, FrameSqueezeExcitation) for m in net.modules())
    mid, high = net(torch.rand(2, 1, 6, 64, 64))
    assert mid.shape == (2, 64, 2, 9, 9) and high.shape == (2, 256)


@pytest.mark.parametrize('kind,size', NETS)
def test_networks_name_the_shapes_of_wrong_flow(kind, size):
    with pytest.raises(ValueError, match=rf'{kind.__name__}.*B, 3, {size}, {size}'):
        kind()(torch.rand(2, 3, size, size + 1))


@pytest.mark.parametrize('kind,size', NETS)
def test_networks_can_be_built_for_other_sizes(kind, size):
    for side in (size + 1, size + 5, 40):
        net = kind(image_size=side).eval()
        assert net(torch.rand(1, 3, side, side))[1].shape == (1, net.out_channels[1])


@pytest.mark.parametrize('kind,size', NETS)
def test_a_clip_does_not_reach_another_through_a_network(kind, size):
    clips = torch.rand(3, 3, size, size, requires_grad=True)
    kind().eval()(clips)[1][0].sum().backward()
    assert clips.grad[0].abs().sum() > 0 and clips.grad[1:].abs().max() == 0


def test_off_apex_net_keeps_u_and_v_apart_and_leaves_strain_out():
    net = OffApexNet().eval()
    flow = torch.rand(1, 3, 28, 28)
    maps, _ = net(flow)
    for channel, changed in ((0, [True, False]), (1, [False, True]), (2, [False] * 2)):
        other = flow.clone()
        other[:, channel] += 1
        difference = (net(other)[0] - maps).abs().unflatten(1, (2, 16))
        assert (difference.amax(dim=(0, 2, 3, 4)) > 0).tolist() == changed
    with pytest.raises(ValueError, match=r'at least 2 \(u and v\), got 1'):
        OffApexNet(in_channels=1)


def test_every_stream_of_stst_net_sees_every_channel():
    flow = torch.rand(2, 3, 28, 28, requires_grad=True)
    maps, _ = STSTNet().eval()(flow)
    for part in maps.split((3, 5, 8), dim=1):
        gradient, = torch.autograd.grad(part.sum(), flow, retain_graph=True)
        assert (gradient.abs().sum(dim=(0, 2, 3)) > 0).all()


# ---- histograms --------------------------------------------------------------------


@pytest.mark.parametrize('turn', range(8))
def test_flow_along_a_bin_votes_for_it_alone(turn):
    votes = orientation_votes(flow_of(turn * np.pi / 4), 8)[0, :, 0, 0]
    want = torch.zeros(8)
    want[turn] = 2.0
    assert torch.allclose(votes, want, atol=1e-5)


def test_flow_between_two_bins_is_shared_by_both_and_no_length_is_lost():
    votes = orientation_votes(flow_of(np.pi / 16), 8)[0, :, 0, 0]
    assert torch.allclose(votes[:2], torch.tensor([1.5, 0.5]), atol=1e-5)
    flow = torch.randn(2, 2, 9, 9)
    total = orientation_votes(flow, 7).sum(1)
    assert torch.allclose(total, flow.norm(dim=1), atol=1e-5)


def test_magnitudes_are_counted_in_their_range_bounds_in_the_upper_one():
    lengths = torch.tensor([0.0, 1.9, 2.0, 4.0, 50.0])
    flow = torch.stack([lengths, torch.zeros(5)])[None, :, None]  # (1, 2, 1, 5)
    votes = magnitude_votes(flow, (2.0, 4.0))
    assert votes.argmax(1).flatten().tolist() == [0, 0, 1, 2, 2]
    assert (votes.sum(1) == 1).all()


def test_a_histogram_changes_only_in_the_cell_that_moves():
    net = FlowHistogram(grid=4)
    still = torch.zeros(1, 3, 64, 64)
    moved = still.clone()
    moved[0, 1, 16:32, 48:64] = 3.0  # second row, last column
    change = (net(moved) - net(still)).abs().view(12, 4, 4).sum(0)
    assert change.nonzero().tolist() == [[1, 3]]
    assert net(still).view(12, 16)[:8].abs().max() == 0
    assert count(net) == 0 and net(still).shape[1] == net.out_channels


def test_histograms_refuse_what_makes_no_sense():
    with pytest.raises(ValueError, match=r'must rise, got \(5.0, 2.0\)'):
        FlowHistogram(magnitude_edges=(5.0, 2.0))
    with pytest.raises(ValueError, match='at least 1, got 0 and 8'):
        FlowHistogram(grid=0)
    with pytest.raises(ValueError, match=r'C at least 2, got \(2, 1, 8, 8\)'):
        FlowHistogram()(torch.rand(2, 1, 8, 8))


# ---- the plain head ----------------------------------------------------------------


@pytest.mark.parametrize('kind,backbone,channels,shape', [
    ('Recognizer3D', dict(type='SSSNet'), 256, (1, 3, 64, 64)),
    ('Recognizer3D', dict(type='OffApexNet'), 1024, (1, 3, 28, 28)),
    ('Recognizer3D', dict(type='STSTNet'), 400, (1, 3, 28, 28)),
    ('Recognizer3D', dict(type='SSSNet3D'), 256, (1, 1, 6, 64, 64)),
    ('Recognizer3D', dict(type='FlowHistogram'), 768, (2, 3, 32, 32)),
    ('Recognizer2D', dict(type='ResNet', depth=18, norm_cfg=dict(type='BN')), 512,
     (3, 3, 32, 32))])
@pytest.mark.parametrize('loss', ['BCELossWithLogits', 'AsymmetricLoss'])
def test_stock_recognizers_train_and_predict(kind, backbone, channels, shape, loss):
    model = MODELS.build(dict(
        type=kind, backbone=backbone,
        data_preprocessor=dict(type='ActionDataPreprocessor'),
        cls_head=dict(type='MultiLabelHead', aus=AUS, in_channels=channels,
                      loss_au=dict(type=loss))))
    clips, data = torch.rand(2, *shape), samples([[1, 0, -1, 0], [0, 1, 1, -1]])
    total, _ = model.parse_losses(model.loss(clips, data))
    total.backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())
    with torch.no_grad():
        results = model.eval().predict(clips, data)
    for result in results:
        assert result.pred_score.shape == (len(AUS),)
        assert torch.equal(result.pred_label, (result.pred_score > 0.5).long())


def test_segments_and_crops_are_averaged():
    head = MultiLabelHead(AUS, 8).eval()
    maps = torch.rand(6, 8, 5, 5)
    want = head.classify(maps.mean(dim=(2, 3)).view(2, 3, 8).mean(1))
    assert torch.allclose(head(maps, num_segs=3), want, atol=1e-6)
    scores = head.classify(maps.mean(dim=(2, 3))).sigmoid().view(2, 3, -1).mean(1)
    for sample, score in zip(head.predict(maps, samples([[0] * 4] * 2)), scores):
        assert torch.allclose(sample.pred_score, score, atol=1e-6)


@pytest.mark.parametrize('loss', ['BCELossWithLogits', 'AsymmetricLoss'])
def test_unknown_labels_cost_nothing(loss):
    head = MultiLabelHead(AUS, 8, loss_au=dict(type=loss)).eval()
    feats = torch.randn(2, 8)
    head.loss(feats, samples([[1, 0, -1, 0], [0, -1, -1, 1]]))['loss_au'].backward()
    assert (head.classify.bias.grad != 0).tolist() == [True, True, False, True]
    nothing = head.loss(feats, samples([[-1] * 4] * 2))['loss_au']
    assert nothing.item() == 0 and nothing.requires_grad


def test_loss_of_known_labels_is_the_mean_over_them():
    logits, labels = torch.randn(3, 4), torch.randint(-1, 2, (3, 4)).float()
    labels[0, 0] = 1
    each = nn.functional.binary_cross_entropy_with_logits(
        logits, labels.clamp(min=0), reduction='none')
    got = loss_of_known(nn.BCEWithLogitsLoss(), logits, labels)
    assert got.item() == pytest.approx(each[labels >= 0].mean().item(), rel=1e-5)


def test_wrong_channels_are_named():
    with pytest.raises(ValueError, match='in_channels=8.*has 16'):
        MultiLabelHead(AUS, 8)(torch.rand(2, 16))


@pytest.mark.parametrize('head', [
    MultiLabelHead(AUS, 8), ConstantHead(AUS)], ids=['plain', 'constant'])
def test_heads_tell_which_aus_they_decide(head):
    assert head.identity() == dict(aus=[1, 2, 4, 12], llm=None)


# ---- constants ---------------------------------------------------------------------


def test_all_positive_says_yes_to_everything_whatever_it_was_trained_on():
    head = ConstantHead(AUS)
    head.loss(torch.rand(2, 8), samples([[0, 0, 1, -1]] * 2))
    for sample in head.predict(torch.rand(3, 8), samples([[0] * 4] * 3)):
        assert sample.pred_score.tolist() == [1.0] * 4
        assert sample.pred_label.tolist() == [1] * 4


def test_prior_rate_is_the_rate_among_known_training_labels():
    head, feats = ConstantHead(AUS, rule='prior-rate'), torch.rand(2, 8)
    batches = [[[1, 0, -1, 0], [1, 0, -1, 1]], [[0, 0, 1, -1], [1, 0, -1, 1]]]
    for _ in range(3):  # epochs change nothing
        for batch in batches:
            head.loss(feats, samples(batch))
    again = ConstantHead(AUS, rule='prior-rate')
    again.load_state_dict(head.state_dict())
    for sample in again.predict(torch.rand(2, 8, 3, 3), samples([[1] * 4] * 2)):
        assert torch.allclose(sample.pred_score, torch.tensor([3 / 4, 0, 1, 2 / 3]))


def test_a_constant_has_a_gradient_that_moves_nothing():
    head = ConstantHead(AUS)
    head.loss(torch.rand(1, 8), samples([[1, 0, 0, 1]]))['loss_au'].backward()
    assert [p.grad.item() for p in head.parameters()] == [0.0]
    with pytest.raises(ValueError, match="'all-positive', 'prior-rate'.*'median'"):
        ConstantHead(AUS, rule='median')


# ---- the configs -------------------------------------------------------------------


def test_au_llm_is_as_its_script_says():
    cfg = Config.fromfile(ROOT / 'configs/baselines/au_llm_casme2.py')
    model = MODELS.build(cfg.model)
    head, prompt = model.cls_head, model.cls_head.describe_prompt()
    assert prompt.endswith('<CT1>') and '<IT>' not in prompt
    assert head.projector.token_channels == 10_624 and head.projector.num_tokens == 1
    assert not head.residual
    ranks = {p.shape[0] for n, p in model.named_parameters() if 'lora_A' in n}
    layers = {n.split('.')[-4] for n, _ in model.named_parameters() if 'lora_A' in n}
    assert ranks == {16} and layers == {'q_proj', 'v_proj'}
    assert any(isinstance(m, FrameSqueezeExcitation) for m in model.modules())


def test_sss_net_aligned_has_our_input_augmentation_and_loss_and_is_sss_net():
    ours, aligned, plain = (
        Config.fromfile(ROOT / 'configs' / name).to_dict() for name in (
            'aullm_casme2.py', 'baselines/sss_net_aligned_casme2.py',
            'baselines/sss_net_casme2.py'))
    for part in ('train', 'val', 'test'):
        loader = f'{part}_dataloader'
        assert aligned[loader]['dataset'] == ours[loader]['dataset']
    assert aligned['model']['data_preprocessor'] == ours['model']['data_preprocessor']
    head = aligned['model']['cls_head']
    assert head.pop('loss_au') == ours['model']['cls_head']['loss_au']
    assert head == plain['model']['cls_head']
    assert aligned['model']['backbone'] == plain['model']['backbone']
    for key in ('optim_wrapper', 'param_scheduler', 'custom_hooks'):
        assert aligned[key] == plain[key]


def test_sss_net_aligned_takes_as_many_steps_as_ours():
    ours, aligned = (Config.fromfile(ROOT / 'configs' / name) for name in (
        'ablations/no_llm_casme2.py', 'baselines/sss_net_aligned_casme2.py'))
    steps = [cfg.train_cfg.max_epochs / cfg.train_dataloader.batch_size
             for cfg in (ours, aligned)]
    assert abs(steps[1] / steps[0] - 1) < 0.05


def documented():
    """Config name to trained parameters, of the table in docs/baselines.md."""
    text = (ROOT / 'docs' / 'baselines.md').read_text(encoding='utf-8')
    rows = re.findall(r'^\| `configs/baselines/(\S+)` .*\| ([\d,]+) \|$', text, re.M)
    return {name: int(number.replace(',', '')) for name, number in rows}


@pytest.mark.parametrize('config', CONFIGS, ids=lambda path: path.stem)
def test_the_documented_number_of_trained_parameters_is_right(config):
    model = MODELS.build(Config.fromfile(config).model)
    assert count(model) == documented()[config.name]


def test_every_documented_config_is_there():
    assert set(documented()) == {path.name for path in CONFIGS}


def test_the_summary_of_a_run_counts_the_parts_of_a_plain_head():
    model = MODELS.build(
        Config.fromfile(ROOT / 'configs/baselines/sss_net_casme2.py').model)
    assert count_parameters(model)['classify'] == (256 * 8 + 8, 0)
