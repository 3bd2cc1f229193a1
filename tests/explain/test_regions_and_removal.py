# Copyright (c) AULLM-MM contributors.
"""Regions lie where their names say, and only their movement goes."""
import numpy as np
import pytest
import torch

from aullm_mm.explain import FACE_REGIONS, region_masks
from aullm_mm.explain.regions import canonical_masks, face_cells, place_masks
from aullm_mm.explain.removal import (
    exchange_movement,
    input_kind,
    remove_movement,
    still,
)

NAMES = [str(region) for region in FACE_REGIONS]


def centre(name, masks):
    mask = masks[NAMES.index(name)]
    cells = face_cells(mask.shape)
    return (mask[..., None] * cells).sum((0, 1)) / mask.sum()


def test_regions_lie_where_their_names_say():
    masks = region_masks((52, 48))
    x, y = zip(*(centre(name, masks) for name in (
        'brow of both sides', 'eye of both sides', 'nose', 'mouth of both sides',
        'chin')))
    assert list(y) == sorted(y) and np.abs(x).max() < 0.02
    for part in ('brow', 'eye', 'cheek', 'mouth'):
        left, right = (centre(f'{side} {part}', masks) for side in ('left', 'right'))
        # The person's left is on the right of the picture.
        assert left[0] > 0.1 and np.allclose(left, right * [-1, 1], atol=0.02)
        both = masks[NAMES.index(f'{part} of both sides')]
        parts = sum(masks[NAMES.index(f'{side} {part}')] for side in ('left', 'right'))
        assert np.allclose(both, parts, atol=1e-5)


def test_parts_share_no_cell_and_leave_the_background():
    masks = region_masks((64, 64))[:10]
    assert masks.min() >= 0 and masks.sum(0).max() < 1.001
    assert masks[:, -1, [0, -1]].max() < 0.1  # corners beside the chin
    assert (masks.sum(axis=(1, 2)) > 30).all()


def test_masks_are_kept_and_cannot_be_changed():
    assert canonical_masks((16, 16)) is canonical_masks((16, 16))
    with pytest.raises(ValueError):
        canonical_masks((16, 16))[0, 0, 0] = 1


def test_evidence_of_an_au_is_at_its_places():
    brow, mouth = place_masks((4, 12), (26, 24))
    assert brow[:13].sum() > 3 * brow[13:].sum()
    assert mouth[13:].sum() > 3 * mouth[:13].sum()


@pytest.mark.parametrize('shape,segments,kind', [
    ((1, 3, 8, 8), False, 'flow'), ((1, 9, 8, 8), False, 'frames+flow'),
    ((1, 1, 6, 8, 8), False, 'frames'), ((2, 3, 8, 8), True, 'segments')])
def test_removal_leaves_the_rest_and_stills_the_region(shape, segments, kind):
    inputs = torch.randn(2, *shape)
    assert input_kind(inputs[0], segments) == kind
    mask = torch.zeros(2, 8, 8)
    mask[:, :4] = 1
    changed = remove_movement(inputs, mask, kind)
    assert torch.equal(changed[..., 4:, :], inputs[..., 4:, :])
    assert torch.allclose(changed[..., :4, :], still(inputs, kind)[..., :4, :])
    whole = remove_movement(inputs, torch.ones(2, 8, 8), kind)
    assert torch.allclose(whole, remove_movement(whole, mask, kind), atol=1e-6)
    if kind == 'frames':
        assert (changed[:, 0, :, :, :4] == inputs[:, 0, :, :1, :4]).all()
    if kind == 'frames+flow':
        assert changed[:, 0, 6:, :4].eq(0).all()
        assert torch.allclose(changed[:, 0, :6, :4], inputs[:, 0, :1, :4])


def test_exchange_takes_the_movement_and_not_the_face():
    own, other = torch.randn(1, 1, 1, 6, 8, 8), torch.randn(1, 1, 1, 6, 8, 8)
    changed = exchange_movement(own, other, torch.ones(1, 8, 8), 'frames')
    assert torch.allclose(changed[:, :, :, 0], own[:, :, :, 0], atol=1e-6)
    moved = changed - changed[:, :, :, :1]
    assert torch.allclose(moved, other - other[:, :, :, :1], atol=1e-5)
    same = exchange_movement(own, other, torch.zeros(1, 8, 8), 'frames')
    assert torch.equal(same, own)


def test_shapes_that_are_no_clip_are_named():
    with pytest.raises(ValueError, match=r'one view.*\(3, 64\)'):
        input_kind(torch.rand(3, 64))
