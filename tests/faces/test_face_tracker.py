# Copyright (c) AULLM-MM contributors.
"""Faces are followed, told apart, and lost where they are gone."""
import cv2
import numpy as np
import pytest

from aullm_mm.datasets.synthetic.portraits import PORTRAIT_FILES, portrait_path
from aullm_mm.faces import FaceDetector, FaceMesh, FaceTracker
from aullm_mm.faces.tracked_face import LEAVING, NO_FACE, TOO_SMALL

HEIGHT, WIDTH = 400, 640


@pytest.fixture(scope='module')
def heads() -> list[np.ndarray]:
    """Both portraits, cut to 240x240 with a face of equal size."""
    crops = []
    for _, package, relative in PORTRAIT_FILES:
        image = cv2.imread(str(portrait_path(package, relative)))
        x0, y0, x1, y1 = FaceDetector()(image).boxes[0]
        side, x, y = x1 - x0, (x0 + x1) / 2, (y0 + y1) / 2
        matrix = np.float32([[110 / side, 0, 120 - x * 110 / side],
                             [0, 110 / side, 120 - y * 110 / side]])
        crops.append(cv2.warpAffine(image, matrix, (240, 240),
                                    borderMode=cv2.BORDER_REPLICATE))
    return crops


def scene(*placed: tuple[np.ndarray, float, float, float]) -> np.ndarray:
    """Heads pasted on gray at a centre and a scale."""
    picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for head, x, y, scale in placed:
        matrix = np.float32([[scale, 0, x - 120 * scale], [0, scale, y - 120 * scale]])
        cv2.warpAffine(head, matrix, (WIDTH, HEIGHT), dst=picture,
                       borderMode=cv2.BORDER_TRANSPARENT)
    return picture


def tracks(faces) -> list[int]:
    return [face.track for face in faces]


def count_detections(tracker: FaceTracker) -> list[int]:
    """A list that gets one entry with every run of the detector."""
    runs = []

    class Counting(FaceDetector):
        def __call__(self, image):
            runs.append(1)
            return super().__call__(image)

    tracker._detector = Counting()
    return runs


def test_moving_face_is_followed_without_the_detector(heads):
    tracker = FaceTracker(detect_every=1.0)
    runs = count_detections(tracker)
    for number in range(30):
        picture = scene((heads[0], 150 + 6 * number, 180 + 2 * number, 1.0))
        (face,) = tracker(picture, number / 30)
        assert face.track == 0 and tracker.reason is None
    assert len(runs) == 1
    fresh = FaceMesh()(picture, FaceDetector()(picture).boxes[0])
    assert np.linalg.norm(face.mesh - fresh, axis=1).mean() < 2
    assert face.mesh.dtype == np.float32 and face.score > 0.9
    assert (face.box[:2] <= face.mesh.min(0)).all()
    tracker(picture, 1.0)
    assert len(runs) == 2


def test_rolling_head_is_followed(heads):
    tracker = FaceTracker(detect_every=60)
    for degrees in range(0, 40, 2):
        turn = cv2.getRotationMatrix2D((320, 200), -degrees, 1)
        picture = cv2.warpAffine(scene((heads[0], 320, 200, 1)), turn, (WIDTH, HEIGHT))
        (face,) = tracker(picture, degrees / 30)
    dx, dy = face.mesh[263] - face.mesh[33]
    first = FaceTracker()(scene((heads[0], 320, 200, 1)), 0.0)[0].mesh
    before = np.degrees(np.arctan2(*(first[263] - first[33])[::-1]))
    assert np.degrees(np.arctan2(dy, dx)) - before == pytest.approx(38, abs=2)


def test_face_keeps_its_number_through_a_short_gap_at_its_place(heads):
    here, nobody = scene((heads[0], 200, 200, 1)), scene()
    tracker = FaceTracker(max_gap=0.5)
    assert tracks(tracker(here, 0.0)) == [0]
    for seconds in (0.1, 0.2):
        assert tracker(nobody, seconds) == [] and tracker.reason == NO_FACE
    assert tracks(tracker(here, 0.3)) == [0]
    assert tracker(nobody, 0.4) == []
    assert tracks(tracker(here, 1.2)) == [1], 'the gap was too long'


def test_face_that_returns_elsewhere_is_another(heads):
    tracker = FaceTracker()
    tracker(scene((heads[0], 150, 200, 1)), 0.0)
    tracker(scene(), 0.1)
    assert tracks(tracker(scene((heads[0], 480, 200, 1)), 0.2)) == [1]


def test_largest_face_is_kept_until_another_is_much_larger(heads):
    tracker = FaceTracker(detect_every=0.0)
    for step, (scale, expected) in enumerate(((0.8, 0), (1.1, 0), (1.25, 0), (1.7, 1))):
        faces = tracker(scene((heads[0], 150, 200, 1.0),
                              (heads[1], 450, 200, scale)), step / 10)
        assert tracks(faces) == [expected], scale
        assert (faces[0].mesh[:, 0].mean() > 300) == bool(expected)


def test_all_faces_have_their_own_numbers_largest_first(heads):
    tracker = FaceTracker(max_faces=None, detect_every=0.5)
    for step in range(8):
        left = (heads[0], 120 + 5 * step, 200, 1.0)
        right = (heads[1], 480 - 5 * step, 200, 1.3)
        faces = tracker(scene(left, right), step / 10)
        assert tracks(faces) == [0, 1]
        assert faces[0].mesh[:, 0].mean() > 320 > faces[1].mesh[:, 0].mean()
    faces = tracker(scene(left), 0.85)
    faces = tracker(scene(left), 0.95)
    assert tracks(faces) == [1]


def test_small_face_is_told_from_none(heads):
    tracker = FaceTracker(min_eye_distance=30)
    assert tracker(scene((heads[0], 320, 200, 0.5)), 0.0) == []
    assert tracker.reason == TOO_SMALL
    (rejected,) = tracker.rejected
    assert rejected.reason == TOO_SMALL and rejected.face.track == 0
    # It is followed all the same, and counts once it is near enough.
    assert tracks(tracker(scene((heads[0], 320, 200, 0.9)), 0.1)) == [0]


def test_leaving_face_is_told_from_none(heads):
    tracker = FaceTracker()
    reasons = []
    for step in range(14):
        tracker(scene((heads[0], 120 - 12 * step, 200, 1.0)), step / 30)
        reasons.append(tracker.reason)
    assert reasons[0] is None and LEAVING in reasons
    first = reasons.index(LEAVING)
    assert not any(reasons[:first]) and None not in reasons[first:]


def test_face_that_counts_takes_the_place_of_one_that_does_not(heads):
    tracker = FaceTracker(detect_every=0.2)
    for step in range(12):
        faces = tracker(scene((heads[0], 120 - 12 * min(step, 9), 200, 1.2),
                              (heads[1], 480, 200, 0.9)), step / 10)
    assert tracks(faces) == [1] and faces[0].mesh[:, 0].mean() > 400


def test_mesh_that_lost_its_face_is_found_again_at_once(heads):
    tracker = FaceTracker(detect_every=60)
    tracker(scene((heads[0], 150, 200, 1)), 0.0)
    (face,) = tracker(scene((heads[0], 480, 200, 1)), 0.05)
    assert face.mesh[:, 0].mean() == pytest.approx(480, abs=25)


def test_time_runs_forwards_until_reset(heads):
    tracker = FaceTracker()
    tracker(scene(), 1.0)
    with pytest.raises(ValueError, match='reset'):
        tracker(scene(), 0.5)
    tracker.reset()
    assert tracks(tracker(scene((heads[0], 320, 200, 1)), 0.0)) == [0]


@pytest.mark.parametrize('name, value', [
    ('max_faces', 0), ('detect_every', -1.0), ('min_eye_distance', float('nan'))])
def test_arguments_out_of_range_are_refused(name, value):
    with pytest.raises(ValueError, match=name):
        FaceTracker(**{name: value})
