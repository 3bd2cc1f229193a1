# Copyright (c) AULLM-MM contributors.
"""The command line of tools/make_synthetic.py."""
import runpy
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / 'tools' / 'make_synthetic.py'


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the tool in this process: exit code, standard output and error."""
    def call(*arguments):
        monkeypatch.setattr(sys, 'argv', [str(TOOL), *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            runpy.run_path(str(TOOL), run_name='__main__')
        return stop.value.code, *capsys.readouterr()

    return call


def test_makes_a_corpus_and_reuses_it(run, tmp_path):
    out = tmp_path / 'casme2'
    small = ('--out', out, '--subjects', 1, '--clips', 1, '--jobs', 1)
    code, _, err = run(*small)
    assert code == 0, err
    assert (out / 'CASME2-coding-20140508.xlsx').is_file()
    code, text, _ = run(*small, '--reuse')
    assert code == 0 and 'already' in text
    code, _, err = run(*small, '--seed', 7, '--reuse')
    assert code == 2 and 'other parameters' in err


def test_default_folder_is_that_of_the_layout(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, text, err = run('--layout', 'samm', '--subjects', 1, '--clips', 1)
    assert code == 0, err
    assert 'corpus of 1 clips written to data/samm' in text
    made = {path.name for path in (tmp_path / 'data' / 'samm').iterdir()}
    assert made == {'README.txt', 'SAMM', 'SAMM_Micro_FACS_Codes_v2.xlsx'}
    code, _, err = run('--out', 'data/samm', '--subjects', 1, '--clips', 1, '--reuse')
    assert code == 2 and 'other parameters' in err


def test_preset_names_the_folder_and_options_override_it(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ('--preset', 'compressed', '--subjects', 1, '--clips', 1, '--frames', 3)
    code, text, err = run(*small, '--people-seed', 4)
    assert code == 0 and 'written to data/compressed' in text, err
    readme = (tmp_path / 'data' / 'compressed' / 'README.txt').read_text('utf-8')
    assert '"quality": "25-40"' in readme and '"people_seed": 4' in readme
    assert '"light"' not in readme
    code, text, _ = run(*small, '--people-seed', 4, '--reuse')
    assert code == 0 and 'already' in text
    code, _, err = run(*small, '--people-seed', 4, '--quality', 30, '--reuse')
    assert code == 2 and 'other parameters' in err


def test_presets_are_listed(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, text, _ = run('--list-presets')
    assert code == 0 and '--spurious light:12:0.9' in text
    assert list(tmp_path.iterdir()) == []


def test_real_data_is_left_alone(run, tmp_path):
    (tmp_path / 'Cropped').mkdir()
    code, _, err = run('--out', tmp_path)
    assert code == 2 and err.startswith('error: ') and 'exists' in err
    code, text, _ = run('--out', tmp_path, '--reuse')
    assert code == 0 and 'left alone' in text
    assert [path.name for path in tmp_path.iterdir()] == ['Cropped']


@pytest.mark.parametrize('argument, value', [
    ('--clips', 2), ('--amplitude', -1), ('--jobs', 0), ('--layout', 'smic'),
    ('--preset', 'clera'), ('--quality', '0-50'), ('--statistics', 'smic'),
    ('--spurious', 'smell:12'), ('--frames', 2), ('--people-seed', -1)])
def test_impossible_argument_is_one_clear_error(run, tmp_path, argument, value):
    code, _, err = run('--out', tmp_path / 'x', argument, value)
    assert code == 2 and argument.strip('-').split('-')[0] in err
    assert list(tmp_path.iterdir()) == []
