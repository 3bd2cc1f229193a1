# Copyright (c) AULLM-MM contributors.
"""Folds of the field's protocols, and deliberate leaks that must be found."""
from dataclasses import replace

import pytest

from aullm_mm.datasets.annotations import ClipRecord
from aullm_mm.datasets.leaks import check_no_shared_frames, frame_fingerprints
from aullm_mm.datasets.named_protocols import PROTOCOLS, make_folds
from aullm_mm.datasets.protocols import Split
from aullm_mm.datasets.split_file import load_split, save_split, split_hash
from aullm_mm.facs import parse_coded_aus

EMOTIONS = ('disgust', 'happiness', 'surprise', 'others')


def clips(corpus, subjects=5, each=4):
    return [
        ClipRecord(corpus, f's{s}', f'c{i}', 1, 2, 3, 200.0, f'F/s{s}/c{i}', '{}.jpg',
                   parse_coded_aus('4' if i % 2 else '12'), EMOTIONS[i % 4])
        for s in range(subjects) for i in range(each)]


BOTH = clips('casme2') + clips('samm', subjects=3)


@pytest.mark.parametrize('protocol, count', [
    ('loso', 8), ('kfold:4', 4), ('leave-one-corpus-out', 2)])
def test_every_clip_is_tested_once(protocol, count):
    folds = make_folds(protocol, BOTH)
    tested = [record.key for fold in folds for record in fold.split.test]
    assert len(folds) == count and sorted(tested) == sorted(r.key for r in BOTH)
    for fold in folds:
        parts = [getattr(fold.split, p) for p in ('train', 'val', 'test')]
        assert sum(map(len, parts)) == len(BOTH) and all(parts)
        subjects = [{r.subject_key for r in part} for part in parts]
        assert sum(map(len, subjects)) == len(set.union(*subjects))


def test_cross_trains_on_one_corpus_and_tests_on_all_of_the_other():
    fold, = make_folds('cross:casme2->samm', BOTH)
    assert {r.corpus for r in (*fold.split.train, *fold.split.val)} == {'casme2'}
    tested = [r.corpus for r in fold.split.test]
    assert tested == ['samm'] * 12


def test_megc_leaves_out_clips_without_one_of_its_emotions():
    folds = make_folds('megc', BOTH)
    found = [r for fold in folds for r in fold.split.test]
    assert len(folds) == 8 and len(found) == 24
    assert {r.emotion for r in found} == {'disgust', 'happiness', 'surprise'}
    assert all(r.emotion != 'others' for f in folds for r in f.split.train)


def test_order_of_the_tables_does_not_change_the_folds():
    for protocol in ('loso', 'kfold:3', 'cross:casme2->samm', 'megc'):
        hashes = [[split_hash(f.split) for f in make_folds(protocol, records)]
                  for records in (BOTH, BOTH[::-1])]
        assert hashes[0] == hashes[1]


@pytest.mark.parametrize('protocol', [
    'LOSO', 'kfold', 'loso:3', 'cross', 'holdout:5', '', 'megc:3',
    'file', 'file:'])
def test_unknown_protocol_names_the_known_ones(protocol):
    with pytest.raises(ValueError, match='unknown protocol .*leave-one-corpus-out'):
        make_folds(protocol, BOTH)
    assert len(PROTOCOLS) == 6


@pytest.mark.parametrize('protocol, message', [
    ('cross:casme2->smic', r"different corpora .*has \['casme2', 'samm'\]"),
    ('cross:casme2->casme2', 'two different corpora'),
    ('cross:casme2', 'two different corpora'),
    ('kfold:many', "needs a number of folds, as in kfold:5, got 'many'"),
    ('kfold:99', 'cannot make 99 folds of 8 subject'),
    ('kfold:1', 'cannot make 1 folds'),
])
def test_protocol_that_does_not_fit_says_why(protocol, message):
    with pytest.raises(ValueError, match=message):
        make_folds(protocol, BOTH)


def test_leave_one_corpus_out_needs_two_corpora():
    with pytest.raises(ValueError, match="two corpora or more.*'casme2'"):
        make_folds('leave-one-corpus-out', clips('casme2'))


def test_megc_without_emotions_says_so():
    with pytest.raises(ValueError, match='needs clips with an emotion'):
        make_folds('megc', [replace(r, emotion=None) for r in BOTH])


# ---- deliberate leaks --------------------------------------------------------------


def test_leak_of_one_corpus_given_twice_is_found():
    with pytest.raises(ValueError, match=r'8 clip\(s\) are there twice: casme2/s0/c0'):
        make_folds('loso', clips('casme2', 2) + clips('casme2', 2))


def test_leak_of_a_subject_moved_to_the_other_side_is_found():
    split = make_folds('loso', BOTH)[0].split
    with pytest.raises(ValueError, match=r'train and test share 1 subject\(s\)'):
        Split((*split.train, split.test[0]), split.val, split.test[1:])


def test_leak_in_a_split_file_edited_by_hand_is_found(tmp_path):
    split = make_folds('loso', BOTH)[0].split
    path = save_split(split, tmp_path / 'split.json')
    moved = split.test[0].key
    text = path.read_text().replace('"val": [', f'"val": [\n  "{moved}",', 1)
    path.write_text(text)
    with pytest.raises(ValueError, match=f'val and test share 1 subject.*{moved}'):
        load_split(path, BOTH)


def test_leak_of_a_copy_under_another_name_is_found(tmp_path):
    for number, record in enumerate(clips('casme2', 3, 2)):
        folder = tmp_path / record.frame_dir
        folder.mkdir(parents=True)
        (folder / '1.jpg').write_bytes(bytes([number] * 9))
    copies = [replace(r, corpus='generic', subject=f'p{r.subject}')
              for r in clips('casme2', 1, 2)]
    records = [*clips('casme2', 3, 2), *copies]
    prints = frame_fingerprints(records, dict(casme2=tmp_path, generic=tmp_path))
    fold, = make_folds('cross:casme2->generic', records)
    with pytest.raises(ValueError, match=(
            r'2 clip\(s\) are trained on and tested under two names.*'
            r'casme2/s0/c0 is generic/ps0/c0')):
        check_no_shared_frames(fold.split, prints)
    clean = make_folds('loso', clips('casme2', 3, 2))[0]
    check_no_shared_frames(clean.split, prints)


# ---- split files -------------------------------------------------------------------


def test_split_survives_writing_and_reading_with_the_same_bytes(tmp_path):
    split = make_folds('kfold:4', BOTH)[1].split
    one = save_split(split, tmp_path / 'a.json', protocol='kfold:4', fold='2 of 4')
    two = save_split(split, tmp_path / 'b.json', protocol='kfold:4', fold='2 of 4')
    assert one.read_bytes() == two.read_bytes()
    again = load_split(one, BOTH)
    assert split_hash(again) == split_hash(split)
    assert {r.key for r in again.val} == {r.key for r in split.val}


def test_split_file_is_the_only_fold_of_its_protocol(tmp_path):
    split = make_folds('kfold:4', BOTH)[1].split
    path = save_split(split, tmp_path / 'mine.json')
    fold, = make_folds(f'file:{path}', BOTH, seed=3, val_fraction=0.5)
    assert fold.name == 'mine.json' and split_hash(fold.split) == split_hash(split)


def test_bad_split_file_of_a_protocol_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='No split file .*none.json'):
        make_folds(f'file:{tmp_path / "none.json"}', BOTH)
    with pytest.raises(FileNotFoundError, match='No split file'):
        make_folds(f'file:{tmp_path}', BOTH)
    path = save_split(Split((), (), tuple(BOTH)), tmp_path / 'idle.json')
    with pytest.raises(ValueError, match='needs clips in train, .*idle.json has none'):
        make_folds(f'file:{path}', BOTH)


@pytest.mark.parametrize('content, message', [
    ('{', 'is no split file'), ('{"train": []}', 'is no split file'),
    ('[]', 'is no split file'),
    ('{"train": ["x/y/z"], "val": [], "test": []}', r'1 clip\(s\) that the .* lack'),
])
def test_broken_split_file_is_named(tmp_path, content, message):
    (tmp_path / 'split.json').write_text(content)
    with pytest.raises(ValueError, match=f'split.json .*{message}'):
        load_split(tmp_path / 'split.json', BOTH)


def test_missing_split_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='none.json'):
        load_split(tmp_path / 'none.json', BOTH)


@pytest.mark.parametrize('protocol', ['loso', 'kfold:3', 'leave-one-corpus-out'])
def test_training_subjects_are_limited_in_every_fold_and_nothing_else_is(protocol):
    whole = make_folds(protocol, BOTH)
    for few, fold in zip(make_folds(protocol, BOTH, train_subjects=2), whole):
        assert len({r.subject_key for r in few.split.train}) == 2
        assert (few.split.val, few.split.test) == (fold.split.val, fold.split.test)
    with pytest.raises(ValueError, match='train_subjects 9 is out of range'):
        make_folds(protocol, BOTH, train_subjects=9)
