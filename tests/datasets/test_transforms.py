# Copyright (c) AULLM-MM contributors.
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from aullm_mm.datasets.transforms import (
    AugmentMotion,
    CacheClip,
    FormatMotion,
    LoadMicroExpressionFrames,
    OnsetApexFlow,
    OnsetApexPair,
    PackAUInputs,
    RegisterToOnset,
    ResizeFrames,
    SampleOnsetToOffset,
)
from aullm_mm.datasets.transforms.motion import dense_flow, optical_strain
from aullm_mm.structures import AUDataSample

sys.path.insert(0, str(Path(__file__).parent))
from moving_release import bump, moved, texture  # noqa: E402

SIZE = 256
INNER = slice(20, -20)
STILL = dict(flip_prob=0, max_shift=0, max_turn=0, max_scale=0, motion_gain=1,
             light_gain=1)


@pytest.fixture
def face():
    return texture(3, SIZE)


@pytest.fixture
def clip(tmp_path):
    """A clip of 12 frames on disk, as the dataset describes it."""
    for number in range(5, 17):
        cv2.imwrite(str(tmp_path / f'img{number}.png'), texture(number))
    return dict(frame_dir=str(tmp_path), frame_template='img{}.png', onset=5, apex=9,
                offset=16, clip_id='casme2/sub01/EP01')


def drift(picture, dx, dy, degrees=0.0, scale=1.0):
    matrix = cv2.getRotationMatrix2D((SIZE / 2, SIZE / 2), degrees, scale)
    matrix[:, 2] += dx, dy
    return cv2.warpAffine(picture, matrix, (SIZE, SIZE), flags=cv2.INTER_CUBIC,
                          borderMode=cv2.BORDER_REFLECT)


def difference(a, b):
    return np.abs(a.astype(float) - b)[INNER, INNER].mean()


# ---- loading and sampling ----------------------------------------------------------


def test_loading_keeps_onset_apex_and_offset(clip):
    loaded = LoadMicroExpressionFrames(max_frames=4)(clip)
    assert loaded['imgs'].shape == (4, 48, 48) and loaded['imgs'].dtype == np.uint8
    for place, number in ((0, 5), (loaded['apex_index'], 9), (-1, 16)):
        np.testing.assert_array_equal(loaded['imgs'][place], texture(number))


def test_loading_in_colour_adds_channels(clip):
    loaded = LoadMicroExpressionFrames(color='rgb')(clip)
    assert loaded['imgs'].shape == (12, 48, 48, 3) and loaded['img_shape'] == (48, 48)


def test_frames_of_different_sizes_name_the_clip(clip):
    cv2.imwrite(f'{clip["frame_dir"]}/img7.png', texture(0, 32))
    with pytest.raises(ValueError, match='sub01/EP01: frames of different sizes'):
        LoadMicroExpressionFrames()(clip)


def test_missing_inner_frame_is_replaced_by_a_neighbour(clip):
    Path(clip['frame_dir'], 'img7.png').unlink()
    frames = LoadMicroExpressionFrames()(clip)['imgs']
    assert len(frames) == 12
    assert any((frames[2] == texture(n)).all() for n in (6, 8))


def test_resizing_changes_frames_and_their_noted_shape(clip):
    small = ResizeFrames((24, 32))(LoadMicroExpressionFrames()(clip))
    assert small['imgs'].shape == (12, 24, 32) and small['img_shape'] == (24, 32)


def numbered(count, apex):
    frames = np.arange(count)[:, None, None] * np.ones((1, 8, 8))
    return dict(imgs=frames, apex_index=apex, clip_id='casme2/sub01/EP01')


def order(results):
    return results['imgs'][:, 0, 0].astype(int).tolist()


def test_sampling_is_even_from_onset_to_offset():
    assert order(SampleOnsetToOffset(5)(numbered(9, 4))) == [0, 2, 4, 6, 8]


def test_random_tail_keeps_onset_and_apex_and_varies():
    np.random.seed(0)
    sample = SampleOnsetToOffset(4, random_tail=True)
    drawn = [order(sample(numbered(30, 12))) for _ in range(60)]
    assert {frames[0] for frames in drawn} == {0}
    ends = {frames[-1] for frames in drawn}
    assert min(ends) >= 12 and max(ends) <= 29 and len(ends) > 8


def test_random_tail_never_cuts_below_the_frames_asked_for():
    sample = SampleOnsetToOffset(6, random_tail=True)
    assert all(len(set(order(sample(numbered(8, 1))))) == 6 for _ in range(30))


def test_short_clip_is_an_error_with_its_name_or_repeats_frames():
    with pytest.raises(ValueError, match="sub01/EP01 has 3 frames, but 6 .*'repeat'"):
        SampleOnsetToOffset(6)(numbered(3, 1))
    for tail in (False, True):
        repeat = SampleOnsetToOffset(6, tail, short_clip='repeat')
        frames = order(repeat(numbered(3, 1)))
        assert len(frames) == 6 and frames[0] == 0 and frames == sorted(frames)
        assert set(frames) == {0, 1, 2}


def test_clip_of_exactly_the_frames_asked_for_is_kept_whole():
    assert order(SampleOnsetToOffset(6, True)(numbered(6, 2))) == list(range(6))


def test_pair_is_onset_and_apex():
    assert order(OnsetApexPair()(numbered(9, 4))) == [0, 4]


@pytest.mark.parametrize('build, words', [
    (lambda: SampleOnsetToOffset(1), 'num_frames must be at least 2'),
    (lambda: SampleOnsetToOffset(6, short_clip='skip'), 'short_clip must be one of'),
    (lambda: LoadMicroExpressionFrames('bgr'), 'color must be one of'),
    (lambda: LoadMicroExpressionFrames(max_frames=2), 'max_frames must be at least 3'),
    (lambda: ResizeFrames((4, 64)), 'at least 8 x 8'),
    (lambda: FormatMotion(layout='THWC'), 'layout must be one of'),
    (lambda: FormatMotion(('depth',)), 'keys must be of'),
    (lambda: FormatMotion(('imgs', 'flow'), 'NCTHW'), "use layout='channels'"),
    (lambda: AugmentMotion(flip_prob=2), 'flip_prob must be in'),
    (lambda: AugmentMotion(light_gain=0.5), 'gains at least 1')])
def test_impossible_setting_is_refused_when_the_transform_is_built(build, words):
    with pytest.raises(ValueError, match=words):
        build()


# ---- registration, flow, strain ----------------------------------------------------


def test_registration_undoes_a_known_drift(face):
    frames = np.stack([face, drift(face, 2.5, -1.5, 1.5), drift(face, -3, 2, 0, 1.02)])
    registered = RegisterToOnset()(dict(imgs=frames.copy()))['imgs']
    assert (registered[0] == face).all()
    for before, after in zip(frames[1:], registered[1:]):
        assert difference(after, face) < difference(before, face) / 4


def test_registration_leaves_the_movement_of_a_feature(face):
    field = bump(SIZE, (64, 50), 16, (0, 3))
    apex = drift(moved(face, field), 2, 1)
    registered = RegisterToOnset()(dict(imgs=np.stack([face, apex])))['imgs'][1]
    flow = dense_flow(face, registered)
    assert flow[50, 64, 1] == pytest.approx(3, abs=0.6)
    assert abs(flow[100, 100]).max() < 0.4


def test_flow_recovers_a_known_shift_and_not_the_drift_of_the_head(face):
    field = bump(SIZE, (64, 50), 16, (2, 3))
    frames = np.stack([face, drift(moved(face, field), -2, 1.5)])
    made = OnsetApexFlow(size=(SIZE, SIZE))(dict(imgs=frames, apex_index=1))['flow']
    assert made.shape == (SIZE, SIZE, 3) and made.dtype == np.float32
    per_mille = np.float32([2, 3]) * 1000 / SIZE
    np.testing.assert_allclose(made[50, 64, :2], per_mille, rtol=0.2)
    far = made[INNER, INNER, :2][60:]
    assert abs(far).mean() < 2  # the drift alone would be 10


def test_flow_does_not_depend_on_the_resolution(face):
    def peak(scale):
        picture = cv2.resize(face, None, fx=scale, fy=scale)
        size = SIZE * scale
        field = bump(size, (64 * scale, 50 * scale), 16 * scale, (0, 3 * scale))
        frames = np.stack([picture, moved(picture, field)])
        flow = OnsetApexFlow()(dict(imgs=frames, apex_index=1))['flow']
        return flow[..., 1].max()

    assert peak(2) == pytest.approx(peak(1), rel=0.15)


def test_changed_light_is_no_movement(face):
    brighter = np.clip(face.astype(int) + 15, 0, 255).astype(np.uint8)
    assert abs(dense_flow(face, brighter))[INNER, INNER].mean() < 0.05


def test_clip_of_one_frame_has_no_flow(face):
    made = OnsetApexFlow()(dict(imgs=face[None], apex_index=0))['flow']
    assert made.shape == (64, 64, 3) and not made.any()


def test_apex_neighbours_are_averaged_without_the_onset(face):
    frames = np.stack([face] + [moved(face, bump(SIZE, (64, 64), 10, (0, s)))
                                for s in (1, 2, 3)])

    def peak(apex, neighbours):
        results = dict(imgs=frames, apex_index=apex)
        return OnsetApexFlow((SIZE, SIZE), neighbours)(results)['flow'][64, 64, 1]

    alone = [peak(apex, 0) for apex in (1, 2, 3)]
    assert peak(2, 1) == pytest.approx(np.mean(alone), abs=0.2)
    assert peak(1, 1) == pytest.approx(np.mean(alone[:2]), abs=0.2)


@pytest.mark.parametrize('gradient, expected', [
    ([[0.1, 0], [0, 0]], 0.1),  # stretch
    ([[0, 0.2], [0, 0]], np.sqrt(0.5) * 0.2),  # shear
    ([[0, -0.1], [0.1, 0]], 0),  # turning strains nothing
    ([[0.1, 0], [0, -0.1]], np.sqrt(2) * 0.1)])
def test_strain_of_a_known_deformation(gradient, expected):
    y, x = np.mgrid[:16, :16]
    flow = np.stack([x, y], -1) @ np.transpose(gradient)
    np.testing.assert_allclose(optical_strain(flow), expected, atol=1e-9)


# ---- augmentation ------------------------------------------------------------------


def sample_motion(face):
    field = bump(SIZE, (100, 120), 20, (3, 3))
    frames = np.stack([face, moved(face, field)])
    flow = np.dstack([field, optical_strain(field)]).astype(np.float32)
    return dict(imgs=frames, flow=flow)


def test_mirroring_negates_u_and_keeps_v_and_strain(face):
    motion = sample_motion(face)
    mirrored = AugmentMotion(**{**STILL, 'flip_prob': 1})(dict(motion))
    np.testing.assert_allclose(mirrored['imgs'], motion['imgs'][:, :, ::-1], atol=1)
    expected = motion['flow'][:, ::-1] * [-1, 1, 1]
    np.testing.assert_allclose(mirrored['flow'], expected, atol=1e-4)


def test_without_any_freedom_nothing_changes(face):
    motion = sample_motion(face)
    same = AugmentMotion(**STILL)(dict(motion))
    np.testing.assert_allclose(same['imgs'], motion['imgs'], atol=1)
    np.testing.assert_allclose(same['flow'], motion['flow'], atol=1e-4)


@pytest.mark.parametrize('seed', range(4))
def test_augmented_flow_is_the_flow_of_the_augmented_frames(face, seed):
    np.random.seed(seed)
    freedom = dict(flip_prob=0.5, max_shift=0.05, max_turn=60, max_scale=0.15)
    motion = sample_motion(face)
    made = AugmentMotion(**{**STILL, **freedom})(dict(motion))
    measured = dense_flow(*made['imgs'].astype(np.uint8))
    moving = np.hypot(*made['flow'][..., :2].transpose(2, 0, 1)) > 1
    assert moving.sum() > 500
    error = np.hypot(*(measured - made['flow'][..., :2])[moving].T)
    assert error.mean() < 0.4  # movements of up to 3.6 pixels
    unmoved = np.hypot(*(measured - motion['flow'][..., :2])[moving].T)
    assert unmoved.mean() > error.mean() * 2


def test_gains_stay_in_their_range_and_vary(face):
    np.random.seed(0)
    motion = sample_motion(face)
    augment = AugmentMotion(**{**STILL, 'motion_gain': 1.5, 'light_gain': 1.2})
    made = [augment(dict(motion)) for _ in range(20)]
    flow = [m['flow'].max() / motion['flow'].max() for m in made]
    light = [m['imgs'].mean() / motion['imgs'].mean() for m in made]
    assert 1 / 1.51 < min(flow) < 0.8 and 1.25 < max(flow) < 1.51
    assert 1 / 1.25 < min(light) < 0.95 and 1.05 < max(light) < 1.21


def test_noise_is_smooth_of_the_size_asked_for_and_seeded():
    def draw():
        np.random.seed(5)
        empty = dict(flow=np.zeros((64, 64, 3), np.float32))
        return AugmentMotion(**STILL, flow_noise=2.0)(empty)['flow']

    noise = draw()
    assert 0.8 < noise.std() < 2.5
    assert np.abs(np.diff(noise, axis=0)).mean() < 0.5
    np.testing.assert_array_equal(noise, draw())


def test_augmentation_does_not_write_into_the_cache(face):
    motion = sample_motion(face)
    for array in motion.values():
        array.flags.writeable = False  # as a memory map is
    AugmentMotion(flow_noise=1.0)(dict(motion))


# ---- caching, formatting, packing --------------------------------------------------


def make_cache(root, size=(16, 16)):
    return CacheClip([
        dict(type='LoadMicroExpressionFrames'), dict(type='OnsetApexFlow', size=size),
        dict(type='ResizeFrames', size=size)], root=str(root))


def test_cached_clip_is_the_clip_as_it_was_made(clip, tmp_path):
    made = make_cache(tmp_path / 'cache')(dict(clip))
    Path(clip['frame_dir'], 'img11.png').unlink()  # not read a second time
    cached = make_cache(tmp_path / 'cache')(dict(clip))
    for key in ('imgs', 'flow'):
        np.testing.assert_array_equal(made[key], cached[key])
    assert cached['apex_index'] == 4 and cached['img_shape'] == (16, 16)


def test_cache_keeps_only_the_arrays_asked_for(clip, tmp_path):
    both = make_cache(tmp_path / 'cache')(dict(clip))
    cache = CacheClip(
        [dict(type='LoadMicroExpressionFrames'),
         dict(type='OnsetApexFlow', size=(16, 16))],
        root=str(tmp_path / 'flow'), keys=('flow',))
    found = cache(dict(clip))
    np.testing.assert_array_equal(found['flow'], both['flow'])
    assert 'imgs' not in found and found['img_shape'] == (16, 16)
    assert len(list((tmp_path / 'flow').rglob('*.npy'))) == 1


@pytest.mark.parametrize('keys', [(), ('frames',), ('flow', 'label')])
def test_cache_of_unknown_arrays_names_the_known_ones(keys, tmp_path):
    with pytest.raises(ValueError, match="keys must be of .*'imgs', 'flow'"):
        CacheClip([], root=str(tmp_path), keys=keys)


def test_clip_is_made_anew_when_recipe_interval_or_frames_change(clip, tmp_path):
    cache = make_cache(tmp_path / 'cache')
    cache(dict(clip))
    assert cache.has(clip)
    assert not make_cache(tmp_path / 'cache', (24, 24)).has(clip)
    assert not cache.has({**clip, 'apex': 10})
    cv2.imwrite(f'{clip["frame_dir"]}/img9.png', texture(99))
    assert not cache.has(clip)


def test_clip_that_cannot_be_read_leaves_nothing_in_the_cache(clip, tmp_path):
    Path(clip['frame_dir'], 'img9.png').write_bytes(b'')
    with pytest.raises(ValueError, match=r'img9\.png is empty'):
        make_cache(tmp_path / 'cache')(dict(clip))
    assert not (tmp_path / 'cache').exists()


@pytest.mark.parametrize('imgs, layout, shape', [
    ((6, 16, 12), 'NCTHW', (1, 1, 6, 16, 12)),
    ((6, 16, 12, 3), 'NCTHW', (1, 3, 6, 16, 12)),
    ((6, 16, 12), 'NCHW', (6, 1, 16, 12)),
    ((6, 16, 12, 3), 'NCHW', (6, 3, 16, 12)),
    ((6, 16, 12), 'channels', (1, 6, 16, 12))])
def test_layouts_have_the_shapes_that_recognizers_take(imgs, layout, shape):
    frames = np.random.default_rng(0).integers(0, 255, imgs).astype(np.uint8)
    inputs = FormatMotion(layout=layout)(dict(imgs=frames))['inputs']
    assert inputs.shape == shape and inputs.dtype == np.float32
    assert inputs.ravel()[0] == frames.ravel()[0] and inputs.sum() == frames.sum()


def test_channels_are_frames_then_u_v_and_strain():
    flow = np.float32([1, 2, 3]) * np.ones((8, 8, 1), np.float32)
    clip = dict(imgs=np.zeros((2, 8, 8), np.uint8), flow=flow)
    both = FormatMotion(('imgs', 'flow'), 'channels')(dict(clip))['inputs']
    assert both[0].mean(axis=(1, 2)).tolist() == [0, 0, 1, 2, 3]
    alone = FormatMotion(('flow',), 'channels')(dict(clip))['inputs']
    assert alone.shape == (1, 3, 8, 8)


def test_packing_keeps_masked_labels_and_the_facts_of_the_clip():
    packed = PackAUInputs()(dict(
        inputs=np.zeros((1, 3, 8, 8), np.float32), label=np.float32([1, -1, 0]),
        clip_id='casme2/sub01/EP01', subject='casme2/sub01', frame_dir='/private'))
    sample = packed['data_samples']
    assert isinstance(sample, AUDataSample)
    assert sample.gt_label.tolist() == [1, -1, 0]
    assert sample.metainfo == dict(clip_id='casme2/sub01/EP01', subject='casme2/sub01')
    assert isinstance(packed['inputs'], torch.Tensor)
    assert packed['inputs'].shape == (1, 3, 8, 8)


def test_unlabelled_clip_can_be_packed():
    packed = PackAUInputs()(dict(inputs=np.zeros((1, 3, 8, 8), np.float32)))
    assert 'gt_label' not in packed['data_samples']


def test_packing_keeps_the_emotion_class_where_the_dataset_gives_one():
    inputs = np.zeros((1, 3, 8, 8), np.float32)
    packed = PackAUInputs()(dict(inputs=inputs, emotion_label=2))['data_samples']
    assert packed.gt_emotion.dtype == torch.long and packed.gt_emotion == 2
    assert 'gt_emotion' not in PackAUInputs()(dict(inputs=inputs))['data_samples']
