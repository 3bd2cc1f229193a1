# Copyright (c) AULLM-MM contributors.
"""MMEW, 4DME and SMIC: what is peculiar to their releases."""
import sys
from pathlib import Path

import pytest

from aullm_mm.datasets.annotations import label_matrix
from aullm_mm.datasets.corpora import format_report, read_corpus
from aullm_mm.facs import CodedAU

sys.path.insert(0, str(Path(__file__).parent))
from corpus_releases import (write_4dme, write_images, write_mmew,  # noqa: E402
                             write_smic)


def by_key(table):
    return {f'{record.subject}/{record.clip}': record for record in table.records}


def test_mmew_clip_is_found_under_its_emotion_or_any_other(tmp_path):
    records = by_key(read_corpus('mmew', write_mmew(tmp_path)))
    happy, other = records['S01/S01-01-001'], records['S02/S02-07-002']
    assert happy.frame_path(1) == 'Micro_Expression/happiness/S01-01-001/1.jpg'
    assert other.frame_dir == 'Micro_Expression/repression/S02-07-002'
    assert other.emotion == 'others' and other.fps == 90.0


def test_mmew_apex_and_offset_beyond_the_frames_are_mended_by_rule(tmp_path):
    table = read_corpus('mmew', write_mmew(tmp_path))
    record = by_key(table)['S02/S02-07-003']
    assert (record.onset, record.apex, record.offset) == (1, 6, 12)
    assert {row['name'] for row in table.report['repairs']} == {
        'apex-to-middle', 'boundary-to-frame'}


def test_4dme_held_au_is_kept_but_counts_as_absent(tmp_path):
    table = read_corpus('4dme', write_4dme(tmp_path))
    record = by_key(table)['sub1/clip_01']
    assert record.aus == (CodedAU(4, static=True), CodedAU(7, 'L'))
    assert [record.label(au) for au in (4, 7, 12)] == [0.0, 1.0, 0.0]
    assert by_key(table)['sub1/clip_02'].aus == (
        CodedAU(2, 'R'), CodedAU(12, static=True), CodedAU(45))


def test_4dme_clips_of_one_name_stay_apart_by_subject(tmp_path):
    records = by_key(read_corpus('4dme', write_4dme(tmp_path)))
    assert {'sub1/clip_01', 'sub2/clip_01'} <= records.keys()
    assert records['sub2/clip_01'].frame_path(5) == \
        'gray_micro/sub2/clip_01/frame0005.jpg'


def test_smic_emotion_is_the_folder_and_every_au_is_unknown(tmp_path):
    table = read_corpus('smic', write_smic(tmp_path))
    record = by_key(table)['s01/s01_ne_01']
    assert record.emotion == 'negative' and record.coded_aus == ()
    assert (record.onset, record.apex, record.offset) == (98, None, 105)
    assert record.frame_path(98).endswith('negative/s01_ne_01/image000098.jpg')
    assert (label_matrix(table.records, (1, 4, 12)) == -1).all()
    assert table.report['aus'] == {} and len(table.records) == 4
    assert 'Action Units' not in format_report(table)


@pytest.mark.parametrize('folder', ['HS', 'SMIC_all_cropped/HS'])
def test_smic_is_found_in_its_other_places(folder, tmp_path):
    write_images(tmp_path / folder / 's03/micro/positive/s03_po_01', range(1, 5))
    record, = read_corpus('smic', tmp_path).records
    assert record.frame_dir == f'{folder}/s03/micro/positive/s03_po_01'


def test_smic_folder_of_no_emotion_and_empty_clip_are_dropped(tmp_path):
    root = write_smic(tmp_path)
    write_images(root / 'SMIC/HS/s01/micro/bored/s01_bo_01', range(3))
    write_images(root / 'SMIC/HS/s01/micro/positive/s01_po_02', ())
    reasons = {row['clip']: row['reason']
               for row in read_corpus('smic', root).report['dropped']}
    assert 'bored/ is none of negative, positive' in reasons['s01/s01_bo_01']
    assert 'it is empty' in reasons['s01/s01_po_02']


def test_smic_table_follows_the_folders(tmp_path):
    root = write_smic(tmp_path)
    before = read_corpus('smic', root).source['sha256']
    write_images(root / 'SMIC/HS/s02/micro/positive/s02_po_09', range(1, 5))
    assert read_corpus('smic', root).source['sha256'] != before
