# Copyright (c) AULLM-MM contributors.
"""AUs are seen where FACS says."""
import numpy as np
import pytest

from aullm_mm.facs import ACTION_UNITS
from aullm_mm.faces.au_places import (AU_PLACES, REGION_PLACES, place_maps,
                                      place_points)
from aullm_mm.faces.canonical import CANONICAL_BOUNDS, canonical_face

SIZE = (52, 48)


def peak(au: int, radius: float = 0.3) -> np.ndarray:
    """Face coordinates of the maximum on the picture's left half, midline included."""
    left = place_maps((au,), SIZE, radius)[0, :, :24]
    row, column = np.unravel_index(left.argmax(), left.shape)
    x0, x1, y0, y1 = CANONICAL_BOUNDS
    return np.array([x0 + (column + 0.5) / 48 * (x1 - x0),
                     y0 + (row + 0.5) / 52 * (y1 - y0)])


def test_maps_of_all_aus_are_valid_and_mirror_symmetric():
    maps = place_maps(ACTION_UNITS, SIZE)
    assert maps.shape == (len(ACTION_UNITS), *SIZE) and maps.dtype == np.float32
    assert maps.min() >= 0 and maps.max() <= 1
    assert (maps.max((1, 2)) > 0.97).all()
    assert np.allclose(maps, maps[:, :, ::-1], atol=1e-6)


def test_lip_corners_are_below_the_nose_and_to_the_sides():
    x, y = peak(12, radius=0.1)
    assert y > canonical_face()[1, 1] and -0.9 < x < -0.3
    # Nothing on the midline, where a chin or a brow would be.
    assert place_maps((12,), SIZE, 0.1)[0, :, 23:25].max() < 0.1


def test_brow_lowerer_is_between_the_brows():
    x, y = peak(4, radius=0.1)
    assert -0.5 < x < 0 and y < 0
    between = place_maps((4,), SIZE, 0.1)[0, :, 23:25].max(1)
    row = between.argmax()
    assert between[row] > 0.8 and -0.95 + (row + 0.5) * 0.05 < 0


def test_brow_raisers_are_told_apart_by_their_side():
    assert abs(peak(1, 0.1)[0]) < abs(peak(2, 0.1)[0])


def test_aus_follow_each_other_down_the_face():
    heights = [peak(au, 0.1)[1] for au in (2, 7, 9, 12, 17)]
    assert heights == sorted(heights)


def test_map_is_the_stated_function():
    points = place_points(15)
    x0, x1, y0, y1 = CANONICAL_BOUNDS
    cell = np.array([x0 + 2.5 / 10 * (x1 - x0), y0 + 6.5 / 12 * (y1 - y0)])
    nearest = ((points - cell) ** 2).sum(1).min()
    expected = np.exp(-nearest / (2 * 0.2 ** 2))
    assert place_maps((15,), (12, 10), 0.2)[0, 6, 2] == pytest.approx(expected)


def test_au_without_an_own_row_has_the_place_of_its_region():
    au = 30
    assert au not in AU_PLACES
    face = canonical_face()[list(REGION_PLACES[ACTION_UNITS[au].region])]
    assert {tuple(p) for p in face} <= {tuple(p) for p in place_points(au)}


def test_head_movements_are_seen_everywhere():
    assert (place_maps((53,), (4, 4)) == 1).all()


def test_own_rows_name_aus_and_points_that_exist():
    assert set(AU_PLACES) <= set(ACTION_UNITS)
    points = [p for row in AU_PLACES.values() for p in row]
    points += [p for row in REGION_PLACES.values() for p in row]
    assert 0 <= min(points) and max(points) < 468
    # Left of the midline or on it: the right side is made by mirroring.
    assert canonical_face()[points, 0].max() <= 0


def test_unknown_au_and_radius_are_refused():
    with pytest.raises(ValueError, match='unknown AU 99'):
        place_maps((1, 99), SIZE)
    with pytest.raises(ValueError, match='repeats'):
        place_maps((1, 1), SIZE)
    with pytest.raises(ValueError, match='radius'):
        place_maps((1,), SIZE, radius=0)
