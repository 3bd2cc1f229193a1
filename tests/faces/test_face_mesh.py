# Copyright (c) AULLM-MM contributors.
"""The mesh lies on the face, and follows it."""
import cv2
import numpy as np
import pytest

from aullm_mm.datasets.synthetic.portraits import PORTRAIT_FILES, portrait_path
from aullm_mm.faces import FaceDetector, FaceMesh


@pytest.fixture(scope='module')
def hopper() -> np.ndarray:
    """The portrait with the closed mouth, BGR."""
    return cv2.imread(str(portrait_path(*PORTRAIT_FILES[0][1:])))


def _mesh(image: np.ndarray) -> np.ndarray:
    return FaceMesh()(image, FaceDetector()(image).boxes[0])


def test_points_lie_on_their_features(hopper):
    points = _mesh(hopper)
    assert points.shape == (468, 2) and points.dtype == np.float32
    # Mouth corners, nose tip and chin, measured by hand on the picture.
    for index, place in ((61, (227, 278)), (291, (305, 276)), (4, (266, 234)),
                         (152, (266, 333))):
        assert np.linalg.norm(points[index] - place) < 10, index


def test_mesh_follows_a_turned_picture(hopper):
    height, width = hopper.shape[:2]
    turn = cv2.getRotationMatrix2D((266, 240), 20, 1.0)
    turned = cv2.warpAffine(hopper, turn, (width, height))
    expected = _mesh(hopper) @ turn[:, :2].T + turn[:, 2]
    error = np.linalg.norm(_mesh(turned) - expected, axis=1)
    assert np.median(error) < 3.0


def test_box_without_area_is_refused(hopper):
    with pytest.raises(ValueError, match='x1 > x0'):
        FaceMesh()(hopper, np.array([10, 10, 10, 40]))
