# Copyright (c) AULLM-MM contributors.
"""AUs move the right region in the right direction, as optical flow sees it."""
import dataclasses

import cv2
import numpy as np
import pytest

from aullm_mm.datasets.synthetic import LAYOUTS
from aullm_mm.datasets.synthetic.au_pulls import AU_PULLS
from aullm_mm.datasets.synthetic.movements import (Movement, MovementStyle,
                                                   anchor_pixels,
                                                   displacement_field)
from aullm_mm.datasets.synthetic.nuisances import draw_nuisances, noise_bank
from aullm_mm.datasets.synthetic.rendering import plan_motion, render_frames
from aullm_mm.datasets.synthetic.subjects import make_subject

RIGHT, LEFT = 0, 1  # the person's right side is on the picture's left


@pytest.fixture(scope='module')
def person():
    """One person without glasses."""
    return make_subject(0, 16)


def _frames(person, movements, strength=0.0, count=13, blink=None):
    rng = np.random.default_rng(5)
    nuisances = draw_nuisances(rng, count, strength)
    if blink is not None:
        nuisances = dataclasses.replace(nuisances, blink=np.full(count, blink))
    motion = plan_motion(
        person, tuple(movements), nuisances, count, count // 2, rng, 0)
    return list(render_frames(person, motion, nuisances, noise_bank(rng), rng))


def _flow(person, movement) -> np.ndarray:
    """Flow from the first to the middle frame at the AU's anchors: (2, 2)."""
    frames = _frames(person, [movement])
    method = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    first, apex = (cv2.cvtColor(frames[t], cv2.COLOR_BGR2GRAY) for t in (0, 6))
    flow = cv2.GaussianBlur(method.calc(first, apex, None), (0, 0), 4.0)
    return np.stack([flow[int(y), int(x)]
                     for x, y in anchor_pixels(movement.au, person.shape)])


def test_every_coded_au_has_a_movement():
    for layout in LAYOUTS.values():
        assert set(layout.counts.aus) <= set(AU_PULLS), layout.name


# AU, sign of the outward flow (0 for any), sign of the upward flow.
@pytest.mark.parametrize('au, out, up', [
    (1, 0, 1), (2, 0, 1), (4, -1, -1), (6, 0, 1), (10, 0, 1), (12, 1, 1),
    (14, 1, 0), (15, 0, -1), (16, 0, -1), (18, -1, 0), (20, 1, 0)])
def test_au_moves_its_region_the_right_way(person, au, out, up):
    flow = _flow(person, Movement(au, None, 0.4))
    outward = np.array([-flow[RIGHT, 0], flow[LEFT, 0]])
    upward = -flow[:, 1]
    if out:
        assert (out * outward > 0.4).all(), outward
    if up:
        assert (up * upward > 0.4).all(), upward


def test_chin_raiser_lifts_the_chin(person):
    assert (_flow(person, Movement(17, None, 0.4))[:, 1] < -0.4).all()


@pytest.mark.parametrize('side, moved, still', [
    ('L', LEFT, RIGHT), ('R', RIGHT, LEFT)])
def test_sided_au_moves_one_side(person, side, moved, still):
    size = np.linalg.norm(_flow(person, Movement(12, side, 0.4)), axis=1)
    assert size[moved] > 1.0 and size[still] < 0.3


def test_without_nuisances_only_the_region_changes(person):
    frames = _frames(person, [Movement(15, None, 0.3)])
    change = np.abs(frames[6].astype(int) - frames[0])
    assert change[:120].max() <= 1  # forehead and eyes
    assert change[200:].max() > 10
    assert np.abs(frames[0].astype(int) - person.image.round()).max() <= 1


def test_clip_without_movement_and_nuisances_is_static(person):
    frames = _frames(person, [])
    assert all((frame == frames[0]).all() for frame in frames)


def test_nuisances_move_and_flicker(person):
    frames = _frames(person, [], strength=1.0)
    assert np.abs(frames[9].astype(int) - frames[0]).mean() > 0.5


def test_blink_covers_the_eyes_only(person):
    open_eyes, shut = (_frames(person, [], blink=amount)[0].astype(int)
                       for amount in (0.0, 1.0))
    change = np.abs(shut - open_eyes).max(axis=2)
    assert change[100:150].max() > 60
    assert change[:70].max() == 0 and change[170:].max() == 0


def test_displacement_has_no_fold():
    """Neighbouring pixels never swap places, even at full intensity."""
    shape = make_subject(0, 1).shape
    for au in AU_PULLS:
        field = displacement_field(au, shape, MovementStyle(0.0, 1.0, 0.0))
        assert np.diff(field[0], axis=1).min() > -1.0, au
        assert np.diff(field[1], axis=0).min() > -1.0, au


def test_unknown_au_is_refused(person):
    with pytest.raises(ValueError, match='AU99'):
        _frames(person, [Movement(99, None, 0.3)])
