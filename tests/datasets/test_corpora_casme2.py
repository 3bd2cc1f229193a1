# Copyright (c) AULLM-MM contributors.
import os
import sys
from pathlib import Path

import pytest

from aullm_mm.datasets.annotations import load_table
from aullm_mm.datasets.corpora import (ensure_annotations, format_report,
                                       prepare_corpus, read_corpus)
from aullm_mm.facs import CodedAU

sys.path.insert(0, str(Path(__file__).parent))
from casme2_release import (CLEAN, HEADER, write_frames, write_release,  # noqa: E402
                            write_spreadsheet)

SHEET = 'CASME2-coding-20140508.xlsx'


def read_changed(tmp_path, changed, frames=None):
    """Release of the clean clips, the first of them replaced by ``changed``."""
    root = write_release(tmp_path, CLEAN[1:])
    if frames is not None:
        write_frames(root, changed[0], changed[1], frames)
    write_spreadsheet(root / SHEET, (changed, *CLEAN[1:]))
    return read_corpus('casme2', root)


def only(table, key='casme2/sub01/EP02_01f'):
    return next(record for record in table.records if record.key == key)


def test_clean_release_is_read_without_repairs(tmp_path):
    table = read_corpus('casme2', write_release(tmp_path))
    assert [r.key for r in table.records] == sorted(
        f'casme2/sub{c[0]:02d}/{c[1]}' for c in CLEAN)
    record = only(table)
    assert (record.onset, record.apex, record.offset) == (46, 49, 52)
    assert record.fps == 200.0 and record.emotion == 'happiness'
    assert (tmp_path / record.frame_path(46)).is_file()
    assert only(table, 'casme2/sub02/EP06_02f').aus == (CodedAU(4), CodedAU(10, 'L'))
    assert table.report['repairs'] == table.report['dropped'] == []
    assert table.source['rows'] == 6 and len(table.source['sha256']) == 64


@pytest.mark.parametrize('apex', ['/', None, -1, 0, 45, 200, 'x'])
def test_impossible_apex_becomes_the_middle_and_is_listed(tmp_path, apex):
    clip = (1, 'EP02_01f', 46, apex, 52, '6+12', 'happiness')
    table = read_changed(tmp_path, clip, range(46, 53))
    assert only(table).apex == 49
    repair, = table.report['repairs']
    assert repair['clip'] == 'sub01/EP02_01f' and repair['to'] == 49
    assert 'middle of the interval' in format_report(table)


def test_missing_and_empty_boundary_frames_move_the_boundary(tmp_path):
    folder = write_frames(tmp_path, 1, 'EP02_01f', range(46, 53))
    (folder / 'reg_img46.jpg').write_bytes(b'')
    (folder / 'reg_img52.jpg').unlink()
    record = only(table := read_changed(tmp_path, CLEAN[0]))
    assert (record.onset, record.apex, record.offset) == (47, 49, 51)
    assert [(r['from'], r['to']) for r in table.report['repairs']] == [
        (46, 47), (52, 51)]


def test_offset_beyond_the_last_frame_is_moved_to_it(tmp_path):
    clip = (1, 'EP02_01f', 46, '/', 520, '6+12', 'happiness')
    record = only(read_changed(tmp_path, clip, range(46, 92)))
    assert (record.offset, record.apex) == (91, 68)


def test_frames_missing_inside_are_counted(tmp_path):
    folder = write_frames(tmp_path, 1, 'EP02_01f', range(46, 53))
    for number in (48, 49):
        (folder / f'reg_img{number}.jpg').unlink()
    table = read_changed(tmp_path, CLEAN[0])
    assert table.report['missing_frames'] == [
        {'clip': 'sub01/EP02_01f', 'count': 2, 'first': 48, 'last': 49}]
    assert only(table).apex == 50  # 49, the coded apex, is gone; 47 is farther
    assert '2 missing, between 48 and 49' in format_report(table)


@pytest.mark.parametrize('clip, frames, reason', [
    ((1, 'EP02_01f', 52, 49, 46, '6', 'others'), range(46, 53), 'onset 52 after'),
    ((1, 'EP02_01f', '/', 49, 52, '6', 'others'), range(46, 53), 'no valid onset'),
    ((1, 'EP02_01f', 46, 49, None, '6', 'others'), range(46, 53), 'no valid offset'),
    ((1, 'EP02_01f', 46, 49, 52, '6', 'others'), None, 'no frame folder sub01'),
    ((1, 'EP02_01f', 46, 49, 52, '6', 'others'), range(90, 95), '0 usable frame'),
    ((1, 'EP02_01f', 46, 49, 52, '6', 'others'), [47], '1 usable frame'),
    ((1, 'EP02_01f', 46, 49, 52, '12 or 15', 'others'), range(46, 53), "'12 or 15'"),
    ((1, 'EP02_01f', 46, 49, 52, '?', 'others'), range(46, 53), 'names no AU'),
    ((1, 'EP02_01f', 46, 49, 52, None, 'others'), range(46, 53), 'empty AU cell'),
    ((None, 'EP02_01f', 46, 49, 52, '6', 'others'), None, 'row 2 lacks its subject')])
def test_unusable_clip_is_dropped_with_its_reason(tmp_path, clip, frames, reason):
    table = read_changed(tmp_path, clip, frames)
    assert len(table.records) == 5
    dropped, = table.report['dropped']
    assert dropped['clip'].endswith('/EP02_01f') and reason in dropped['reason']
    assert reason in format_report(table)


def test_all_unreadable_cells_are_listed_at_once(tmp_path):
    root = write_release(tmp_path)
    bad = [(*clip[:5], cell, clip[6]) for clip, cell in zip(CLEAN, ('4-5', 'x'))]
    write_spreadsheet(root / SHEET, (*bad, *CLEAN[2:]))
    dropped = read_corpus('casme2', root).report['dropped']
    assert [row['clip'] for row in dropped] == ['sub01/EP02_01f', 'sub01/EP03_02']


def test_spreadsheet_without_one_readable_cell_is_an_error(tmp_path):
    root = write_release(tmp_path)
    write_spreadsheet(root / SHEET, [(*clip[:5], 'none', clip[6]) for clip in CLEAN])
    with pytest.raises(ValueError, match=f"{SHEET}: none of 6 cells.*'Action Units'"):
        read_corpus('casme2', root)


def test_columns_are_found_by_name_wherever_they_stand(tmp_path):
    root = write_release(tmp_path)
    write_spreadsheet(root / SHEET, CLEAN, [
        'subject', ' FileName ', 'Unnamed: 2', 'Onset Frame', 'apexframe',
        'OFFSETFRAME', 'Unnamed: 6', 'action_units', 'Estimated  Emotion'])
    assert read_corpus('casme2', root).report['dropped'] == []


def test_missing_columns_are_named_beside_those_found(tmp_path):
    root = write_release(tmp_path)
    header = ['AUs' if title == 'Action Units' else title for title in HEADER]
    write_spreadsheet(root / SHEET, CLEAN, header)
    with pytest.raises(ValueError) as error:
        read_corpus('casme2', root)
    for part in (SHEET, "missing column(s) ['Action Units']", "'AUs'", "'ApexFrame'"):
        assert part in str(error.value)


def test_empty_rows_are_skipped(tmp_path):
    root = write_release(tmp_path)
    write_spreadsheet(root / SHEET, (CLEAN[0], None, *CLEAN[1:], None, None))
    table = read_corpus('casme2', root)
    assert len(table.records) == 6 and table.report['dropped'] == []


def test_clip_with_two_rows_is_an_error_that_lists_them(tmp_path):
    root = write_release(tmp_path)
    other = [(*clip[:5], '4', clip[6]) for clip in (CLEAN[0], CLEAN[2])]
    write_spreadsheet(root / SHEET, (*CLEAN, *other))
    with pytest.raises(
            ValueError, match=r'2 clip\(s\).*sub01/EP02_01f \(rows 2, 8\).*differ'):
        read_corpus('casme2', root)


def test_row_that_stands_there_twice_counts_once_and_is_listed(tmp_path):
    root = write_release(tmp_path)
    write_spreadsheet(root / SHEET, (*CLEAN, CLEAN[0]))
    table = read_corpus('casme2', root)
    assert len(table.records) == 6 and table.report['found'] == 7
    assert table.report['duplicates'] == [{'clip': 'sub01/EP02_01f', 'rows': '2, 8'}]
    assert 'Found 7, 1 of them duplicate rows' in format_report(table)


def test_newest_revision_is_read_and_the_report_says_so(tmp_path):
    root = write_release(tmp_path)
    write_spreadsheet(root / 'CASME2-coding-20190701.xlsx', CLEAN[:4])
    table = read_corpus('casme2', root)
    assert table.source['file'] == 'CASME2-coding-20190701.xlsx'
    text = format_report(table)
    assert f'newest revision here; not read: {SHEET}' in text
    assert 'without a row in the spreadsheet: sub03/EP08_1, sub03/EP09_02' in text


def test_uncropped_frames_serve_where_cropped_ones_are_missing(tmp_path):
    table = read_corpus('casme2', write_release(tmp_path, layout='CASME2_RAW_selected'))
    assert only(table).frame_path(46) == 'CASME2_RAW_selected/sub01/EP02_01f/img46.jpg'
    assert 'Cropped/ is missing, so the frames of CASME2' in format_report(table)
    write_release(tmp_path, layout='Cropped')
    assert only(read_corpus('casme2', tmp_path)).frame_dir.startswith('Cropped/')


@pytest.mark.parametrize('state', ['missing', 'empty', 'no spreadsheet'])
def test_missing_corpus_says_where_to_get_one(tmp_path, state):
    root = tmp_path / 'casme2'
    if state != 'missing':
        root.mkdir()
    if state == 'no spreadsheet':
        write_frames(root, 1, 'EP02_01f', [1])
    with pytest.raises(FileNotFoundError) as error:
        read_corpus('casme2', root)
    for part in (str(root), state, SHEET, 'make_synthetic.py --layout casme2',
                 'Institute of Psychology'):
        assert part in str(error.value)


def test_spreadsheet_without_frames_names_the_folders_looked_for(tmp_path):
    write_spreadsheet(tmp_path / SHEET, CLEAN)
    with pytest.raises(FileNotFoundError, match='for Cropped/, CASME2_RAW_selected/'):
        read_corpus('casme2', tmp_path)


def test_release_without_one_usable_clip_is_an_error(tmp_path):
    write_spreadsheet(tmp_path / SHEET, CLEAN)
    (tmp_path / 'Cropped').mkdir()
    with pytest.raises(ValueError, match='none of 6 rows gives a usable clip'):
        read_corpus('casme2', tmp_path)


def test_damaged_workbook_is_named(tmp_path):
    root = write_release(tmp_path)
    (root / SHEET).write_bytes(b'PK\x03\x04 interrupted download')
    with pytest.raises(ValueError, match=f'{SHEET} is not a readable .xlsx'):
        read_corpus('casme2', root)


def test_report_counts_clips_and_subjects_per_au(tmp_path):
    table = read_corpus('casme2', write_release(tmp_path))
    assert table.report['aus']['AU4'] == {'clips': 3, 'subjects': 3, 'uncertain': 0}
    assert table.report['aus']['AU6'] == {'clips': 3, 'subjects': 3, 'uncertain': 0}
    assert table.report['aus']['AU2'] == {'clips': 0, 'subjects': 0, 'uncertain': 1}
    assert table.report['emotions']['disgust'] == 2
    assert 'lip corner puller' in format_report(table)


def test_two_runs_write_the_same_bytes(tmp_path):
    root = write_release(tmp_path / 'casme2')
    for name in ('one', 'two'):
        prepare_corpus('casme2', root, tmp_path / f'{name}.json')
    for end in ('json', 'report.txt'):
        one, two = (tmp_path / f'{name}.{end}' for name in ('one', 'two'))
        assert one.read_bytes() == two.read_bytes()


def test_failed_preparation_writes_nothing(tmp_path):
    root = write_release(tmp_path)
    write_spreadsheet(root / SHEET, (*CLEAN, (*CLEAN[0][:5], '4', 'others')))
    with pytest.raises(ValueError):
        prepare_corpus('casme2', root)
    assert not list(root.glob('*annotations*'))


def test_table_is_kept_while_it_is_current(tmp_path):
    root = write_release(tmp_path)
    path = ensure_annotations('casme2', root)
    assert path == root / 'annotations.json'
    assert (root / 'annotations.report.txt').is_file()
    written = path.stat().st_mtime_ns
    assert ensure_annotations('casme2', root) == path
    assert path.stat().st_mtime_ns == written


@pytest.mark.parametrize('change', ['older', 'other hash', 'newer revision',
                                    'frames added', 'broken', 'gone'])
def test_table_out_of_date_is_written_again(tmp_path, change):
    root = write_release(tmp_path)
    path = ensure_annotations('casme2', root)
    sheet, written = root / SHEET, path.stat().st_mtime_ns
    os.utime(path, ns=(written, written + 10**9))
    fewer = CLEAN[:5]
    if change == 'newer revision':
        sheet = root / 'CASME2-coding-20190701.xlsx'
    if change not in ('frames added', 'broken', 'gone'):
        write_spreadsheet(sheet, fewer)
        shift = 2 * 10**9 if change == 'older' else -10**9
        os.utime(sheet, ns=(written, written + shift))
        assert len(load_table(ensure_annotations('casme2', root)).records) == 5
        return
    if change == 'frames added':
        os.utime(root / 'Cropped' / 'sub01', ns=(written, written + 2 * 10**9))
    elif change == 'broken':
        path.write_text('{')
        os.utime(path, ns=(written, written + 10**9))
    else:
        path.unlink()
    before = path.stat().st_mtime_ns if path.exists() else None
    assert len(load_table(ensure_annotations('casme2', root)).records) == 6
    assert path.stat().st_mtime_ns != before


def test_table_may_lie_outside_a_release(tmp_path):
    root = write_release(tmp_path / 'release')
    path = ensure_annotations('casme2', root, tmp_path / 'tables' / 'c.json')
    assert load_table(path).corpus == 'casme2'
    assert (tmp_path / 'tables' / 'c.report.txt').is_file()
    assert not (root / 'annotations.json').exists()
