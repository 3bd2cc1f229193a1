# Copyright (c) AULLM-MM contributors.
"""LED against plain recurrences, the stem against its 3-D form, shapes and errors."""
import pytest
import torch
from torch import nn

from aullm_mm.models.backbones import (
    EulerianNet3D,
    FlowNet2D,
    LearnableEulerianDynamics,
    MotionFusionNet,
    eulerian_weights,
)
from aullm_mm.models.backbones.eulerian_net3d import FrameSqueezeExcitation, FrameStem


def recurrence(clip, rate):
    """First-order low-pass over the frames, frame by frame."""
    state = clip[:, :, 0]
    states = [state]
    for frame in clip.unbind(2)[1:]:
        state = (1 - rate) * state + rate * frame
        states.append(state)
    return torch.stack(states, dim=2)


@pytest.mark.parametrize('value', [0.0, 0.3, 7.0, 255.0, -3.1])
def test_led_gives_exactly_zero_for_a_static_clip(value):
    frame = torch.full((2, 3, 1, 5, 5), value) * torch.rand(2, 3, 1, 5, 5)
    motion = LearnableEulerianDynamics()(frame.expand(-1, -1, 9, -1, -1))
    assert motion.abs().max().item() == 0.0


@pytest.mark.parametrize('num_frames', [2, 6, 40])
def test_led_weights_of_every_output_sum_to_zero(num_frames):
    rates = torch.tensor([0.4, 0.05], dtype=torch.float64)
    weights = eulerian_weights(*rates, num_frames)
    assert weights.shape == (num_frames, num_frames)
    assert torch.allclose(weights.sum(0), torch.zeros(num_frames).double(), atol=1e-12)


def test_led_weights_are_causal():
    weights = eulerian_weights(torch.tensor(0.4), torch.tensor(0.05), 8)
    assert weights.tril(-1).abs().max().item() == 0
    assert weights[0, 1:].abs().min().item() > 0


@pytest.mark.parametrize('rates', [(0.4, 0.05), (0.9, 0.3), (1.0, 0.5)])
def test_led_weights_equal_the_difference_of_two_recurrences(rates):
    clip = torch.rand(2, 1, 11, 3, 3, dtype=torch.float64)
    weights = eulerian_weights(*torch.tensor(rates, dtype=torch.float64), 11)
    got = torch.einsum('bcthw,ts->bcshw', clip, weights)
    want = recurrence(clip, rates[0]) - recurrence(clip, rates[1])
    assert torch.allclose(got, want, atol=1e-12)


def test_led_follows_its_published_normalisation():
    clip = torch.rand(1, 1, 6, 4, 4, dtype=torch.float64) + 0.1
    led = LearnableEulerianDynamics(0.4, 0.05).double()
    weights = eulerian_weights(*torch.tensor([0.4, 0.05]).double(), 6)[:, 1:]
    motion = torch.einsum('bcthw,ts->bcshw', clip, weights)
    scale = torch.einsum('bcthw,ts->bcshw', clip, weights.abs())
    assert torch.allclose(led(clip), motion / scale, atol=1e-6)


def test_led_does_not_depend_on_the_scale_of_the_input():
    clip = torch.rand(2, 1, 6, 8, 8) + 0.1
    led = LearnableEulerianDynamics()
    assert torch.allclose(led(clip), led(clip * 255), atol=1e-5)
    assert led(clip).abs().max() <= 1


def test_led_sees_the_direction_of_a_change():
    ramp = torch.linspace(1, 2, 6)[None, None, :, None, None].expand(1, 1, 6, 2, 2)
    assert (LearnableEulerianDynamics()(ramp) > 0).all()
    assert (LearnableEulerianDynamics()(ramp.flip(2)) < 0).all()


def test_both_led_rates_learn():
    led = LearnableEulerianDynamics()
    led(torch.rand(2, 1, 6, 4, 4)).square().sum().backward()
    for rate in (led.log_rate1, led.log_rate2):
        assert torch.isfinite(rate.grad) and rate.grad.abs() > 0


@pytest.mark.parametrize('rate', [0.0, -0.1, 1.2])
def test_led_refuses_a_rate_outside_its_range(rate):
    with pytest.raises(ValueError, match=rf'rate1 must be in \(0, 1\], got {rate}'):
        LearnableEulerianDynamics(rate1=rate)
    with pytest.raises(ValueError, match='rate2'):
        LearnableEulerianDynamics(rate2=rate)


@pytest.mark.parametrize('training', [True, False])
def test_frame_stem_equals_its_3d_formulation(training):
    stem = FrameStem(2, 8, dropout=0.0)
    conv, norm = nn.Conv3d(2, 8, (1, 5, 5)), nn.BatchNorm3d(8)
    conv.weight.data = stem.layers[0].weight.data.unsqueeze(2).clone()
    conv.bias.data = stem.layers[0].bias.data.clone()
    norm.weight.data = torch.rand(8)
    norm.bias.data = torch.rand(8)
    norm.running_mean = torch.rand(8)
    stem.layers[3].load_state_dict(norm.state_dict())
    plain = nn.Sequential(conv, nn.ReLU(), nn.MaxPool3d((1, 3, 3)), norm)
    clip = torch.randn(3, 2, 5, 22, 22)
    got, want = stem.train(training)(clip), plain.train(training)(clip)
    assert got.shape == (3, 8, 5, 6, 6)
    assert torch.allclose(got, want, atol=1e-5)


def test_squeeze_excitation_treats_every_frame_apart():
    se = FrameSqueezeExcitation(32)
    x = torch.rand(1, 32, 3, 4, 4)
    changed = x.clone()
    changed[:, :, 1] += 1
    difference = (se(x) - se(changed)).abs().amax(dim=(0, 1, 3, 4))
    assert difference[0] == 0 and difference[2] == 0 and difference[1] > 0


def test_eulerian_net_gives_the_shapes_it_documents():
    net = EulerianNet3D()
    mid, high = net(torch.rand(2, 1, 6, 64, 64))
    assert mid.shape == (2, 64, 2, 9, 9) and high.shape == (2, 256)
    assert net.out_channels == (mid.shape[1], high.shape[1])


@pytest.mark.parametrize('frames,size', [(4, 64), (8, 48), (11, 33)])
def test_eulerian_net_can_be_built_for_other_clips(frames, size):
    net = EulerianNet3D(num_frames=frames, image_size=size, in_channels=3)
    assert net(torch.rand(1, 3, frames, size, size))[1].shape == (1, 256)


def test_eulerian_net_names_the_shapes_of_a_wrong_clip():
    with pytest.raises(ValueError, match=r'B, 1, 6, 64, 64.*\(2, 1, 8, 64, 64\)'):
        EulerianNet3D()(torch.rand(2, 1, 8, 64, 64))
    with pytest.raises(ValueError, match='num_frames must be at least 4, got 3'):
        EulerianNet3D(num_frames=3)


def test_flow_net_takes_flow_with_and_without_a_time_axis():
    net = FlowNet2D().eval()
    flow = torch.rand(2, 3, 64, 64)
    mid, high = net(flow)
    assert mid.shape == (2, 64, 10, 10) and high.shape == (2, 256)
    assert net.out_channels == (64, 256)
    assert torch.equal(net(flow[:, :, None])[1], high)


def test_flow_net_without_a_high_level_gives_the_same_map_alone():
    torch.manual_seed(0)
    whole = FlowNet2D().eval()
    torch.manual_seed(0)
    net, flow = FlowNet2D(high_channels=None).eval(), torch.rand(2, 3, 64, 64)
    mid, = net(flow)
    assert torch.equal(mid, whole(flow)[0]) and net.out_channels == 64
    assert not any(name.startswith('head.') for name in net.state_dict())


@pytest.mark.parametrize('shape', [(2, 2, 64, 64), (2, 3, 32, 64), (2, 3, 2, 64, 64)])
def test_flow_net_names_the_shapes_of_wrong_flow(shape):
    with pytest.raises(ValueError, match=r'B, 3, 64, 64.*image_size'):
        FlowNet2D()(torch.rand(shape))


def test_motion_fusion_gives_each_backbone_its_own_channels():
    net = MotionFusionNet().eval()
    motion = torch.rand(2, 9, 64, 64)
    frames_mid, flow_mid, high = net(motion)
    assert net.out_channels == (frames_mid.shape[1], flow_mid.shape[1], high.shape[1])
    assert torch.equal(frames_mid, net.frames(motion[:, None, :6])[0])
    assert torch.equal(flow_mid, net.flow(motion[:, 6:])[0])
    assert torch.equal(high[:, 256:], net.flow(motion[:, 6:])[1])


BACKBONES = [
    (EulerianNet3D, (1, 6, 64, 64)), (FlowNet2D, (3, 64, 64)),
    (MotionFusionNet, (9, 64, 64))]


@pytest.mark.parametrize('kind,shape', BACKBONES)
def test_permuting_the_batch_permutes_what_a_backbone_gives(kind, shape):
    net = kind().eval()
    clips, order = torch.rand(4, *shape), torch.tensor([2, 0, 3, 1])
    for level, permuted in zip(net(clips), net(clips[order])):
        assert torch.allclose(level[order], permuted, atol=1e-5)


@pytest.mark.parametrize('kind,shape', BACKBONES)
def test_a_clip_does_not_reach_another_through_a_backbone(kind, shape):
    clips = torch.rand(3, *shape, requires_grad=True)
    kind().eval()(clips)[-1][0].sum().backward()
    assert clips.grad[0].abs().sum() > 0
    assert clips.grad[1:].abs().max() == 0
