# Copyright (c) AULLM-MM contributors.
"""Interventions on maps by face region: what is kept, whose answer is known."""
import pytest
import torch

from aullm_mm.faces.au_places import AU_PLACES
from aullm_mm.models.heads.interventions import GRID, REACH, FaceRegions

AUS = (1, 2, 4, 7, 12, 14, 15, 17)
FAR = (1, 12)  # brow and mouth, hardly one cell in common


def constant(batch, size=(GRID, GRID), frames=1):
    """One map whose every value is the number of its clip."""
    clips = torch.arange(batch).float().view(-1, 1, 1, 1, 1)
    return clips.expand(batch, 3, frames, *size)


def vector(batch):
    return torch.arange(batch).float()[:, None].expand(batch, 5)


def changed_by(name, labels, aus=AUS):
    """The counterfactual of constant maps, what was kept, and each clip's donor."""
    batch = len(labels)
    changed = FaceRegions(aus).intervene(
        name, (constant(batch),), vector(batch), labels)
    found = changed.maps[0][:, 0, 0]  # (B, 30, 30)
    own = torch.arange(batch).view(-1, 1, 1)
    kept = found == own
    other = torch.where(kept, -1, found).amax(dim=(1, 2)).long()
    donor = torch.where(other < 0, torch.arange(batch), other)
    assert ((found == own) | (found == donor.view(-1, 1, 1))).all()
    return changed, kept, donor


def coverage_of(kept, aus=AUS):
    """Share of each AU's place map that lies within what was kept."""
    places = FaceRegions(aus).places
    return (places * kept[:, None]).sum((2, 3)) / places.sum((1, 2))


def halves(batch, where='upper'):
    mask = torch.zeros(batch, GRID, GRID)
    if where == 'upper':
        mask[:, :GRID // 2] = 1
    else:
        mask[:, :, :GRID // 2] = 1
    return mask


def by_mask(mask, labels, aus=FAR, seed=0, maps=None):
    """Intervene on the context with a mask made by hand."""
    regions = FaceRegions(aus)
    regions._keep_some = lambda batch: mask
    torch.manual_seed(seed)
    maps = (constant(len(labels)),) if maps is None else maps
    return regions.intervene('context', maps, vector(len(labels)), labels)


def test_context_keeps_the_places_of_some_aus_and_takes_the_rest_from_another_clip():
    labels = torch.randint(2, (200, 2)).float()
    changed, kept, donor = changed_by('context', labels, FAR)
    brow, mouth = FaceRegions(FAR).places
    seen = set()
    for i in (donor != torch.arange(200)).nonzero().flatten().tolist():
        brow_kept, mouth_kept = kept[i][brow > 0.3], kept[i][mouth > 0.3]
        assert len(brow_kept.unique()) == len(mouth_kept.unique()) == 1
        which = bool(brow_kept[0]), bool(mouth_kept[0])
        seen.add(which)
        assert changed.same[i].tolist() == list(which)
        for n, own in enumerate(which):
            assert changed.labels[i, n] == labels[i if own else donor[i], n]
    assert seen == {(True, False), (False, True), (False, False)}


@pytest.mark.parametrize('name', ['context', 'evidence'])
def test_an_answer_must_stay_only_where_the_places_of_the_au_were_kept(name):
    labels = torch.randint(2, (64, len(AUS))).float()
    changed, kept, donor = changed_by(name, labels)
    coverage = coverage_of(kept)
    decided = (donor != torch.arange(64))[:, None] & (abs(coverage - 0.75) > 1e-4)
    assert torch.equal(changed.same[decided], (coverage >= 0.75)[decided])
    assert 0.1 < changed.same.float().mean() < 0.9
    exchanged = decided & (coverage < 0.2499)
    between = decided & (coverage > 0.2501) & (coverage < 0.7499)
    other = labels[donor]
    assert torch.equal(changed.labels[exchanged], other[exchanged])
    want = torch.where(labels == other, labels, torch.tensor(-1.0))
    assert torch.equal(changed.labels[between], want[between])
    own = decided & changed.same
    assert torch.equal(changed.labels[own], labels[own])


def test_labels_of_hand_made_masks_are_own_donors_or_unknown():
    labels = torch.tensor([[1.0, 1.0], [0.0, 0.0]])  # the donor is the other clip
    seed = next(s for s in range(9) if torch.manual_seed(s)
                and torch.randperm(2).tolist() == [1, 0])
    upper = by_mask(halves(2), labels, seed=seed)
    assert upper.labels.tolist() == [[1, 0], [0, 1]]
    assert upper.same.tolist() == [[True, False]] * 2
    left = by_mask(halves(2, 'left'), labels, seed=seed)
    assert left.labels.tolist() == [[-1, -1]] * 2 and not left.same.any()
    alike = by_mask(halves(2, 'left'), torch.tensor([[1.0, -1], [1, -1]]), seed=seed)
    assert alike.labels.tolist() == [[1, -1]] * 2 and not alike.same.any()
    unknown = torch.tensor([[-1.0, -1.0], [1.0, 0.0]])
    assert by_mask(halves(2), unknown, seed=seed).labels.tolist() == [[-1, 0], [1, -1]]
    whole = by_mask(torch.ones(2, GRID, GRID), labels, seed=seed)
    assert whole.same.all() and torch.equal(whole.labels, labels)
    assert torch.equal(whole.maps[0], constant(2))


def test_evidence_takes_the_places_of_a_present_au_out():
    labels = torch.eye(len(AUS)).repeat(20, 1)
    changed, kept, donor = changed_by('evidence', labels)
    shown = labels.argmax(1)
    places = FaceRegions(AUS).places[shown]
    really = donor != torch.arange(len(labels))
    out = ~(kept & (places > 0.9)).any(dim=2).any(dim=1)  # as its peak was taken
    assert out[really].float().mean() > 0.97  # another one in one draw of 150
    hit = really & out & (shown != shown[donor])
    assert (changed.labels[hit, shown[hit]] == 0).all()
    assert not changed.same[hit, shown[hit]].any()


@pytest.mark.parametrize('au', AUS)
def test_aus_far_from_what_was_taken_out_stay_the_same(au):
    labels = torch.zeros(40, len(AUS))
    labels[:, AUS.index(au)] = 1
    changed, _, donor = changed_by('evidence', labels)
    far = [12, 14, 15, 17] if au in (1, 2, 4, 7) else [1, 2, 4]
    near = AUS.index(au)
    really = donor != torch.arange(40)
    share = changed.same[really].float().mean(0)
    assert share[[AUS.index(n) for n in far]].min() > 0.9 and share[near] < 0.1


def test_every_au_of_facs_can_be_taken_out_of_a_face():
    """Its label is then the donor's, not unknown."""
    aus = tuple(sorted(AU_PLACES))
    regions = FaceRegions(aus)
    coverage = regions._coverage((regions.places <= REACH).float())
    assert coverage.diagonal().max() <= 1 - regions.kept


def test_where_no_au_is_present_any_of_them_is_taken_out():
    _, kept, donor = changed_by('evidence', torch.zeros(200, 2), FAR)
    coverage = coverage_of(kept, FAR)[donor != torch.arange(200)]
    assert ((coverage < 0.25).sum(1) == 1).all()
    assert 0.3 < (coverage[:, 0] < 0.25).float().mean() < 0.7


@pytest.mark.parametrize('name', ['context', 'evidence'])
def test_the_vector_of_the_whole_face_is_mixed_by_area(name):
    changed, *_ = changed_by(name, torch.randint(2, (16, len(AUS))).float())
    mean = changed.maps[0].mean(dim=(2, 3, 4))[:, :1]
    assert torch.allclose(changed.high, mean.expand(-1, 5), atol=1e-4)


def test_maps_of_any_size_and_of_several_levels_are_mixed_alike():
    sizes = ((GRID, GRID), (10, 10), (7, 9), (56, 56), (1, 1))
    maps = tuple(constant(4, size, frames) for size in sizes for frames in (1, 3))
    mask = halves(4)
    changed = by_mask(mask, torch.zeros(4, 2), maps=maps)
    torch.manual_seed(0)
    donor = torch.randperm(4)
    share = mask.mean()
    for before, after in zip(maps, changed.maps):
        assert after.shape == before.shape
        assert torch.equal(after, after[:, :1, :1].expand_as(after))
        middle = share * before + (1 - share) * before[donor]
        assert torch.allclose(after.mean((3, 4)), middle.mean((3, 4)), atol=1e-4)
        if before.shape[3] > 1:
            assert torch.equal(after[..., 0, :], before[..., 0, :])
            assert torch.equal(after[..., -1, :], before[donor][..., -1, :])


def test_maps_are_not_written_into_and_pass_gradients_on():
    maps = torch.randn(6, 3, 2, 10, 10, requires_grad=True)
    high = torch.randn(6, 5, requires_grad=True)
    before, labels = maps.detach().clone(), torch.randint(2, (6, len(AUS))).float()
    kept_labels = labels.clone()
    for name in ('context', 'evidence'):
        maps.grad = high.grad = None
        changed = FaceRegions(AUS).intervene(name, (maps,), high, labels)
        (changed.maps[0].sum() + changed.high.sum()).backward()
        # Each value comes from one clip or another, none from both and none is lost.
        assert maps.grad.sum().item() == pytest.approx(maps.numel(), rel=1e-5)
        assert high.grad.sum().item() == pytest.approx(high.numel(), rel=1e-5)
    assert torch.equal(maps, before) and torch.equal(labels, kept_labels)


def test_a_batch_of_one_clip_is_left_as_it_is():
    maps, labels = torch.randn(1, 3, 1, 10, 10), torch.ones(1, len(AUS))
    for name in ('context', 'evidence'):
        changed = FaceRegions(AUS).intervene(name, (maps,), vector(1), labels)
        assert torch.allclose(changed.maps[0], maps, atol=1e-6)
        assert torch.equal(changed.labels, labels)


def test_regions_are_in_no_checkpoint():
    assert FaceRegions(AUS).state_dict() == {}
