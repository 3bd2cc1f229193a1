# Copyright (c) AULLM-MM contributors.
import os
import sys
from pathlib import Path

import pytest

from aullm_mm.datasets.annotations import load_table
from aullm_mm.datasets.corpora import ensure_annotations, read_corpus
from aullm_mm.facs import CodedAU

sys.path.insert(0, str(Path(__file__).parent))
from corpus_releases import (GENERIC, GENERIC_HEADER, write_csv,  # noqa: E402
                             write_generic, write_images)

NAMES = dict(zip(GENERIC_HEADER, range(len(GENERIC_HEADER))))


def read_changed(root, **cells):
    """The corpus with cells of its first row changed."""
    first = list(GENERIC[0])
    for name, value in cells.items():
        first[NAMES[name]] = value
    write_generic(root)
    return read_corpus('generic', write_csv(root, (first, *GENERIC[1:])))


def by_key(table):
    return {f'{record.subject}/{record.clip}': record for record in table.records}


def test_every_column_reaches_the_record(tmp_path):
    records = by_key(read_corpus('generic', write_generic(tmp_path)))
    smile = records['ann/smile']
    assert (smile.onset, smile.apex, smile.offset, smile.fps) == (1, 4, 8, 25.0)
    assert smile.aus == (CodedAU(6), CodedAU(12, intensity='B'))
    assert smile.emotion == 'happiness'
    assert smile.frame_path(4) == 'frames/ann/smile/f004.jpg'
    assert records['bob/frown'].fps == 29.97


def test_template_is_found_where_it_is_left_empty(tmp_path):
    records = by_key(read_corpus('generic', write_generic(tmp_path)))
    assert records['ann/rest'].frame_template == 'p{}.jpg'


def test_clip_in_which_no_au_moved_is_kept(tmp_path):
    record = by_key(read_corpus('generic', write_generic(tmp_path)))['ann/rest']
    assert record.aus == () and record.label(4) == 0.0


def test_optional_columns_may_be_left_out(tmp_path):
    write_generic(tmp_path)
    keep = [NAMES[n] for n in GENERIC_HEADER
            if n not in ('apex', 'emotion', 'frame_template')]
    write_csv(tmp_path, [[row[i] for i in keep] for row in GENERIC],
              [GENERIC_HEADER[i] for i in keep])
    records = by_key(read_corpus('generic', tmp_path))
    assert records['ann/smile'].frame_template == 'f{:03d}.jpg'
    assert records['ann/smile'].emotion is None and records['ann/smile'].apex == 4


def test_semicolons_separate_as_well(tmp_path):
    write_csv(write_generic(tmp_path), delimiter=';')
    assert len(read_corpus('generic', tmp_path).records) == 3


@pytest.mark.parametrize('cells, reason', [
    ({'fps': ''}, "row 2: fps is ''"), ({'fps': 'fast'}, "fps is 'fast'"),
    ({'fps': '-1'}, "fps is '-1'"), ({'fps': 'nan'}, "fps is 'nan'"),
    ({'frame_dir': ''}, "frame_dir is ''"),
    ({'frame_dir': '/etc'}, "frame_dir is '/etc'"),
    ({'frame_dir': '../x'}, "frame_dir is '../x'"),
    ({'frame_dir': 'frames/none'}, 'no frame folder frames/none'),
    ({'frame_template': 'img.jpg'}, "'img.jpg' needs one pair of braces"),
    ({'frame_template': '{frame}.jpg'}, 'needs one pair of braces'),
    ({'frame_template': '{}_{}.jpg'}, 'needs one pair of braces'),
    ({'frame_template': 'g{}.jpg'}, '0 usable frame'),
    ({'onset': 9}, 'onset 9 after offset 8'), ({'onset': 'x'}, 'no valid onset'),
    ({'aus': ''}, 'empty AU cell'), ({'aus': '6-12'}, "'6-12'"),
    ({'subject': ''}, 'row 2 lacks its subject')])
def test_faulty_row_is_dropped_with_its_reason(cells, reason, tmp_path):
    table = read_changed(tmp_path, **cells)
    row, = table.report['dropped']
    assert reason in row['reason'] and len(table.records) == 2


def test_missing_column_is_named_beside_those_wanted(tmp_path):
    write_csv(tmp_path, GENERIC, ['person', *GENERIC_HEADER[1:]])
    with pytest.raises(ValueError, match=r"missing column\(s\) \['subject'\]; found "
                                         r".*'person'.* may be left out"):
        read_corpus('generic', tmp_path)


def test_file_that_is_no_utf8_is_named(tmp_path):
    write_generic(tmp_path)
    (tmp_path / 'clips.csv').write_bytes(b'subject,clip\nJos\xe9,a\n')
    with pytest.raises(ValueError, match='clips.csv is no UTF-8 text'):
        read_corpus('generic', tmp_path)


def test_clip_with_two_differing_rows_is_an_error(tmp_path):
    write_generic(tmp_path)
    write_csv(tmp_path, (*GENERIC, (*GENERIC[0][:5], '4', *GENERIC[0][6:])))
    with pytest.raises(ValueError, match=r'ann/smile \(rows 2, 5\)'):
        read_corpus('generic', tmp_path)


def test_frames_added_later_are_noticed(tmp_path):
    write_csv(write_generic(tmp_path), [(*GENERIC[0][:4], 9, *GENERIC[0][5:])])
    path = ensure_annotations('generic', tmp_path)
    assert load_table(path).records[0].offset == 8
    folder = write_images(tmp_path / 'frames/ann/smile', [9], 'f{:03d}.jpg')
    later = path.stat().st_mtime_ns + 10**9
    os.utime(folder, ns=(later, later))
    assert load_table(ensure_annotations('generic', tmp_path)).records[0].offset == 9
