# Copyright (c) AULLM-MM contributors.
import runpy
import sys
from pathlib import Path

import pytest

from aullm_mm.datasets.annotations import load_table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests' / 'datasets'))
from casme2_release import write_release  # noqa: E402
from corpus_releases import write_samm  # noqa: E402


@pytest.fixture
def prepare(tmp_path, monkeypatch, capsys):
    """Run the tool as a script in an empty folder; return code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, 'argv', ['prepare_corpus.py', *arguments])
        with pytest.raises(SystemExit) as left:
            runpy.run_path(str(ROOT / 'tools' / 'prepare_corpus.py'),
                           run_name='__main__')
        return left.value.code, *capsys.readouterr()

    return run


def test_report_is_printed_and_written_beside_the_table(prepare, tmp_path):
    write_release(tmp_path / 'data' / 'casme2')
    code, output, errors = prepare('casme2')
    assert (code, errors) == (0, '')
    assert 'Corpus casme2: 6 clips of 3 subjects kept' in output
    table = tmp_path / 'data' / 'casme2' / 'annotations.json'
    assert len(load_table(table).records) == 6
    assert table.with_suffix('.report.txt').read_text() in output


def test_root_and_out_are_respected(prepare, tmp_path):
    write_release(tmp_path / 'release')
    code, output, _ = prepare('casme2', '--root', 'release', '--out', 'tables/c2.json')
    assert code == 0 and 'Wrote tables/c2.json and tables/c2.report.txt' in output
    assert len(load_table(tmp_path / 'tables' / 'c2.json').records) == 6


def test_missing_corpus_is_one_clean_line_and_code_2(prepare, tmp_path):
    code, output, errors = prepare('casme2', '--root', 'nowhere')
    assert (code, output) == (2, '')
    assert errors.startswith('error: CASME II folder nowhere is missing')
    assert errors.count('\n') == 1
    assert list(tmp_path.iterdir()) == []


def test_unknown_corpus_lists_the_known_ones(prepare):
    code, _, errors = prepare('casme9')
    assert code == 2
    assert "unknown corpus 'casme9': choose one of ['casme', 'casme2'" in errors


def test_check_counts_the_frames_that_it_opened(prepare, tmp_path):
    write_release(tmp_path / 'data' / 'casme2')
    code, output, errors = prepare('casme2', '--check')
    assert code == 0 and 'Opened 48 frames of 6 clips: 0 broken' in output
    assert 'checking frames' in errors


def test_check_lists_broken_frames_and_ends_with_an_error_code(prepare, tmp_path):
    root = write_release(tmp_path / 'data' / 'casme2')
    for name in ('sub01/EP02_01f/reg_img47.jpg', 'sub03/EP08_1/reg_img9.jpg'):
        (root / 'Cropped' / name).write_bytes(b'no picture')
    code, output, _ = prepare('casme2', '--check')
    assert code == 2 and 'Opened 48 frames of 6 clips: 2 broken' in output
    for clip, name in (('sub01/EP02_01f', 'reg_img47'), ('sub03/EP08_1', 'reg_img9')):
        assert f'{clip}: Frame ' in output and f'{name}.jpg is no image' in output


def test_repairs_are_left_out_by_name(prepare, tmp_path):
    write_samm(tmp_path / 'data' / 'samm')
    code, output, _ = prepare('samm', '--no-repair', 'or-first', '--no-repair',
                              'frame-names')
    assert code == 0 and 'Switched off: frame-names, or-first' in output
    table = load_table(tmp_path / 'data' / 'samm' / 'annotations.json')
    assert table.report['repairs_off'] == ['frame-names', 'or-first']
    assert len(table.records) == 4


def test_repair_of_a_wrong_name_is_an_error_that_lists_the_right_ones(prepare):
    code, _, errors = prepare('samm', '--no-repair', 'ors')
    assert code == 2 and "no repair 'ors' of samm: choose among" in errors


def test_repairs_are_listed_with_clips_and_sources(prepare, tmp_path):
    code, output, _ = prepare('samm', '--list-repairs')
    assert code == 0 and list(tmp_path.iterdir()) == []
    names = [line.split(':')[0] for line in output.splitlines()]
    assert names == ['or-first', 'apex-outside', 'frame-names', 'boundary-to-frame',
                     'apex-to-middle', 'apex-to-frame']
    assert 'for 028/028_4_1, 032/032_3_1 (' in output and 'for every clip (' in output
