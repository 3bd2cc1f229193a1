# Copyright (c) AULLM-MM contributors.
"""Semi-synthetic people differ, and are faces."""
import cv2
import numpy as np
import pytest

from aullm_mm.datasets.synthetic.subjects import make_subject
from aullm_mm.faces import FaceDetector, FaceMesh


@pytest.fixture(scope='module')
def people():
    """Eight people of the default corpus."""
    return [make_subject(0, number) for number in range(1, 9)]


def _small(person) -> np.ndarray:
    inner = person.image[80:310, 50:230]
    return cv2.resize(inner, (45, 58), interpolation=cv2.INTER_AREA)


def test_every_pair_of_people_differs(people):
    small = [_small(person) for person in people]
    for i, first in enumerate(small):
        for second in small[:i]:
            assert np.abs(first - second).mean() > 8.0


def test_people_differ_in_shape(people):
    shapes = np.stack([person.shape[:, :2] for person in people])
    spread = shapes.std(axis=0)
    assert np.linalg.norm(spread, axis=1).mean() > 0.02


def test_detector_and_mesh_agree_with_the_known_shape(people):
    detector, mesh = FaceDetector(), FaceMesh()
    for person in people[:4]:
        # Room around the tight crop, as the detector wants to see a head.
        image = cv2.copyMakeBorder(
            person.image.round().astype(np.uint8), 100, 100, 100, 100,
            cv2.BORDER_REPLICATE)
        faces = detector(image)
        assert len(faces) == 1
        points = mesh(image, faces.boxes[0]) - 100
        assert np.linalg.norm(points - person.points, axis=1).mean() < 9.0


def test_same_seed_same_person_and_other_seed_another(people):
    again = make_subject(0, 2)
    assert (again.image == people[1].image).all()
    assert np.abs(make_subject(1, 2).image - again.image).mean() > 8.0


def test_face_fills_the_crop(people):
    for person in people:
        x, y = person.points.T
        assert -5 < x.min() and x.max() < 285 and y.max() < 345
        assert x.max() - x.min() > 180
