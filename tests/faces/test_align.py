# Copyright (c) AULLM-MM contributors.
"""An aligned face stays where it is while the head moves, and still moves itself."""
import cv2
import numpy as np
import pytest

from aullm_mm.datasets.synthetic.movements import MovementStyle, displacement_field
from aullm_mm.datasets.synthetic.subjects import make_subject
from aullm_mm.faces import FaceAligner, FaceTracker, Pose, align_clip
from aullm_mm.faces.align import follow_poses
from aullm_mm.faces.canonical import canonical_face
from aullm_mm.video import open_video

FPS = 50
SQUARE = FaceAligner((224, 224), (-1.1, 1.1, -0.75, 1.45))


@pytest.fixture(scope='module')
def person():
    """A semi-synthetic person."""
    return make_subject(7, 2)


def film(person, amount: float = 0.0, frames: int = 20) -> np.ndarray:
    """A head that moves by 25 pixels and rolls by 6 degrees while AU12 comes."""
    field = np.moveaxis(displacement_field(12, person.shape, MovementStyle(0, 1, 0)),
                        0, -1)
    ys, xs = np.mgrid[0:340, 0:280].astype(np.float32)
    clip = []
    for t in np.linspace(0, 1, frames):
        pull = np.float32(amount * t) * field
        face = cv2.remap(person.image, xs - pull[..., 0], ys - pull[..., 1],
                         cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        matrix = cv2.getRotationMatrix2D((140, 150), 6 * t, 0.8)
        matrix[:, 2] += (150 + 25 * t, 80 + 12 * t)
        clip.append(cv2.warpAffine(face, matrix, (640, 480), flags=cv2.INTER_CUBIC,
                                   borderMode=cv2.BORDER_REPLICATE))
    return np.clip(np.rint(clip), 0, 255).astype(np.uint8)


def motion(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Optical flow from the first to the last picture, (H, W, 2)."""
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return flow.calc(*(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
                       for image in (first, last)), None)


def test_still_face_under_head_motion_hardly_moves(person):
    clip = film(person)
    aligned = align_clip(open_video(clip, fps=FPS), aligner=SQUARE)
    assert aligned.found.all() and aligned.reasons == {}
    inner = (slice(50, 200), slice(40, 184))
    left = np.linalg.norm(motion(aligned.images[0], aligned.images[-1]), axis=-1)[inner]
    assert np.median(left) < 1.2, 'pixels; the head moved by 28'


def test_movement_of_the_face_is_kept(person):
    still, smiling = (align_clip(open_video(film(person, amount), fps=FPS),
                                 aligner=SQUARE).images for amount in (0.0, 0.5))
    corner = SQUARE.matrix(Pose((0.0, 0.0), 1.0, 0.0)) @ [*canonical_face()[61], 1]
    x, y = corner.round().astype(int)
    here = (slice(y - 6, y + 7), slice(x - 6, x + 7))
    moved = [np.median(motion(images[0], images[-1])[here], axis=(0, 1))
             for images in (still, smiling)]
    true = np.array([-0.07, -0.09]) * 0.5 * 224 / 2.2
    share = (moved[1] - moved[0]) @ true / (true @ true)
    assert share > 0.6


def test_landmarks_come_to_their_place_of_the_crop():
    pose = Pose((300.0, 200.0), 60.0, -0.4)
    aligner = FaceAligner((310, 260))
    picture = np.zeros((480, 640), np.uint8)
    x, y = pose.to_picture(canonical_face()[1])
    cv2.circle(picture, (round(x), round(y)), 3, 255, -1)
    crop = aligner(picture, pose)
    row, column = np.argwhere(crop > 128).mean(0)
    assert crop.shape == (310, 260)
    assert (column + 0.5) / 100 - 1.3 == pytest.approx(canonical_face()[1, 0], abs=0.02)
    assert (row + 0.5) / 100 - 1.15 == pytest.approx(canonical_face()[1, 1], abs=0.02)


def test_frames_without_a_face_are_black_and_have_a_reason(person):
    clip = film(person, frames=8)
    clip[3:5] = 0
    aligned = align_clip(open_video(clip, fps=FPS))
    assert np.flatnonzero(~aligned.found).tolist() == [3, 4]
    assert aligned.reasons == {3: 'no face', 4: 'no face'}
    assert not aligned.images[3:5].any() and aligned.images[2].any()
    assert aligned.poses[3] is None


def test_one_head_is_followed_where_there_are_two(person):
    clip = film(person, frames=12)
    both = np.full((12, 480, 1000, 3), 60, np.uint8)
    both[:, :, :640] = clip
    both[4:7, 100:400, 700:1000] = cv2.resize(clip[0, 60:360, 130:430], (300, 300))
    poses, _, reasons = follow_poses(open_video(both, fps=FPS), FaceTracker(None))
    assert all(pose.center[0] < 400 for pose in poses) and reasons == {}


def test_large_picture_is_shrunk_without_aliasing():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (1200, 1200), np.uint8)
    crop = FaceAligner((62, 52))(noise, Pose((600.0, 400.0), 300.0, 0.0))
    assert crop.std() < 0.25 * noise.std()


def test_empty_crops_and_clips_are_refused():
    with pytest.raises(ValueError, match='empty'):
        FaceAligner((0, 10))
    with pytest.raises(ValueError, match='x1 > x0'):
        FaceAligner(bounds=(1, -1, 0, 1))
    with pytest.raises(ValueError, match='no frame'):
        align_clip([])
