# Copyright (c) AULLM-MM contributors.
"""Superposed clips: sums, unions, what stays as it was, and MMAction2's own plug."""
import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.dataset import pseudo_collate
from mmengine.optim import OptimWrapper

from aullm_mm.models.blending import SuperposeMotions, superpose
from aullm_mm.structures import AUDataSample, stack_emotion_labels

AUS = (1, 2, 4, 12)


def clips(batch=8, emotions=None):
    """Motion, and samples that say which clip they are."""
    labels = torch.randint(-1, 2, (batch, len(AUS))).float()
    samples = [AUDataSample().set_au_labels(row) for row in labels]
    for i, sample in enumerate(samples):
        sample.set_metainfo(dict(clip_id=f'clip{i}'))
        if emotions is not None and emotions[i] is not None:
            sample.set_emotion_label(emotions[i])
    return torch.randn(batch, 1, 3, 6, 6), samples


def stack(samples):
    return torch.stack([s.gt_label for s in samples])


def preprocessor(**kwargs):
    return MODELS.build(dict(
        type='ActionDataPreprocessor',
        blending=dict(type='SuperposeMotions', **kwargs)))


def blend_by_name(motion, samples, training, **kwargs):
    """Through the collation and the preprocessor of a real training loop."""
    pairs = [dict(inputs=x, data_samples=s) for x, s in zip(motion, samples)]
    found = preprocessor(**kwargs)(pseudo_collate(pairs), training)
    return found['inputs'], found['data_samples']


# ---- the pure function -------------------------------------------------------------


@pytest.mark.parametrize('shape', [(1, 3, 5, 5), (3, 5, 5), (1, 3, 4, 5, 5), (7,)])
def test_motion_is_the_weighted_sum_of_both_clips(shape):
    motion, partner = torch.randn(4, *shape), torch.tensor([1, 3, 0, 2])
    own, other = torch.rand(2, 4)
    mixed, _ = superpose(motion, torch.zeros(4, 2), partner, own, other)
    for i, j in enumerate(partner.tolist()):
        assert torch.allclose(mixed[i], own[i] * motion[i] + other[i] * motion[j])


@pytest.mark.parametrize('first,second,want', [
    (1, 1, 1), (1, 0, 1), (1, -1, 1), (0, 0, 0), (0, -1, -1), (-1, -1, -1)])
def test_labels_are_united_whichever_clip_is_whose_partner(first, second, want):
    labels = torch.tensor([[first], [second]]).float()
    _, union = superpose(
        torch.zeros(2, 3), labels, torch.tensor([1, 0]), torch.ones(2), torch.ones(2))
    assert union.tolist() == [[want], [want]]


def test_half_precision_stays_half_precision():
    mixed, union = superpose(
        torch.ones(2, 3).half(), torch.zeros(2, 1), torch.tensor([1, 0]),
        torch.ones(2), torch.ones(2))
    assert mixed.dtype == torch.float16 and union.dtype == torch.float32
    assert (mixed == 2).all()


def test_frames_of_integers_and_sizes_that_differ_are_refused():
    labels, swap, one = torch.zeros(2, 1), torch.tensor([1, 0]), torch.ones(2)
    with pytest.raises(ValueError, match='Only floating-point motion.*torch.uint8'):
        superpose(torch.zeros(2, 3, dtype=torch.uint8), labels, swap, one, one)
    with pytest.raises(ValueError, match=r'as many clips, got \[3, 2, 2, 2, 2\]'):
        superpose(torch.zeros(3, 3), labels, swap, one, one)


# ---- the batch augmentation --------------------------------------------------------


def test_nothing_changes_at_probability_zero():
    motion, samples = clips(emotions=range(8))
    mixed, blended = SuperposeMotions(prob=0)(motion, samples)
    assert torch.equal(mixed, motion)
    assert all(new is old for new, old in zip(blended, samples))


def test_every_clip_is_another_and_itself_at_probability_one():
    motion, samples = clips()
    motion = torch.eye(8).view(8, 1, 8, 1, 1)  # a channel of its own for every clip
    mixed, blended = SuperposeMotions(prob=1, weights=(0.6, 1.0))(motion, samples)
    shares = mixed.view(8, 8)
    assert ((shares > 0).sum(1) == 2).all() and (shares.diagonal() > 0).all()
    assert shares[shares > 0].min() >= 0.6 and shares[shares > 0].max() <= 1.0
    assert shares[shares > 0].unique().numel() == 16  # drawn for each clip and part
    for i, sample in enumerate(blended):
        j = next(j for j in shares[i].nonzero().flatten().tolist() if j != i)
        _, union = superpose(
            motion[[i, j]], stack([samples[i], samples[j]]), torch.tensor([1, 0]),
            torch.ones(2), torch.ones(2))
        assert torch.equal(sample.gt_label, union[0])


def test_about_as_many_clips_as_asked_for_change_and_the_others_stay_to_the_bit():
    motion, samples = clips(400)
    motion[0, 0, 0, 0, 0] = -0.0
    mixed, blended = SuperposeMotions(prob=0.25)(motion, samples)
    changed = [new is not old for new, old in zip(blended, samples)]
    assert 70 < sum(changed) < 130
    bits = (mixed.view(torch.int32) == motion.view(torch.int32)).flatten(1).all(1)
    assert bits.tolist() == [not c for c in changed]


def test_every_other_clip_is_laid_over_equally_often():
    motion, (sample, *_) = torch.eye(4), clips(1)[1]
    blend, met = SuperposeMotions(prob=1), torch.zeros(4, 4)
    for _ in range(600):
        met += blend(motion, [sample] * 4)[0] > 0
    others = met[~torch.eye(4).bool()]
    assert (met.diagonal() == 600).all()
    assert others.min() > 150 and others.max() < 250


def test_seed_decides_the_batch():
    motion, samples = clips(emotions=[i % 3 for i in range(8)])
    blend, found = SuperposeMotions(), []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        mixed, blended = blend(motion, samples)
        found.append((mixed, stack(blended), stack_emotion_labels(blended, 3)))
    assert all(torch.equal(a, b) for a, b in zip(found[0], found[1]))
    assert not torch.equal(found[0][0], found[2][0])


def test_motion_and_samples_that_are_given_are_not_written_into():
    motion, samples = clips(emotions=range(8))
    before = motion.clone(), stack(samples).clone()
    blended = SuperposeMotions(prob=1)(motion, samples)[1]
    for sample in blended:
        sample.gt_label.fill_(7)
        sample.set_field(torch.tensor(7), 'gt_emotion')
    assert torch.equal(motion, before[0]) and torch.equal(stack(samples), before[1])
    assert [int(s.gt_emotion) for s in samples] == list(range(8))


@pytest.mark.parametrize('own,partner,want', [
    (2, 2, 2), (2, 0, -1), (2, -1, -1), (-1, 2, -1), (-1, -1, -1), (2, None, -1),
    (None, 2, None), (None, None, None)])
def test_an_emotion_is_kept_only_if_both_clips_have_it(own, partner, want):
    motion, samples = clips(2, emotions=[own, partner])
    sample = SuperposeMotions(prob=1)(motion, samples)[1][0]
    assert ('gt_emotion' in sample) == (want is not None)
    if want is not None:
        assert sample.gt_emotion.dtype == torch.long and sample.gt_emotion.shape == ()
        assert int(sample.gt_emotion) == want


def test_a_batch_of_one_clip_is_left_alone():
    motion, samples = clips(1)
    mixed, blended = SuperposeMotions(prob=1)(motion, samples)
    assert torch.equal(mixed, motion) and blended[0] is samples[0]


def test_a_label_of_one_au_is_no_class_index():
    samples = [AUDataSample().set_au_labels([v]) for v in (1.0, 0.0)]
    blended = SuperposeMotions(prob=1)(torch.randn(2, 3), samples)[1]
    assert stack(blended).tolist() == [[1.0], [1.0]]


def test_stock_samples_with_multi_hot_floats_are_blended_too():
    samples = [
        ActionDataSample().set_gt_label(torch.tensor(v)) for v in ([1., 0.], [0., -1.])]
    blended = SuperposeMotions(prob=1)(torch.randn(2, 3), samples)[1]
    assert stack(blended).tolist() == [[1, -1], [1, -1]]


@pytest.mark.parametrize('bad', [
    dict(prob=-0.1), dict(prob=1.5), dict(prob=float('nan')), dict(weights=(0, 1)),
    dict(weights=(1, 0.5)), dict(weights=(0.5,)), dict(weights=(0.5, float('inf')))])
def test_impossible_arguments_are_refused(bad):
    with pytest.raises(ValueError, match=f'{next(iter(bad))} must be'):
        SuperposeMotions(**bad)


def test_labels_that_cannot_be_united_are_refused():
    good = AUDataSample().set_au_labels([1.0, 0.0])
    long = AUDataSample().set_au_labels([1.0, 0.0, 0.0])
    for bad in (AUDataSample(), ActionDataSample().set_gt_label([0, 1])):
        with pytest.raises(ValueError, match='multi-hot gt_label of floats'):
            SuperposeMotions()(torch.randn(2, 3), [good, bad])
    with pytest.raises(ValueError, match=r'differ in length: \[2, 3\]'):
        SuperposeMotions()(torch.randn(2, 3), [good, long])


# ---- in MMAction2 ------------------------------------------------------------------


def test_preprocessor_blends_in_training_and_keeps_metainfo():
    motion, samples = clips(emotions=range(8))
    before = stack(samples).clone()
    torch.manual_seed(5)
    mixed, blended = blend_by_name(motion, samples, training=True, prob=1.0)
    torch.manual_seed(5)
    want, wanted = SuperposeMotions(prob=1.0)(motion, samples)
    assert torch.equal(mixed, want) and torch.equal(stack(blended), stack(wanted))
    assert not torch.equal(stack(blended), before)
    assert all(isinstance(s, AUDataSample) for s in blended)
    assert [s.clip_id for s in blended] == [f'clip{i}' for i in range(8)]
    assert (stack_emotion_labels(blended, 8) == -1).all()
    assert torch.equal(stack(samples), before)  # the data set's own


def test_preprocessor_leaves_validation_and_testing_alone():
    motion, samples = clips(emotions=range(8))
    state = torch.get_rng_state()
    mixed, blended = blend_by_name(motion, samples, training=False, prob=1.0)
    assert torch.equal(mixed, motion) and torch.equal(stack(blended), stack(samples))
    assert stack_emotion_labels(blended, 8).tolist() == list(range(8))
    assert torch.equal(torch.get_rng_state(), state)


def test_a_recognizer_trains_a_step_with_it():
    model = MODELS.build(dict(
        type='Recognizer3D',
        data_preprocessor=dict(
            type='ActionDataPreprocessor', format_shape='NCHW',
            blending=dict(type='SuperposeMotions', prob=1.0)),
        backbone=dict(type='STSTNet'),
        cls_head=dict(type='MultiLabelHead', aus=AUS, in_channels=400))).train()
    before = {name: p.clone() for name, p in model.named_parameters()}
    optim = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1))
    data = dict(inputs=list(torch.randn(4, 1, 3, 28, 28)), data_samples=clips(4)[1])
    log = model.train_step(data, optim)
    assert torch.isfinite(log['loss']) and log['loss'] > 0
    assert any(not torch.equal(p, before[n]) for n, p in model.named_parameters())


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a GPU')
def test_a_gpu_gets_the_same_draws():
    motion, samples = clips(emotions=range(8))
    torch.manual_seed(5)
    want, wanted = SuperposeMotions()(motion, samples)
    torch.manual_seed(5)
    mixed, blended = SuperposeMotions()(motion.cuda(), [s.to('cuda') for s in samples])
    assert torch.allclose(mixed.cpu(), want) and blended[0].gt_label.is_cuda
    assert torch.equal(stack(blended).cpu(), stack(wanted))
