# Copyright (c) AULLM-MM contributors.
"""The meter follows the motion that was put in, not head, light or noise."""
import cv2
import numpy as np
import pytest

from aullm_mm.datasets.synthetic.geometry import Framing
from aullm_mm.datasets.synthetic.movements import (Movement, MovementStyle,
                                                   displacement_field)
from aullm_mm.datasets.synthetic.nuisances import draw_nuisances, noise_bank
from aullm_mm.datasets.synthetic.rendering import Motion, render_frames
from aullm_mm.datasets.synthetic.studio import Studio
from aullm_mm.datasets.synthetic.subjects import make_subject
from aullm_mm.faces.align import FaceAligner
from aullm_mm.faces.canonical import CANONICAL_BOUNDS
from aullm_mm.faces.pose import stable_pose
from aullm_mm.spotting import REGION_NAMES, MotionMeter
from aullm_mm.spotting.regions import LID_REGIONS, region_windows

SIZE = (104, 96)
PLAIN = MovementStyle(turn=0.0, size=1.0, balance=0.0)


@pytest.fixture(scope='module')
def person():
    """One person, whose face takes up most of a small picture."""
    return make_subject(0, 16, Studio(framing=Framing(240, 240, 67.0, (120.0, 100.0))))


def rows_of(person, course, movement=None, noise=0.0, shift=0.0, gain=0.0, blink=None,
            fps=30.0):
    """Rows of the meter for one movement; the mesh is that of the person at rest."""
    count, framing = len(course), person.studio.framing
    rng = np.random.default_rng(1)
    nuisances = draw_nuisances(rng, count, 0.0, person.studio)
    drift = nuisances.drift.copy()
    drift[:, 0, 2] += shift * np.arange(count) / count
    fields = np.zeros((1, 2, *framing.size), np.float32)
    if movement is not None:
        fields = displacement_field(
            movement.au, person.shape, PLAIN, movement.side, framing)[None]
    courses = np.asarray(course, np.float32)[None] * (
        movement.intensity if movement else 0.0)
    nuisances = type(nuisances)(**{
        **vars(nuisances), 'drift': drift, 'noise': noise,
        'gain': 1.0 + gain * np.sin(np.arange(count)),
        'blink': np.zeros(count) if blink is None else blink})
    motion = Motion(fields, courses, fields[:0, 0], courses[:0])
    meter, align = MotionMeter(SIZE), FaceAligner(SIZE, CANONICAL_BOUNDS)
    pose = stable_pose(person.points)
    frames = render_frames(person, motion, nuisances, noise_bank(rng, person.studio),
                           rng)
    return np.stack([
        meter(align(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), pose), person.points, pose,
              number / fps) for number, frame in enumerate(frames)])


def moved(rows):
    """(T, R, 2) of rows."""
    return rows[:, :-2].reshape(len(rows), -1, 2)


def test_the_lip_corners_go_out_and_up_and_come_back(person):
    course = 0.5 - 0.5 * np.cos(np.linspace(0, 2 * np.pi, 40))
    motion = moved(rows_of(person, course, Movement(12, None, 0.3), noise=1.5))
    peak = motion[20]
    right, left = (REGION_NAMES.index(f'{side} mouth corner')
                   for side in ('right', 'left'))
    # The pull is 0.07 out and 0.09 up at full intensity; a region is a mean.
    assert -0.021 < peak[right, 0] < -0.006 and 0.006 < peak[left, 0] < 0.021
    assert -0.027 < peak[right, 1] < -0.008 and -0.027 < peak[left, 1] < -0.008
    strength = np.hypot(*peak.T)
    brows = [i for i, name in enumerate(REGION_NAMES) if 'brow' in name]
    assert strength[brows].max() < 0.2 * strength[[right, left]].min()
    # 1.3 s with a renewed reference in between: back where it was.
    assert np.hypot(*motion[-1].T).max() < 0.15 * strength.max()


def test_a_one_sided_movement_is_on_its_side(person):
    motion = moved(rows_of(person, [0.0, 0.5, 1.0], Movement(2, 'L', 0.3)))
    strength = np.hypot(*motion[2].T)
    left, right = (REGION_NAMES.index(f'{side} outer brow')
                   for side in ('left', 'right'))
    assert strength[left] > 0.008 > 4 * strength[right]


def test_head_motion_light_and_noise_are_no_movement(person):
    still = moved(rows_of(person, np.zeros(40), shift=3.0, gain=0.02, noise=1.5))
    # The head goes 3 pixels of 67 between the eyes: 0.045.
    assert np.abs(still).max() < 0.004


def test_a_blink_changes_the_look_of_the_eyes(person):
    blink = np.zeros(45)
    blink[30:36] = [0.4, 0.8, 1.0, 0.7, 0.4, 0.1]
    rows = rows_of(person, np.zeros(45), blink=blink, noise=1.5)
    assert rows[:30, -2:].min() > 0.85 and rows[32, -2:].max() < 0.7
    motion = moved(rows)
    lids = np.isin(np.arange(len(REGION_NAMES)), LID_REGIONS)
    strength = np.hypot(*np.moveaxis(motion[32], -1, 0))
    assert strength[lids].max() > 3 * strength[~lids].max()
    # The reference is not renewed while the eyes are shut.
    assert np.abs(motion[40:]).max() < 0.004


def test_the_frame_rate_does_not_change_the_motion(person):
    fine = 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, 49))
    fast = moved(rows_of(person, fine, Movement(4, None, 0.3), fps=200.0))
    slow = moved(rows_of(person, fine[::8], Movement(4, None, 0.3), fps=25.0))
    assert np.abs(fast[::8] - slow).max() < 0.1 * np.abs(slow).max()


def test_windows_of_regions_stand_on_the_face(person):
    windows = region_windows(stable_pose(person.points).to_face(person.points), SIZE)
    assert windows.shape == (len(REGION_NAMES), SIZE[0] * SIZE[1])
    assert np.allclose(windows.sum(axis=1), 1.0, atol=1e-5)
    rows, columns = np.indices(SIZE)
    middles = np.stack([windows @ columns.ravel(), windows @ rows.ravel()], axis=1)
    chin, brow = (middles[REGION_NAMES.index(name)] for name in ('chin', 'glabella'))
    assert brow[1] < 45 < 75 < chin[1]


def test_a_wrong_picture_is_refused(person):
    pose = stable_pose(person.points)
    with pytest.raises(ValueError, match='uint8 of size'):
        MotionMeter(SIZE)(np.zeros((90, 90), np.uint8), person.points, pose, 0.0)
    with pytest.raises(ValueError, match='renew must be above 0'):
        MotionMeter(renew=0.0)
