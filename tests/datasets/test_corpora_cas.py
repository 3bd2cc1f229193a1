# Copyright (c) AULLM-MM contributors.
"""CASME, CAS(ME)^2 and CAS(ME)^3: what is peculiar to their releases."""
import shutil
import sys
from pathlib import Path

import pytest

from aullm_mm.datasets.annotations import label_matrix
from aullm_mm.datasets.corpora import format_report, read_corpus
from aullm_mm.facs import CodedAU

sys.path.insert(0, str(Path(__file__).parent))
from corpus_releases import (A_HEADER, A_SHEET, CASME3A, SQ, SQ_SHEET,  # noqa: E402
                             SQ_STIMULI, SQ_SUBJECTS, write_casme, write_casme3a,
                             write_casme3c, write_casme_sq, write_images, write_sheets)


def by_key(table):
    return {f'{record.subject}/{record.clip}': record for record in table.records}


def test_casme_takes_the_second_apex_where_the_first_is_none(tmp_path):
    records = by_key(read_corpus('casme', write_casme(tmp_path)))
    assert records['sub01/EP01_5'].apex == 12  # both are coded
    assert records['sub01/EP03_2'].apex == 23
    assert records['sub02/EP08_3'].apex == 12  # the middle: neither is
    assert records['sub01/EP01_5'].fps == 60.0


def test_casme_keeps_the_names_of_its_images(tmp_path):
    record = by_key(read_corpus('casme', write_casme(tmp_path)))['sub01/EP01_5']
    assert record.frame_path(10) == 'CASME_raw_selected/sub01/EP01_5/EP01_5-010.jpg'


def test_casme_sq_reads_micro_expressions_alone_by_default(tmp_path):
    root = write_casme_sq(tmp_path)
    table = read_corpus('casme_sq', root)
    assert sorted(by_key(table)) == ['s15/anger1_1', 's15/happy1_1', 's16/happy1_3']
    assert 's15/anger1_2: macro-expression' in format_report(table)
    table = read_corpus('casme_sq', root, skip_repairs=['micro-only'])
    assert 's15/anger1_2' in by_key(table)


def test_casme_sq_finds_recordings_by_its_naming_sheets(tmp_path):
    records = by_key(read_corpus('casme_sq', write_casme_sq(tmp_path)))
    path = records['s15/anger1_1'].frame_path(557)
    assert path == 'rawpic/s15/15_0401girlcrashing/img557.jpg'
    path = records['s16/happy1_3'].frame_path(12)
    assert path == 'rawpic/s16/16_0502funny/img012.jpg'
    assert records['s15/happy1_1'].emotion == 'positive'


def test_casme_sq_offset_of_zero_is_unknown(tmp_path):
    report = read_corpus('casme_sq', write_casme_sq(tmp_path)).report
    reasons = {row['clip']: row['reason'] for row in report['dropped']}
    assert reasons['s16/anger1_1'] == 'no valid offset frame is coded'


@pytest.mark.parametrize('sheet', ['CASFEcode_final', 'CASMEcode_final', 'Tabelle1'])
def test_casme_sq_sheet_is_found_under_each_of_its_names(sheet, tmp_path):
    assert len(read_corpus('casme_sq', write_casme_sq(tmp_path, sheet)).records) == 3


def test_casme_sq_without_a_naming_sheet_names_the_sheets_found(tmp_path):
    root = write_casme_sq(tmp_path)
    write_sheets(root / SQ_SHEET, {'CASFEcode_final': SQ, 'naming rule1': SQ_SUBJECTS})
    with pytest.raises(ValueError, match="no sheet 'naming rule2'; found .*CASFEcode"):
        read_corpus('casme_sq', root)


def test_casme_sq_clip_that_the_naming_sheets_lack_is_dropped(tmp_path):
    root = write_casme_sq(tmp_path)
    write_sheets(root / SQ_SHEET, {
        'CASFEcode_final': SQ, 'naming rule1': SQ_SUBJECTS[:1],
        'naming rule2': SQ_STIMULI[:1]})
    dropped = read_corpus('casme_sq', root).report['dropped']
    reasons = {row['clip']: row['reason'] for row in dropped}
    assert "row 5 is not in the sheet 'naming rule1'" in reasons['2/happy1_3']
    assert "row 3 is not in the sheet 'naming rule2'" in reasons['1/happy1_1']


def test_casme_sq_clips_cut_out_of_their_recordings_are_found(tmp_path):
    root = write_casme_sq(tmp_path)
    shutil.rmtree(root / 'rawpic')
    write_images(root / 'selectedpic/s15/anger1_1', range(557, 566), 'img{}.jpg')
    record, = read_corpus('casme_sq', root).records
    assert record.frame_path(557) == 'selectedpic/s15/anger1_1/img557.jpg'


def test_casme3a_names_clips_by_recording_and_onset(tmp_path):
    records = by_key(read_corpus('casme3a', write_casme3a(tmp_path)))
    assert sorted(records) == ['spNO.1/a_166', 'spNO.1/a_200', 'spNO.1/b_12',
                               'spNO.2/d_50']
    assert records['spNO.1/a_166'].frame_path(166) == 'part_A/spNO.1/a/color/166.jpg'
    assert records['spNO.1/a_200'].aus == (CodedAU(1), CodedAU(2))


def test_casme3a_recording_in_capitals_finds_its_folder(tmp_path):
    root = write_casme3a(tmp_path)
    (root / 'part_A/spNO.1/b').rename(root / 'part_A/spNO.1/B')
    record = by_key(read_corpus('casme3a', root))['spNO.1/b_12']
    assert record.frame_dir == 'part_A/spNO.1/B/color'


def test_casme3a_clip_without_aus_is_dropped(tmp_path):
    report = read_corpus('casme3a', write_casme3a(tmp_path)).report
    reasons = {row['clip']: row['reason'] for row in report['dropped']}
    assert reasons['spNO.2/c_30'].startswith('empty AU cell')


def test_casme3a_hidden_faces_are_left_out_unless_asked_for(tmp_path):
    root = write_casme3a(tmp_path)
    table = read_corpus('casme3a', root)
    reasons = {row['clip']: row['reason'] for row in table.report['dropped']}
    assert 'a hand hides the face (repair hand-occlusion' in reasons['spNO.184/k_5']
    assert 'spNO.215/l_*: hand-occlusion not applied' in format_report(table)
    table = read_corpus('casme3a', root, skip_repairs=['hand-occlusion'])
    assert 'spNO.184/k_5' in by_key(table)


def test_casme3a_release_of_single_clips_is_read(tmp_path):
    write_sheets(tmp_path / A_SHEET, {'label': [A_HEADER, *CASME3A[:2]]})
    for row in CASME3A[:2]:
        write_images(tmp_path / f'Part_A_ME_clip/frame/{row[0]}_{row[1]}_{row[2]}',
                     range(row[2], row[4] + 1))
    record = by_key(read_corpus('casme3a', tmp_path))['spNO.1/a_200']
    assert record.frame_dir == 'Part_A_ME_clip/frame/spNO.1_a_200'


def test_casme3c_reads_commas_of_both_widths_and_has_no_apex(tmp_path):
    table = read_corpus('casme3c', write_casme3c(tmp_path))
    records = by_key(table)
    assert records['01/1_10'].aus == (CodedAU(4), CodedAU(7))
    assert records['01/2_30'].aus == (CodedAU(1), CodedAU(2))
    assert {record.apex for record in table.records} == {None}
    assert {record.emotion for record in table.records} == {None}
    assert table.report['repairs'] == []
    assert 'codes no apex' in format_report(table)
    assert label_matrix(table.records, (4, 7)).tolist() == [[1, 1], [0, 0], [1, 0],
                                                            [0, 0]]
