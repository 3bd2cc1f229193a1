# Copyright (c) AULLM-MM contributors.
"""Every face comes to the same place of the canonical picture."""
import cv2
import numpy as np
import pytest

from aullm_mm.faces.canonical import (CANONICAL_BOUNDS, canonical_face, canonical_map,
                                      face_axes, to_face)


@pytest.fixture
def mesh() -> np.ndarray:
    """The canonical face in a picture: 60 pixels between the eyes, rolled."""
    roll = np.deg2rad(20.0)
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    return 60 * canonical_face() @ turn + [210, 160]


def test_canonical_face_is_symmetric_and_normalized():
    face = canonical_face()
    mirrored = {tuple(point) for point in (face * [-1, 1] + 0.0).round(4)}
    assert mirrored == {tuple(point) for point in face}
    center, axis, inter_ocular = face_axes(face)
    assert np.allclose(center, 0) and np.allclose(axis, [1, 0])
    assert inter_ocular == pytest.approx(1.0)


def test_axes_of_a_rolled_face(mesh):
    center, axis, inter_ocular = face_axes(mesh)
    assert np.allclose(center, [210, 160]) and inter_ocular == pytest.approx(60)
    assert np.rad2deg(np.arctan2(axis[1], axis[0])) == pytest.approx(20)


def test_pixels_come_back_to_face_coordinates(mesh):
    assert np.allclose(to_face(mesh, mesh), canonical_face())


def test_map_of_the_canonical_face_is_a_similarity(mesh):
    places = canonical_map(mesh, (53, 49))
    assert places.shape == (53, 49, 2) and places.dtype == np.float32
    x0, x1, y0, y1 = CANONICAL_BOUNDS
    corners = places[[0, 0, -1, -1], [0, -1, 0, -1]]
    expected = [[x0, y0], [x1, y0], [x0, y1], [x1, y1]]
    assert np.allclose(to_face(mesh, corners), expected, atol=1e-4)


def test_another_shape_of_face_is_brought_into_place(mesh):
    """A wider mouth, higher brows: their points land where they belong."""
    other = canonical_face().copy()
    other[[61, 291], 0] *= 1.3
    other[[105, 334], 1] -= 0.1
    places = canonical_map(80 * other + [300, 250], (261, 241)).astype(np.float64)
    for point in (61, 291, 105, 334, 152):
        x, y = canonical_face()[point]
        row, column = round((y + 0.95) / 0.01), round((x + 1.2) / 0.01)
        error = np.hypot(*(places[row, column] - (80 * other[point] + [300, 250])))
        assert error < 5, point  # of 80 pixels; the spline is smoothed


def test_bounds_choose_the_part_that_is_seen(mesh):
    part = canonical_map(mesh, (5, 5), bounds=(-0.5, 0.5, 0.0, 1.0))
    assert np.allclose(to_face(mesh, part[0, 2]), [0, 0], atol=1e-4)
    assert np.allclose(to_face(mesh, part[4, 4]), [0.5, 1.0], atol=1e-4)


def test_map_serves_remap(mesh):
    picture = np.zeros((420, 420), np.float32)
    cv2.circle(picture, tuple(int(v) for v in mesh[1].round()), 6, 1.0, -1)
    seen = cv2.remap(picture, canonical_map(mesh, (53, 49)), None, cv2.INTER_LINEAR)
    row, column = np.unravel_index(seen.argmax(), seen.shape)
    assert abs(row - (canonical_face()[1, 1] + 0.95) / 0.05) < 3
    assert abs(column - 24) < 3


def test_what_is_no_mesh_is_refused():
    with pytest.raises(ValueError, match='468'):
        face_axes(np.zeros((0, 2)))
    with pytest.raises(ValueError, match='one point'):
        canonical_map(np.zeros((468, 2)), (8, 8))
