# Copyright (c) AULLM-MM contributors.
import cv2
import numpy as np
import pytest
import torch
from mmaction.registry import VISUALIZERS
from mmaction.structures import ActionDataSample
from skimage import data

from aullm_mm.visualization import AUVisualizer


@pytest.fixture
def frame():
    return data.astronaut()[20:220, 130:310]


@pytest.fixture
def sample():
    sample = ActionDataSample().set_pred_score(torch.tensor([0.9, 0.1]))
    return sample.set_gt_label(torch.tensor([1.0, -1.0]))


def test_picture_reaches_the_local_backend(tmp_path, frame, sample):
    visualizer = VISUALIZERS.build(
        dict(
            type='AUVisualizer',
            name=f'test-{tmp_path.name}',
            aus=[4, 12],
            vis_backends=[dict(type='LocalVisBackend')],
            save_dir=str(tmp_path),
        )
    )
    drawn = visualizer.add_datasample('sub01/EP02', frame, sample, step=3)
    (path,) = tmp_path.rglob('*.png')
    assert path.name == 'sub01_EP02_3.png'
    np.testing.assert_array_equal(cv2.imread(str(path))[..., ::-1], drawn)


def test_out_file_is_written_instead(tmp_path, frame, sample):
    path = tmp_path / 'clip.png'
    AUVisualizer(aus=[4, 12]).add_datasample('clip', frame, sample, out_file=path)
    assert cv2.imread(str(path)) is not None


def test_au_list_comes_from_the_dataset_where_not_given(frame, sample):
    visualizer = AUVisualizer()
    visualizer.dataset_meta = dict(aus=[4, 12])
    assert visualizer.add_datasample('clip', frame, sample).dtype == np.uint8


def test_higher_score_draws_a_longer_bar(frame):
    def blue(score):
        sample = ActionDataSample().set_pred_score(torch.tensor([score]))
        sample.set_gt_label(torch.tensor([1.0]))
        drawn = AUVisualizer(aus=[12]).add_datasample('x', frame, sample).astype(int)
        return (drawn == (0, 114, 178)).all(axis=2).sum()

    assert blue(0.95) > 1.4 * blue(0.6) > 0


@pytest.mark.parametrize('aus, message', [(None, 'no AU list'), ([4], '1 AUs')])
def test_au_list_that_does_not_fit_is_named(frame, sample, aus, message):
    with pytest.raises(ValueError, match=f'{message}, but the clip has 2 scores'):
        AUVisualizer(aus=aus).add_datasample('clip', frame, sample)
