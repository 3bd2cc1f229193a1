# Copyright (c) AULLM-MM contributors.
import runpy
import sys
from pathlib import Path

import pytest

from aullm_mm.datasets.annotations import load_table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests' / 'datasets'))
from casme2_release import write_release  # noqa: E402


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
