# Copyright (c) AULLM-MM contributors.
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from aullm_mm.datasets.annotations import label_matrix
from aullm_mm.datasets.corpora import read_corpus, reader
from aullm_mm.datasets.corpora.disfa import AUS, find_segments
from aullm_mm.facs import CodedAU

sys.path.insert(0, str(Path(__file__).parent))
from corpus_releases import write_disfa, write_images, write_levels  # noqa: E402


def test_runs_of_active_frames_become_clips_with_a_margin(tmp_path):
    first, second, third = read_corpus('disfa', write_disfa(tmp_path)).records
    # AU12 is active from 11 to 13; frame 10 has intensity 1 alone.
    assert (first.onset, first.apex, first.offset) == (6, 12, 18)
    assert (second.onset, second.apex, second.offset) == (25, 30, 36)
    assert (third.subject, third.clip) == ('SN002', '00003_00015')
    assert third.frame_path(9) == 'frames/SN002/00009.jpg'


def test_aus_carry_their_greatest_intensity(tmp_path):
    records = read_corpus('disfa', write_disfa(tmp_path)).records
    assert records[0].aus == (CodedAU(6, intensity='B'), CodedAU(12, intensity='D'))
    assert records[2].aus == (CodedAU(1, intensity='C'), CodedAU(2, intensity='B'))


def test_aus_that_disfa_does_not_code_are_unknown(tmp_path):
    records = read_corpus('disfa', write_disfa(tmp_path)).records
    assert records[0].coded_aus == AUS
    assert label_matrix(records[:1], (6, 12, 4, 7, 14)).tolist() == [[1, 1, 0, -1, -1]]


def test_weak_movement_makes_no_clip(tmp_path):
    records = read_corpus('disfa', write_disfa(tmp_path)).records
    assert all(not record.onset <= 20 <= record.offset for record in records)


@pytest.mark.parametrize('active, margin, segments', [
    ('', 2, []), ('000', 2, []), ('111', 2, [(0, 2)]), ('0110', 5, [(0, 3)]),
    ('1001', 5, [(0, 1), (2, 3)]), ('10001', 5, [(0, 2), (3, 4)]),
    ('1000000001', 2, [(0, 2), (7, 9)]), ('0010', 0, [(2, 2)])])
def test_segments(active, margin, segments):
    found = find_segments(np.array([letter == '1' for letter in active], bool), margin)
    assert found == segments


@pytest.mark.parametrize('text, fault', [
    ('1,0\n2,7\n', 'line 2'), ('1,0\n3,0\n', 'line 2'), ('1;0\n', 'line 1'),
    ('1,0\n', '1 frames')])
def test_damaged_label_file_is_named(text, fault, tmp_path):
    root = write_disfa(tmp_path)
    path = root / 'ActionUnit_Labels/SN002/SN002_au9.txt'
    path.write_text(text)
    with pytest.raises(ValueError, match=f'SN002_au9.txt.*{fault}'):
        read_corpus('disfa', root)


def test_subject_without_all_label_files_is_dropped_and_the_files_named(tmp_path):
    root = write_disfa(tmp_path)
    (root / 'ActionUnit_Labels/SN002/SN002_au9.txt').unlink()
    (root / 'ActionUnit_Labels/SN002/SN002_au26.txt').unlink()
    table = read_corpus('disfa', root)
    assert len(table.records) == 2
    row, = table.report['dropped']
    assert row['clip'] == 'SN002'
    assert row['reason'].endswith('missing: SN002_au9.txt, SN002_au26.txt')


def test_subject_without_frames_is_dropped_clip_by_clip(tmp_path):
    root = write_disfa(tmp_path)
    shutil.rmtree(root / 'frames/SN001')
    report = read_corpus('disfa', root).report
    assert [row['clip'] for row in report['dropped']] == [
        'SN001/00006_00018', 'SN001/00025_00036']


def test_long_recording_is_listed_once_for_all_its_clips(tmp_path, monkeypatch):
    levels = {4: {frame: 3 for start in range(10, 290, 20)
                  for frame in range(start, start + 4)}}
    write_levels(tmp_path, 'SN001', levels, 300)
    write_images(tmp_path / 'frames/SN001', range(1, 301), '{:05d}.jpg')
    calls, listing = [], reader.list_frames
    monkeypatch.setattr(reader, 'list_frames', lambda *arguments: (
        calls.append(arguments), listing(*arguments))[1])
    assert len(read_corpus('disfa', tmp_path).records) == 14
    assert len(calls) == 1
