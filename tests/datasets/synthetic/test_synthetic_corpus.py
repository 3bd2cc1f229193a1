# Copyright (c) AULLM-MM contributors.
"""The written corpus has the official layout, and the same bytes each time."""
import hashlib
from pathlib import Path

import cv2
import openpyxl
import pytest

from aullm_mm.datasets.synthetic import (CorpusParameters, describe_existing,
                                         make_corpus)

SMALL = CorpusParameters(subjects=2, clips=2, seed=3)


@pytest.fixture(scope='module')
def corpus(tmp_path_factory) -> Path:
    """A corpus of two clips."""
    return make_corpus(tmp_path_factory.mktemp('made') / 'casme2', SMALL)


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob('*')):
        if path.is_file():
            total.update(path.relative_to(folder).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def test_layout_is_that_of_casme2(corpus):
    book = openpyxl.load_workbook(corpus / 'CASME2-coding-20140508.xlsx')
    table = list(book.active.iter_rows(values_only=True))
    assert table[0] == (
        'Subject', 'Filename', None, 'OnsetFrame', 'ApexFrame', 'OffsetFrame',
        None, 'Action Units', 'Estimated Emotion')
    assert len(table) == 3
    for subject, name, _, onset, _, offset, _, _, _ in table[1:]:
        clip = corpus / 'Cropped' / f'sub{subject:02d}' / name
        frames = {f'reg_img{number}.jpg' for number in range(onset, offset + 1)}
        assert {path.name for path in clip.iterdir()} == frames
        assert cv2.imread(str(clip / f'reg_img{onset}.jpg')).shape == (340, 280, 3)


def test_readme_says_semi_synthetic_and_the_parameters(corpus):
    text = (corpus / 'README.txt').read_text('utf-8')
    assert 'semi-synthetic' in text and '"seed": 3' in text


def test_two_threads_write_the_same_bytes(corpus, tmp_path):
    again = make_corpus(tmp_path / 'casme2', SMALL, jobs=2)
    assert _digest(again) == _digest(corpus)
    assert [path.name for path in tmp_path.iterdir()] == ['casme2']


def test_existing_folder_is_left_alone(corpus):
    before = _digest(corpus)
    with pytest.raises(FileExistsError, match='left alone'):
        make_corpus(corpus, CorpusParameters(subjects=1, clips=1))
    assert _digest(corpus) == before


def test_failure_leaves_nothing_behind(tmp_path, monkeypatch):
    def no_space(*args):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(Path, 'write_bytes', no_space)
    with pytest.raises(OSError, match='No space'):
        make_corpus(tmp_path / 'casme2', CorpusParameters(subjects=1, clips=1))
    assert list(tmp_path.iterdir()) == []


def test_existing_corpus_is_recognised(corpus, tmp_path):
    assert describe_existing(corpus, SMALL) == 'same'
    assert describe_existing(tmp_path, SMALL) == 'other'
    with pytest.raises(ValueError, match='other parameters'):
        describe_existing(corpus, CorpusParameters(subjects=2, clips=2, seed=4))
    with pytest.raises(ValueError, match='other parameters'):
        describe_existing(corpus, CorpusParameters(
            subjects=2, clips=2, seed=3, amplitude=1.0, layout='samm'))


def test_incomplete_corpus_is_not_reused(tmp_path):
    folder = make_corpus(tmp_path / 'c', CorpusParameters(subjects=1, clips=1))
    next(folder.glob('Cropped/*/*/*.jpg')).unlink()
    with pytest.raises(FileNotFoundError, match='make it again'):
        describe_existing(folder, CorpusParameters(subjects=1, clips=1))


@pytest.mark.parametrize('name, value', [
    ('subjects', 0), ('clips', 1), ('seed', -1), ('amplitude', -0.1),
    ('nuisance', float('nan')), ('layout', 'smic')])
def test_impossible_parameters_are_refused(name, value):
    with pytest.raises(ValueError, match=name):
        CorpusParameters(**{'subjects': 2, 'clips': 2, name: value})
