# Copyright (c) AULLM-MM contributors.
import numpy as np
import pytest

from aullm_mm.visualization.flow_colours import flow_picture, flow_wheel, input_picture
from aullm_mm.visualization.heat import heat_layer


def test_hue_is_the_direction_and_depth_the_length():
    flow = np.zeros((1, 5, 2))
    flow[0, 1:] = (2, 0), (0, -2), (-2, 0), (1, 0)  # right, up, left, half of right
    none, right, up, left, half = flow_picture(flow, longest=2.0)[0]
    assert none.tolist() == [1, 1, 1] and right.tolist() == [1, 0, 0]
    assert up.argmax() == 1 and left[1] > 0.9 and left[2] > 0.9
    assert half.tolist() == [1, 0.5, 0.5]


def test_wheel_has_the_colours_of_the_flow():
    wheel = flow_wheel(101)
    right = flow_picture(np.full((1, 1, 2), (1.0, 0.0)), 1.0)[0, 0]
    np.testing.assert_allclose(wheel[50, 100, :3], right, atol=1e-6)
    assert wheel[0, 0, 3] == 0 and wheel[50, 50, 3] == 1


def test_still_clip_stays_white_and_the_scale_can_be_shared():
    assert flow_picture(np.zeros((4, 4, 3))).min() == 1
    weak = np.full((2, 2, 2), 0.1)
    assert flow_picture(weak, longest=10.0).min() > 0.95
    with pytest.raises(ValueError, match=r'got \(4, 4\)'):
        flow_picture(np.zeros((4, 4)))


@pytest.mark.parametrize('shape, colour', [
    ((1, 3, 8, 9), True), ((3, 8, 9), True), ((1, 12, 8, 9), True),
    ((1, 1, 6, 8, 9), False), ((3, 6, 8, 9), False), ((5, 1, 8, 9), False)])
def test_inputs_of_all_layouts_are_shown(shape, colour):
    values = np.random.default_rng(0).normal(size=shape)
    picture = input_picture(values)
    assert picture.shape == ((8, 9, 3) if colour else (8, 9))
    assert 0 <= picture.min() <= picture.max() <= 1
    assert input_picture(np.zeros(shape)).max() in (0.0, 1.0)


def test_flow_is_taken_after_the_frames_of_an_input_with_both():
    values = np.zeros((4, 1, 1))  # one frame, then u, v, strain
    values[0], values[1], values[3] = 7.0, 2.0, -1e-9
    assert input_picture(values)[0, 0].round(6).tolist() == [1, 0, 0]


def test_heat_is_warm_where_positive_blue_where_negative():
    layer = heat_layer(np.array([[1.0, -1.0, 0.0]]), (2, 3))
    warm, cold, none = layer[0].astype(int)
    assert warm[0] > warm[2] and cold[2] > cold[0] and none[3] == 0
    assert heat_layer(np.array([[1.0]]), (1, 1), largest=4.0)[0, 0, 3] < warm[3]
    assert heat_layer(np.zeros((2, 2)), (2, 2))[..., 3].max() == 0
    with pytest.raises(ValueError, match='finite grid'):
        heat_layer(np.array([[np.nan]]), (2, 2))
