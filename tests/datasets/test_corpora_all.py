# Copyright (c) AULLM-MM contributors.
"""What holds for the reader of every corpus, on tiny releases made by code."""
import os
import shutil
import sys
from pathlib import Path

import pytest

from aullm_mm.datasets.annotations import load_table, save_table
from aullm_mm.datasets.corpora import (CORPORA, check_frames, ensure_annotations,
                                       format_report, prepare_corpus, read_corpus)
from aullm_mm.datasets.corpora.sources import find_sources

sys.path.insert(0, str(Path(__file__).parent))
from corpus_releases import RELEASES  # noqa: E402

every_corpus = pytest.mark.parametrize('name', CORPORA)


def names_of(report, part):
    return [row['clip'] for row in report[part]]


@every_corpus
def test_every_record_names_frames_that_are_there(name, tmp_path):
    table = read_corpus(name, RELEASES[name](tmp_path))
    assert len(table.records) >= 3
    for record in table.records:
        bounds = [record.onset, record.offset]
        bounds += [record.apex] if CORPORA[name].has_apex else []
        assert bounds[0] <= bounds[-1] <= record.offset
        assert all((tmp_path / record.frame_path(n)).is_file() for n in bounds)
        assert record.key.startswith(f'{name}/') and record.fps > 0
    assert len({record.key for record in table.records}) == len(table.records)


@every_corpus
def test_report_counts_what_was_found_kept_and_dropped(name, tmp_path):
    table = read_corpus(name, RELEASES[name](tmp_path))
    report = table.report
    assert report['found'] == report['kept'] + len(report['dropped'])
    assert sum(report['subject_clips'].values()) == report['kept'] == len(table.records)
    text = format_report(table)
    assert f'Corpus {name}: {report["kept"]} clips' in text
    for row in report['dropped'] + report['repairs'] + report['repairs_not_applied']:
        assert row['clip'] in text


@every_corpus
def test_two_runs_write_the_same_bytes(name, tmp_path):
    root = RELEASES[name](tmp_path / 'release')
    for run in ('one', 'two'):
        prepare_corpus(name, root, tmp_path / f'{run}.json')
    for end in ('json', 'report.txt'):
        one, two = (tmp_path / f'{run}.{end}' for run in ('one', 'two'))
        assert one.read_bytes() == two.read_bytes()


@every_corpus
def test_table_is_kept_while_current_and_made_again_when_it_is_not(name, tmp_path):
    root = RELEASES[name](tmp_path)
    path = ensure_annotations(name, root)
    written = path.stat().st_mtime_ns
    assert ensure_annotations(name, root) == path
    assert path.stat().st_mtime_ns == written
    source = find_sources(CORPORA[name], root)[0]
    os.utime(source, ns=(written, written + 2 * 10**9))
    ensure_annotations(name, root)
    assert path.stat().st_mtime_ns != written


@every_corpus
def test_table_of_other_sources_is_made_again(name, tmp_path):
    root = RELEASES[name](tmp_path)
    path = ensure_annotations(name, root)
    table = load_table(path)
    table.source['sha256'] = '0' * 64
    save_table(table, path)
    assert load_table(ensure_annotations(name, root)).source['sha256'] != '0' * 64


def test_repairs_stay_off_when_a_table_is_made_again(tmp_path):
    root = RELEASES['samm'](tmp_path)
    prepare_corpus('samm', root, skip_repairs=['or-first'])
    source = find_sources(CORPORA['samm'], root)[0]
    later = (root / 'annotations.json').stat().st_mtime_ns + 10**9
    os.utime(source, ns=(later, later))
    table = load_table(ensure_annotations('samm', root))
    assert table.report['repairs_off'] == ['or-first']
    assert names_of(table.report, 'dropped') == ['011/011_2_1']


@every_corpus
def test_check_opens_every_frame_and_finds_the_broken_one(name, tmp_path):
    table = read_corpus(name, RELEASES[name](tmp_path))
    frames = sum(r.offset - r.onset + 1 for r in table.records)
    assert check_frames(table, tmp_path, jobs=2) == (frames, ())
    record = table.records[-1]
    broken = tmp_path / record.frame_path(record.onset)
    broken.write_bytes(broken.read_bytes()[:-40])
    count, faults = check_frames(table, tmp_path)
    assert count == frames
    assert faults[0][0] == f'{record.subject}/{record.clip}'
    assert str(broken) in faults[0][1] and 'truncated' in faults[0][1]


@every_corpus
@pytest.mark.parametrize('state', ['missing', 'empty', 'of another corpus'])
def test_wrong_root_says_what_was_looked_for_and_found(name, state, tmp_path):
    root = tmp_path / 'root'
    if state == 'empty':
        root.mkdir()
    elif state == 'of another corpus':
        (root / 'holiday').mkdir(parents=True)
        (root / 'codes.xlsx').write_bytes(b'')
    with pytest.raises(FileNotFoundError) as error:
        read_corpus(name, root)
    message, corpus = str(error.value), CORPORA[name]
    for part in (corpus.title, str(root), corpus.owners,
                 (corpus.looked_for or corpus.spreadsheets)[0]):
        assert part in message
    if state == 'of another corpus':
        assert 'found codes.xlsx, holiday/' in message


@pytest.mark.parametrize('name', [n for n in CORPORA if n not in ('generic', 'smic')])
def test_release_without_frames_names_the_folders_looked_for(name, tmp_path):
    root = RELEASES[name](tmp_path)
    for layout in CORPORA[name].layouts:
        shutil.rmtree(root / layout.folder, ignore_errors=True)
    with pytest.raises(FileNotFoundError, match='has no frames') as error:
        read_corpus(name, root)
    assert all(f'{layout.folder}/' in str(error.value)
               for layout in CORPORA[name].layouts)


@pytest.mark.parametrize('name', [n for n in CORPORA if n != 'smic'])
def test_interrupted_download_lists_the_clips_and_says_so_on_top(name, tmp_path):
    root = RELEASES[name](tmp_path)
    table = read_corpus(name, root)
    folders = sorted({record.frame_dir for record in table.records})
    for folder in folders[1:]:
        shutil.rmtree(root / folder)
    rest = read_corpus(name, root)
    lost = {f'{r.subject}/{r.clip}' for r in table.records} - {
        f'{r.subject}/{r.clip}' for r in rest.records}
    absent = [row['clip'] for row in rest.report['dropped']
              if row['reason'].startswith(('no frame folder', 'no image named'))]
    assert lost and lost <= set(absent)
    if 2 * len(absent) > rest.report['found']:
        assert 'interrupted download' in format_report(rest).splitlines()[3]
    shutil.rmtree(root / folders[0])
    with pytest.raises(ValueError, match='none of .* gives a usable clip'):
        read_corpus(name, root)


@every_corpus
def test_all_repairs_off_leaves_none(name, tmp_path):
    root = RELEASES[name](tmp_path)
    before = read_corpus(name, root)
    report = read_corpus(name, root, skip_repairs=['all']).report
    assert report['repairs'] == report['repairs_not_applied'] == []
    switches = [repair.name for repair in CORPORA[name].switches()]
    assert report['repairs_off'] == sorted(switches) == sorted(set(switches))
    general = {'boundary-to-frame', 'apex-to-middle', 'apex-to-frame'}
    needing = {r['clip'] for r in before.report['repairs'] if r['name'] in general}
    assert needing <= set(names_of(report, 'dropped'))


def test_unknown_repair_lists_those_there_are(tmp_path):
    root = RELEASES['samm'](tmp_path)
    with pytest.raises(ValueError, match="no repair 'or' of samm: .*or-first, or all"):
        read_corpus('samm', root, skip_repairs=['or'])
