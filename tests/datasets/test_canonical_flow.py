# Copyright (c) AULLM-MM contributors.
"""A facial movement gives the same canonical flow wherever the head is."""
import copy
import pickle

import cv2
import numpy as np
import pytest

from aullm_mm.datasets.synthetic.movements import Movement
from aullm_mm.datasets.synthetic.nuisances import draw_nuisances, noise_bank
from aullm_mm.datasets.synthetic.rendering import plan_motion, render_frames
from aullm_mm.datasets.synthetic.subjects import make_subject
from aullm_mm.datasets.transforms import CanonicalFaceFlow, OnsetApexFlow
from aullm_mm.datasets.transforms.canonical_flow import flow_on_face, mean_flow
from aullm_mm.faces.canonical import canonical_face
from aullm_mm.registry import TRANSFORMS
from aullm_mm.utils.parallel import run_in_threads

APEX = 4


def clip_of(movements: tuple[Movement, ...]) -> np.ndarray:
    """Gray frames (8, 340, 280) of a person, without nuisances."""
    rng, person = np.random.default_rng(0), make_subject(0, 1)
    still = draw_nuisances(rng, 8, 0.0)
    motion = plan_motion(person, movements, still, 8, APEX, rng, 0)
    frames = list(render_frames(person, motion, still, noise_bank(rng), rng))
    return np.stack([f if f.ndim == 2 else cv2.cvtColor(f, cv2.COLOR_BGR2GRAY)
                     for f in frames])


@pytest.fixture(scope='module')
def smile() -> np.ndarray:
    """A clip with lip corners pulled up, well visible."""
    return clip_of((Movement(12, None, 0.8),))


def results_of(frames: np.ndarray) -> dict:
    return dict(imgs=frames, apex_index=APEX, clip_id='casme2/sub01/EP01')


def flow_of(frames: np.ndarray, **options) -> np.ndarray:
    return CanonicalFaceFlow(**options).transform(results_of(frames))['flow']


def elsewhere(
    frames: np.ndarray, degrees: float, scale: float, size: tuple[int, int] = (620, 600)
) -> np.ndarray:
    """The same clip with the head turned in the plane, scaled and shifted."""
    matrix = cv2.getRotationMatrix2D((140, 170), degrees, scale)
    matrix[:, 2] += 150, 130
    return np.stack([
        cv2.warpAffine(f, matrix, size, flags=cv2.INTER_CUBIC,
                       borderMode=cv2.BORDER_REPLICATE) for f in frames])


def agreement(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a[..., :2].ravel(), b[..., :2].ravel())[0, 1])


def test_smile_is_where_the_mouth_is_and_goes_up_and_out(smile):
    flow = flow_of(smile)
    assert flow.shape == (64, 64, 3) and flow.dtype == np.float32
    assert (flow[..., 2] >= 0).all()
    # Cells of the lip corners: columns of x = -0.42 and 0.42, row of y = 0.95.
    left, right = flow[43:49, 18:23].mean((0, 1)), flow[43:49, 41:46].mean((0, 1))
    assert left[0] < -3 and right[0] > 3 and left[1] < -3 and right[1] < -3
    brows = np.abs(flow[8:20, 15:49, :2]).mean()
    assert brows < 0.3 * np.abs(flow[40:52, 15:49, :2]).mean()


@pytest.mark.parametrize('degrees, scale', [(0, 1.0), (15, 1.0), (-15, 1.3), (15, 0.8)])
def test_place_roll_and_size_of_the_head_do_not_matter(smile, degrees, scale):
    here, there = flow_of(smile), flow_of(elsewhere(smile, degrees, scale))
    assert agreement(here, there) > 0.9
    inner = (slice(10, 56), slice(10, 54))
    error = np.abs(here - there)[inner][..., :2].mean()
    assert error < 0.35 * np.abs(here)[inner][..., :2].mean()


def test_vectors_turn_with_the_head(smile):
    """What is left when roll is not undone is much worse: the test can fail."""
    turned = elsewhere(smile, 90, 1.0)
    plain, unturned = OnsetApexFlow(), results_of(turned)
    assert agreement(
        plain.transform(results_of(smile))['flow'],
        plain.transform(unturned)['flow']) < 0.5


def test_still_face_gives_nearly_nothing(smile):
    noise = np.random.default_rng(0).normal(0, 1.5, smile.shape)
    still = np.clip(smile[:1] + noise, 0, 255).astype(np.uint8)
    assert (flow_of(np.repeat(smile[:1], 8, axis=0)) == 0).all()
    assert np.abs(flow_of(still)).mean() < 0.15 * np.abs(flow_of(smile)).mean()


def test_clip_of_one_frame_has_no_flow(smile):
    results = dict(imgs=smile[:1], apex_index=0, clip_id='one')
    assert (CanonicalFaceFlow().transform(results)['flow'] == 0).all()


def test_flow_in_pixels_without_head_motion(smile):
    shifted = np.stack([smile[0], np.roll(smile[0], 3, axis=1)])
    assert np.abs(mean_flow(shifted, 1, 0))[40:-40, 40:-40].mean() < 0.2


def test_unit_is_per_mille_of_a_face_of_2_2_eye_distances():
    mesh = 50 * canonical_face() + [80, 70]
    flow = np.zeros((170, 160, 2), np.float32)
    flow[..., 0] = 50 * 2.2 / 1000
    assert np.allclose(flow_on_face(flow, mesh, (9, 7)), [1, 0, 0], atol=1e-5)
    upside_down = -50 * canonical_face() + [80, 90]
    assert np.allclose(flow_on_face(flow, upside_down, (9, 7)), [-1, 0, 0], atol=1e-5)


def test_strain_scales_with_the_width_of_the_flow_image(smile):
    coarse, fine = flow_of(smile, size=(32, 32)), flow_of(smile, size=(64, 64))
    inside = (slice(20, 28), slice(6, 26))
    ratio = coarse[inside][..., 2].mean() / cv2.resize(
        fine[..., 2], (32, 32), interpolation=cv2.INTER_AREA)[inside].mean()
    assert 0.6 < ratio < 1.3


def test_sizes_and_crops(smile):
    assert flow_of(smile, size=(24, 40)).shape == (24, 40, 3)
    # A crop so tight that the detector may well see no face in it.
    tight = smile[:, 40:330, 30:250]
    assert agreement(flow_of(smile), flow_of(tight)) > 0.7


def test_threads_give_what_one_thread_gives(smile):
    transform = CanonicalFaceFlow(size=(32, 32))
    clips = [np.ascontiguousarray(smile[:, i:, i:]) for i in range(0, 24, 4)]
    expected = [transform.transform(results_of(c))['flow'] for c in clips]

    def work(number):
        return number, transform.transform(results_of(clips[number]))['flow']

    made = dict(run_in_threads(work, range(6), jobs=3))
    for number, flow in enumerate(expected):
        assert np.array_equal(made[number], flow), number


def test_no_face_names_the_clip_and_both_options():
    empty = np.full((8, 90, 80), 127, np.uint8)
    with pytest.raises(ValueError, match='casme2/sub01/EP01') as error:
        flow_of(empty)
    assert "'crop'" in str(error.value) and "'error'" in str(error.value)


def test_no_face_crop_gives_the_whole_picture_and_one_warning(monkeypatch):
    from aullm_mm.datasets.transforms import canonical_flow
    said = []
    monkeypatch.setattr(canonical_flow, 'print_log', lambda *args: said.append(args))
    rng = np.random.default_rng(0)
    frames = cv2.GaussianBlur(
        rng.integers(0, 255, (90, 80, 8), dtype=np.uint8), (0, 0), 3)
    frames = np.ascontiguousarray(np.moveaxis(frames, -1, 0))
    made = flow_of(frames, no_face='crop', size=(20, 16))
    plain = OnsetApexFlow(size=(20, 16)).transform(results_of(frames))['flow']
    assert np.array_equal(made, plain)
    assert len(said) == 1 and 'casme2/sub01/EP01' in said[0][0]


def test_colour_frames_and_unknown_options_are_refused(smile):
    with pytest.raises(ValueError, match="EP01.*color='gray'"):
        flow_of(np.repeat(smile[..., None], 3, axis=-1))
    with pytest.raises(ValueError, match='no_face'):
        CanonicalFaceFlow(no_face='skip')
    with pytest.raises(ValueError, match='apex_index'):
        CanonicalFaceFlow().transform(dict(imgs=smile))


def test_copies_work_and_settings_show(smile):
    transform = TRANSFORMS.build(dict(
        type='CanonicalFaceFlow', size=[16, 12], neighbours=2, no_face='crop'))
    before = transform.transform(results_of(smile))['flow']
    for other in (pickle.loads(pickle.dumps(transform)), copy.deepcopy(transform)):
        assert repr(other) == "CanonicalFaceFlow((16, 12), 2, no_face='crop')"
        assert np.array_equal(other.transform(results_of(smile))['flow'], before)
