# Copyright (c) AULLM-MM contributors.
import numpy as np
import pytest
import torch
from mmaction.structures import ActionDataSample

from aullm_mm.structures import AUDataSample, stack_au_labels, stack_emotion_labels


@pytest.mark.parametrize('labels', [
    [1.0, 0.0, -1.0], np.float64([1, 0, -1]), torch.tensor([1, 0, -1])])
def test_masks_survive_as_floats_whatever_they_come_as(labels):
    label = AUDataSample().set_au_labels(labels).gt_label
    assert label.dtype == torch.float32 and label.tolist() == [1, 0, -1]


def test_stock_setter_of_mmaction_takes_the_same_sample():
    sample = AUDataSample().set_au_labels([1.0, 0.0])
    sample.set_pred_score(torch.tensor([0.9, 0.1]))
    sample.set_metainfo(dict(clip_id='casme2/sub01/EP02_01f'))
    assert isinstance(sample, ActionDataSample)
    assert sample.to_dict()['clip_id'] == 'casme2/sub01/EP02_01f'
    assert sample.to_dict()['pred_score'].tolist() == pytest.approx([0.9, 0.1])


def test_multi_hot_and_index_labels_stack_to_the_same():
    multi_hot = AUDataSample().set_au_labels([1.0, 0.0, 1.0])
    indices = ActionDataSample().set_gt_label([0, 2])
    stacked = stack_au_labels([multi_hot, indices], num_aus=3)
    assert stacked.dtype == torch.float32
    assert torch.equal(stacked[0], stacked[1])


def test_no_au_at_all_is_a_row_of_zeros():
    empty = ActionDataSample().set_gt_label(torch.empty(0, dtype=torch.long))
    assert stack_au_labels([empty], num_aus=2).tolist() == [[0, 0]]


@pytest.mark.parametrize('label, words', [
    (torch.tensor([1.0, 0.0]), r'shape \(2,\), but the head decides 3 AUs'),
    (torch.tensor([3]), r'\[3\] holds an AU index outside 0\.\.2'),
    (torch.tensor([-1, 0]), r'holds an AU index outside 0\.\.2'),
    (torch.tensor([1, 0, 1]), 'names an AU twice')])
def test_label_of_another_form_is_refused_with_the_reason(label, words):
    with pytest.raises(ValueError, match=words):
        stack_au_labels([ActionDataSample().set_gt_label(label)], num_aus=3)


def test_emotion_label_is_a_long_scalar_beside_the_aus():
    sample = AUDataSample().set_au_labels([1.0, 0.0]).set_emotion_label(np.int64(2))
    assert sample.gt_emotion.dtype == torch.long and sample.gt_emotion.ndim == 0
    assert sample.to_dict()['gt_emotion'] == 2 and sample.gt_label.tolist() == [1, 0]


def test_clip_without_an_emotion_is_stacked_as_unknown():
    batch = [AUDataSample().set_emotion_label(label) for label in (1, -1)]
    stacked = stack_emotion_labels([*batch, ActionDataSample()], num_classes=2)
    assert stacked.dtype == torch.long and stacked.tolist() == [1, -1, -1]


def test_emotion_label_of_another_scheme_is_refused():
    with pytest.raises(ValueError, match='gt_emotion 4 is outside 0..2'):
        stack_emotion_labels([AUDataSample().set_emotion_label(4)], num_classes=3)
