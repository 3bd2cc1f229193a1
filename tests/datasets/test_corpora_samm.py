# Copyright (c) AULLM-MM contributors.
import sys
from pathlib import Path

import pytest

from aullm_mm.datasets.corpora import format_report, read_corpus
from aullm_mm.datasets.synthetic import CorpusParameters, make_corpus
from aullm_mm.facs import CodedAU
from aullm_mm.facs.coding import first_alternatives

sys.path.insert(0, str(Path(__file__).parent))
from corpus_releases import (SAMM, SAMM_HEADER, write_images, write_samm,  # noqa: E402
                             write_samm_sheet)


def by_clip(table):
    return {record.clip: record for record in table.records}


def listed(table, name, part='repairs'):
    return {row['clip']: row for row in table.report[part] if row['name'] == name}


def test_titles_below_the_preamble_are_found(tmp_path):
    table = read_corpus('samm', write_samm(tmp_path))
    record = by_clip(table)['006_1_2']
    assert (record.subject, record.onset, record.apex) == ('006', 5562, 5565)
    assert record.aus == (CodedAU(14, 'R', 'A'),) and record.fps == 200.0
    assert by_clip(table)['006_1_3'].aus == (CodedAU(12, 'R'), CodedAU(15, 'R'))
    assert table.source['rows'] == len(SAMM)


def test_padding_of_four_and_of_five_digits_is_kept(tmp_path):
    records = by_clip(read_corpus('samm', write_samm(tmp_path)))
    assert records['006_1_2'].frame_path(5562) == 'SAMM/006/006_1_2/006_05562.jpg'
    assert records['006_1_3'].frame_path(97) == 'SAMM/006/006_1_3/006_0097.jpg'
    assert records['011_2_1'].frame_path(40) == 'SAMM/011/011_2_1/011_00040.jpg'


def test_both_spellings_of_other_become_one(tmp_path):
    table = read_corpus('samm', write_samm(tmp_path))
    assert table.report['emotions']['others'] == 2
    assert table.report['emotion_classes'] == {
        'left out': 2, 'negative': 2, 'positive': 1, 'surprise': 1}


def test_choice_between_aus_takes_the_first_and_is_listed(tmp_path):
    table = read_corpus('samm', write_samm(tmp_path))
    assert by_clip(table)['011_2_1'].aus == (CodedAU(14, 'L'), CodedAU(4))
    row = listed(table, 'or-first')['011/011_2_1']
    assert (row['from'], row['to']) == ('L14 or L12 + 4', 'L14+4')
    assert 'our reading' in format_report(table)


def test_choice_between_aus_drops_the_clip_where_the_repair_is_off(tmp_path):
    table = read_corpus('samm', write_samm(tmp_path), skip_repairs=['or-first'])
    row, = table.report['dropped']
    assert row['clip'] == '011/011_2_1' and "'L14 or L12 + 4'" in row['reason']
    assert 'Switched off: or-first' in format_report(table)


@pytest.mark.parametrize('cell, first', [
    ('R14A', 'R14A'), ('R14A or R12', 'R14A'), ('4 OR 7', '4'), ('4or7+12', '4or7+12'),
    ('R12 + R15 or R14', 'R12+R15'), ('1+2 or 5+4', '1+2+4')])
def test_first_alternatives(cell, first):
    assert first_alternatives(cell) == first


def test_apex_outside_its_interval_is_mended_for_the_clips_known(tmp_path):
    table = read_corpus('samm', write_samm(tmp_path))
    assert by_clip(table)['028_4_1'].apex == 33
    row = listed(table, 'apex-outside')['028/028_4_1']
    assert (row['from'], row['to']) == ('50', '33')


def test_repair_whose_condition_does_not_hold_is_reported_not_applied(tmp_path):
    table = read_corpus('samm', write_samm(tmp_path))
    idle = listed(table, 'apex-outside', 'repairs_not_applied')
    assert idle['032/032_3_1']['reason'] == 'the apex is inside the interval'
    assert by_clip(table)['032_3_1'].apex == 23
    absent = listed(table, 'frame-names', 'repairs_not_applied')
    assert absent['035/035_7_2']['reason'] == 'no such clip in this release'
    assert '032/032_3_1: apex-outside not applied' in format_report(table)


def test_apex_outside_is_left_to_the_general_rule_where_its_repair_is_off(tmp_path):
    root = write_samm(tmp_path)
    table = read_corpus('samm', root, skip_repairs=['apex-outside'])
    assert '028/028_4_1' in listed(table, 'apex-to-middle')
    both = read_corpus('samm', root, skip_repairs=['apex-outside', 'apex-to-middle'])
    reasons = {row['clip']: row['reason'] for row in both.report['dropped']}
    assert reasons.keys() == {'028/028_4_1', '011/011_2_1'}
    assert 'apex outside 30 to 36' in reasons['028/028_4_1']


def test_images_of_other_names_are_found_for_the_clips_known(tmp_path):
    root = write_samm(tmp_path)
    table = read_corpus('samm', root)
    assert by_clip(table)['013_1_8'].frame_path(10).endswith('013_1_8_00010.jpg')
    table = read_corpus('samm', root, skip_repairs=['frame-names'])
    row, = table.report['dropped']
    assert row['clip'] == '013/013_1_8'
    assert 'no image named 013_*.jpg' in row['reason']
    assert 'there are 013_1_8_00010.jpg' in row['reason']


def test_images_of_other_names_are_not_guessed_for_other_clips(tmp_path):
    root = write_samm(tmp_path)
    clip = (40, '040_1_1', 1, 3, 5, '4', 'Anger', 'x{}.jpg')
    write_images(root / 'SAMM/040/040_1_1', range(1, 6), clip[7])
    write_samm_sheet(root, (*SAMM, clip))
    assert read_corpus('samm', root).report['dropped'][0]['clip'] == '040/040_1_1'


def test_missing_title_below_the_preamble_names_those_found(tmp_path):
    root = write_samm(tmp_path)
    header = ['FACS' if title == 'Action Units' else title for title in SAMM_HEADER]
    write_samm_sheet(root, SAMM, header)
    with pytest.raises(ValueError, match=r"missing column\(s\) \['Action Units'\]; "
                                         "found .*'FACS'"):
        read_corpus('samm', root)


def test_semi_synthetic_release_in_the_samm_layout_is_read(tmp_path):
    parameters = CorpusParameters(subjects=2, clips=2, seed=3, layout='samm')
    table = read_corpus('samm', make_corpus(tmp_path / 'samm', parameters))
    assert len(table.records) == 2 and table.report['dropped'] == []
