# Copyright (c) AULLM-MM contributors.
import cv2
import numpy as np
import pytest
import torch
from mmaction.registry import VISUALIZERS
from mmaction.structures import ActionDataSample
from page_samples import sample_result
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


def visualizer(folder, **kwargs):
    return AUVisualizer(
        aus=[4, 12], name=f'all-{folder.name}', save_dir=str(folder), vis_backends=[
            dict(type='LocalVisBackend'), dict(type='TensorboardVisBackend')], **kwargs)


def draw_everything(drawing, frame, sample):
    """One record of each kind, by name: the picture that was handed over."""
    heat = np.zeros((6, 6))
    heat[1, 4] = 2.0
    return {
        'clip': drawing.add_datasample('clip', frame, sample, step=7),
        'timeline': drawing.add_timeline('timeline', sample_result(), step=7),
        'heat': drawing.add_heat_map('heat', frame, heat, step=7),
        'graph': drawing.add_au_graph('graph', [(0, 1, 'synergy')], [.5], step=7),
        'prompt': drawing.add_prompt('prompt', 'AU4 lowers the brow.\n- yes', step=7)}


def test_local_backend_holds_every_kind_of_picture(tmp_path, frame, sample):
    drawn = draw_everything(visualizer(tmp_path), frame, sample)
    for name, picture in drawn.items():
        (path,) = tmp_path.rglob(f'{name}_7.png')
        np.testing.assert_array_equal(cv2.imread(str(path))[..., ::-1], picture)
        assert picture.std() > 5, name


def test_tensorboard_holds_every_kind_of_picture_and_the_prompt(
        tmp_path, frame, sample):
    tensorboard = pytest.importorskip('tensorboard.backend.event_processing'
                                      '.event_accumulator')
    drawing = visualizer(tmp_path)
    drawn = draw_everything(drawing, frame, sample)
    drawing.close()
    (event,) = tmp_path.rglob('events.out.tfevents.*')
    events = tensorboard.EventAccumulator(str(event.parent))
    events.Reload()
    assert set(events.Tags()['images']) == set(drawn)
    for name, picture in drawn.items():
        (record,) = events.Images(name)
        stored = cv2.imdecode(np.frombuffer(record.encoded_image_string, np.uint8),
                              cv2.IMREAD_COLOR)
        assert record.step == 7
        np.testing.assert_array_equal(stored[..., ::-1], picture)
    (text,) = events.Tensors('prompt/text_summary')
    assert b'AU4 lowers the brow.' in text.tensor_proto.string_val[0]


def test_heat_is_laid_where_it_is(frame):
    heat = np.zeros((4, 4))
    heat[0, 3] = 1.0
    laid = AUVisualizer(aus=[4]).add_heat_map('x', frame, heat).astype(int)
    change = np.abs(laid - frame).sum(axis=2)
    half = frame.shape[0] // 2, frame.shape[1] // 2
    assert change[:half[0], half[1]:].mean() > 30
    assert change[half[0]:, :half[1]].max() <= 2


def test_graph_without_an_au_list_is_named():
    with pytest.raises(ValueError, match='AUVisualizer has no AU list. Set'):
        AUVisualizer().add_au_graph('x', [(0, 1, 'synergy')], [.5])
