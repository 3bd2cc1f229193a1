# Copyright (c) AULLM-MM contributors.
import pytest

from aullm_mm.utils.cli import run_cli


def raising(error):
    def main():
        raise error
    return main


@pytest.mark.parametrize('error', [
    ValueError('column\n  missing'), FileNotFoundError('column missing')])
def test_user_error_is_one_line_and_exit_code_2(error, capsys):
    with pytest.raises(SystemExit) as left:
        run_cli(raising(error))
    assert left.value.code == 2
    assert capsys.readouterr().err == 'error: column missing\n'


def test_other_errors_keep_their_traceback():
    with pytest.raises(KeyError):
        run_cli(raising(KeyError('bug')))


def test_traceback_can_be_asked_for(monkeypatch):
    monkeypatch.setenv('AULLM_MM_TRACEBACK', '1')
    with pytest.raises(ValueError):
        run_cli(raising(ValueError('bad')))


@pytest.mark.parametrize('returned, code', [(None, 0), (0, 0), (3, 3)])
def test_exit_code_is_what_main_returns(returned, code):
    with pytest.raises(SystemExit) as left:
        run_cli(lambda: returned)
    assert left.value.code == code
