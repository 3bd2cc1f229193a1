# Copyright (c) AULLM-MM contributors.
"""The pose follows the head, not what the face does; smoothing adds no motion."""
import numpy as np
import pytest

from aullm_mm.datasets.synthetic.au_pulls import AU_PULLS
from aullm_mm.datasets.synthetic.movements import MovementStyle, pull_vectors
from aullm_mm.datasets.synthetic.portraits import load_portraits
from aullm_mm.faces.canonical import canonical_face
from aullm_mm.faces.pose import Pose, stable_pose
from aullm_mm.faces.pose_smoothing import smooth_poses


def values(poses) -> np.ndarray:
    return np.array([(*pose.center, pose.scale, pose.roll) for pose in poses])


def test_pose_is_the_similarity_that_was_applied():
    pose = Pose((200.0, 150.0), 70.0, 0.3)
    found = stable_pose(pose.to_picture(canonical_face()))
    assert values([found])[0] == pytest.approx(values([pose])[0])
    assert np.allclose(pose.to_face(pose.to_picture(canonical_face())),
                       canonical_face())
    moved = pose.to_picture(canonical_face())
    assert np.allclose(np.column_stack([moved, np.ones(468)]) @ pose.matrix.T,
                       canonical_face())


def moved_by(au: int) -> np.ndarray:
    """The mesh of a portrait with an AU at full intensity."""
    shape = load_portraits()[0].shape
    centers, vectors, radii = pull_vectors(au, shape, MovementStyle(0, 1, 0), None)
    offset = (shape[:, None, :2] - centers) / radii
    window = np.exp(-0.5 * (offset ** 2).sum(-1))  # (468, pulls)
    field = window @ vectors / np.maximum(window.sum(1), 1e-9)[:, None]
    return shape[:, :2] + field * window.max(1)[:, None]


@pytest.mark.parametrize('au', sorted(AU_PULLS))
def test_no_au_takes_the_pose_along(au):
    shape = load_portraits()[0].shape[:, :2]
    moved, still = moved_by(au), 100 * shape
    before, after = stable_pose(still), stable_pose(100 * moved)
    largest = 100 * np.linalg.norm(moved - shape, axis=1).max()
    drift = np.linalg.norm(before.to_face(still) - after.to_face(still), axis=1)
    assert 100 * drift.mean() < 0.25 * largest


def test_what_is_no_mesh_is_refused():
    with pytest.raises(ValueError, match='468'):
        stable_pose(np.zeros((0, 2)))
    with pytest.raises(ValueError, match='one place'):
        stable_pose(np.ones((468, 2)))


def course(times: np.ndarray) -> list[Pose]:
    """A head that sways, nods, nears and rolls through the half turn."""
    return [Pose((300 + 20 * np.sin(4 * t), 200 + 9 * np.cos(3 * t)),
                 80 * np.exp(0.03 * np.sin(3 * t)), np.pi - 0.1 + 0.2 * t)
            for t in times]


def wrapped(poses) -> list[Pose]:
    return [pose._replace(roll=float(np.angle(np.exp(1j * pose.roll))))
            for pose in poses]


@pytest.mark.parametrize('times', [
    np.arange(60) / 25, np.arange(300) / 200,
    np.cumsum(np.random.default_rng(0).uniform(0.005, 0.05, 80))],
    ids=['25 fps', '200 fps', 'uneven'])
def test_head_motion_is_kept_and_noise_is_not(times):
    rng = np.random.default_rng(1)
    true = course(times)
    smooth = smooth_poses(wrapped(true), times)
    lag = np.abs(values(smooth) - values(true))
    assert lag[:, :2].max() < 0.35 and lag[3:-3, :2].max() < 0.12  # pixels, of 40
    noisy = [pose._replace(center=tuple(pose.center + rng.normal(0, 0.5, 2)))
             for pose in true]
    error = [np.diff((values(poses) - values(true))[:, :2], axis=0).std()
             for poses in (noisy, smooth_poses(noisy, times))]
    assert error[1] < 0.5 * error[0]


def test_slipped_mesh_does_not_pull_its_neighbours():
    times = np.arange(60) / 100
    true = course(times)
    faulty = list(true)
    faulty[30] = faulty[30]._replace(center=(360.0, 230.0), scale=60.0)
    error = values(smooth_poses(faulty, times)) - values(true)
    assert np.abs(error[:, :2]).max() < 0.3 and np.abs(error[:, 2]).max() < 0.3


def test_gaps_are_kept_apart():
    times = np.arange(40) / 100
    poses = [Pose((0.0 if i < 20 else 50.0, 0.0), 80.0, 0.0) for i in range(40)]
    poses[20] = None
    smooth = smooth_poses(poses, times)
    assert smooth[20] is None
    assert [pose.center[0] for pose in smooth[:20]] == pytest.approx([0] * 20)
    assert [pose.center[0] for pose in smooth[21:]] == pytest.approx([50] * 19)


def test_two_poses_and_none_stay_as_they_are():
    poses = course(np.array([0.0, 0.005]))
    assert np.allclose(values(smooth_poses(poses, [0.0, 0.005])), values(poses))
    assert smooth_poses(poses, [0.0, 0.005], spread=0) == poses
    assert smooth_poses([], []) == []


@pytest.mark.parametrize('times, spread, message', [
    ([0.0], 0.06, 'one each'), ([0.0, 0.0], 0.06, 'rise'), ([0.0, 1.0], -1, 'spread')])
def test_bad_arguments_are_refused(times, spread, message):
    with pytest.raises(ValueError, match=message):
        smooth_poses(course(np.array([0.0, 1.0])), times, spread)
