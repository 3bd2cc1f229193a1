# Copyright (c) AULLM-MM contributors.
import numpy as np
import pytest

from aullm_mm.datasets.annotations import ClipRecord
from aullm_mm.datasets.protocols import (Split, check_disjoint, limit_training, loso,
                                         split_by_subject, subject_folds)
from aullm_mm.facs import CodedAU

# AU frequencies as in the CASME II coding table.
RATES = {4: .50, 7: .15, 12: .14, 14: .10, 1: .10, 17: .10, 2: .08, 10: .07, 15: .06}


def make_records(subjects=26, seed=0):
    """Clips of subjects that differ much in clip count and favourite AUs."""
    rng = np.random.default_rng(seed)
    records = []
    for subject in range(subjects):
        taste = {au: rng.gamma(1.0) for au in RATES}
        for clip in range(int(rng.gamma(2.0, 5.0)) + 2):
            aus = [au for au in RATES if rng.random() < RATES[au] * taste[au]]
            records.append(ClipRecord(
                'casme2', f'sub{subject:02d}', f'EP{clip}', 1, 2, 3, 200.0, 'd',
                '{}.jpg', tuple(map(CodedAU, aus or [4]))))
    return records


def subjects_of(records):
    return {record.subject_key for record in records}


def test_folds_partition_the_subjects():
    records = make_records()
    folds = subject_folds(records, 5)
    assert len(folds) == 5 and all(folds)
    assert sum(map(len, folds)) == 26
    assert frozenset().union(*folds) == subjects_of(records)


@pytest.mark.parametrize('seed', range(3))
def test_folds_are_balanced_and_show_the_frequent_aus(seed):
    records = make_records(seed=seed)
    folds = subject_folds(records, 5, seed)
    parts = [[r for r in records if r.subject_key in fold] for fold in folds]
    sizes = [len(part) for part in parts]
    assert max(sizes) < 1.8 * min(sizes)
    for au in RATES:
        if len(subjects_of(r for r in records if r.label(au) == 1)) >= 8:
            assert all(any(r.label(au) == 1 for r in part) for part in parts), au


def test_folds_beat_a_plain_shuffle_in_au_balance():
    records = make_records(seed=7)

    def spread(folds):
        counts = np.array([[sum(r.label(au) == 1 for r in records
                                if r.subject_key in fold) for au in RATES]
                           for fold in folds])
        return (counts.std(axis=0) / counts.mean(axis=0)).mean()

    names = sorted(subjects_of(records))
    plain = []
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(names)
        plain.append(spread([set(order[k::5]) for k in range(5)]))
    assert spread(subject_folds(records, 5)) < 0.7 * np.mean(plain)


def test_folds_follow_the_seed_and_not_the_order_of_clips():
    records = make_records()
    assert subject_folds(records, 5, 1) == subject_folds(records[::-1], 5, 1)
    assert subject_folds(records, 5, 1) != subject_folds(records, 5, 2)


def test_every_subject_may_be_its_own_fold():
    assert sorted(map(len, subject_folds(make_records(6), 6))) == [1] * 6


def test_split_covers_all_clips_with_disjoint_subjects():
    records = make_records()
    tested = []
    for fold in range(5):
        split = split_by_subject(records, 5, fold, seed=3)
        parts = split.train, split.val, split.test
        assert sum(map(len, parts)) == len(records)
        assert sum(len(subjects_of(part)) for part in parts) == 26
        assert split.val and len(split.train) > len(split.val)
        tested += split.test
    assert sorted(r.key for r in tested) == sorted(r.key for r in records)


def test_validation_share_is_about_what_was_asked_for():
    records = make_records()
    split = split_by_subject(records, val_fraction=0.25)
    share = len(split.val) / (len(split.val) + len(split.train))
    assert 0.15 < share < 0.35
    assert split_by_subject(records, val_fraction=0).val == ()


@pytest.mark.parametrize('changes, message', [
    (dict(fold=5), r'fold 5 is out of range.*0 to 4'), (dict(fold=-1), 'fold -1'),
    (dict(n_folds=7), '7 folds of 6 subject'), (dict(n_folds=1), '1 folds'),
    (dict(val_fraction=0.9), 'val_fraction 0.9')])
def test_impossible_split_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        split_by_subject(make_records(6), **changes)


def test_two_subjects_leave_none_for_validation():
    records = make_records(2)
    with pytest.raises(ValueError, match='val_fraction=0'):
        split_by_subject(records, n_folds=2)
    assert split_by_subject(records, n_folds=2, val_fraction=0).train


def test_leak_is_refused_with_subjects_and_clips():
    records = make_records(3)
    with pytest.raises(ValueError) as error:
        check_disjoint(train=records[:-1], val=(), test=records[-2:])
    shared = records[-2]
    for part in ('train and test', shared.subject_key, shared.key):
        assert part in str(error.value)


def test_split_cannot_be_built_with_a_leak():
    records = tuple(make_records(3))
    with pytest.raises(ValueError, match='train and val'):
        Split(records[:-1], records[-1:], ())


def test_loso_tests_every_subject_once():
    records = make_records(6)
    splits = loso(records)
    assert [subjects_of(s.test) for s in splits] == [
        {name} for name in sorted(subjects_of(records))]
    assert all(len(subjects_of(s.train) | subjects_of(s.val)) == 5 for s in splits)
    with pytest.raises(ValueError, match='two subjects'):
        loso(make_records(1))


def test_fewer_training_subjects_are_nested_and_leave_the_other_parts_alone():
    records = make_records()
    whole = split_by_subject(records, 3, 1)
    splits = [split_by_subject(records, 3, 1, train_subjects=k) for k in (2, 5, 10)]
    sizes = [subjects_of(split.train) for split in splits]
    assert list(map(len, sizes)) == [2, 5, 10]
    assert sizes[0] < sizes[1] < sizes[2] < subjects_of(whole.train)
    for split, kept in zip(splits, sizes):
        assert (split.val, split.test) == (whole.val, whole.test)
        assert split.train == tuple(r for r in whole.train if r.subject_key in kept)


def test_the_seed_draws_the_training_subjects():
    split = split_by_subject(make_records(), 3)
    drawn = {frozenset(subjects_of(limit_training(split, 4, seed).train))
             for seed in range(5)}
    assert len(drawn) > 1


@pytest.mark.parametrize('count', [0, -1, 99, 2.0, '3', True])
def test_an_impossible_number_of_training_subjects_is_refused(count):
    with pytest.raises(ValueError, match='train_subjects .* must be 1 to'):
        split_by_subject(make_records(), 3, train_subjects=count)
