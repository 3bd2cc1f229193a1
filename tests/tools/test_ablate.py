# Copyright (c) AULLM-MM contributors.
"""A whole comparison as a user runs it: cut off, resumed, changed, failing."""
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from aullm_mm.apis.ablation import load_suite, plan_rows

ROOT = Path(__file__).resolve().parents[2]
# With one thread the numbers of any two runs can be compared to the last digit.
ENVIRONMENT = {**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONPATH': str(ROOT)}
BEFORE = '# Page\n\nWritten by hand.\n'
FAILING = '''
_base_ = ['configs/suites/smoke.py']
title = 'Failing'
rows = [dict(name='wrong', config='configs/baselines/flow_histogram_casme2.py',
             cfg_options={'model.cls_head.in_channels': 7}),
        dict(name='right', config='configs/baselines/all_positive_casme2.py',
             cfg_options={'train_cfg.max_epochs': 1, 'train_cfg.val_begin': 1})]
reference = 'right'
'''
CHANGED = '''
_base_ = ['configs/suites/smoke.py']
cfg_options = {'train_cfg.max_epochs': 3}
'''


@pytest.fixture(scope='module')
def place(tmp_path_factory, synthetic_corpus) -> Path:
    """A folder with the configs, the corpus of the smoke suite and a report."""
    folder = tmp_path_factory.mktemp('ablate')
    (folder / 'configs').symlink_to(ROOT / 'configs')
    (folder / 'data').mkdir()
    (folder / 'data/smoke_casme2').symlink_to(synthetic_corpus)
    (folder / 'page.md').write_text(BEFORE)
    (folder / 'failing.py').write_text(FAILING)
    (folder / 'smoke.py').write_text(CHANGED)
    return folder


def run(place, script, *arguments, code=0):
    """Run a script as a user would; its output."""
    done = subprocess.run(
        [sys.executable, ROOT / script, *arguments], capture_output=True, text=True,
        cwd=place, env=ENVIRONMENT)
    assert done.returncode == code, done.stdout + done.stderr[-3000:]
    return done.stdout


def ablate(place, suite, *arguments, code=0):
    return run(place, 'tools/analysis/ablate.py', suite, '--report', 'page.md',
               *arguments, code=code)


@pytest.fixture(scope='module')
def cut_off(place) -> str:
    """The output of a run whose time was over before it began."""
    return ablate(place, 'smoke', '--budget', '0s')


@pytest.fixture(scope='module')
def whole(place, cut_off) -> tuple[str, str]:
    """Report before and after the same command went on."""
    before = (place / 'page.md').read_text()
    ablate(place, 'smoke')
    return before, (place / 'page.md').read_text()


def test_a_budget_that_is_spent_starts_nothing_and_says_so(place, cut_off):
    assert '4 trainings are left' in cut_off
    assert 'missing: sss_net: 0 of 1 seeds' in cut_off
    assert not list((place / 'work_dirs/suites/smoke').glob('*/seed_*'))


def test_the_same_command_goes_on_and_replaces_its_section(whole):
    before, after = whole
    assert 'Not trained yet: sss_net, ' in before and 'Not whole' not in after
    for text in whole:
        assert text.startswith(BEFORE) and text.count('## Smoke test') == 1
        assert text.count('<!-- suite:smoke -->') == 1 and 'semi-synthetic' in text


def test_figures_are_those_of_the_cross_validation(place, whole):
    folder = place / 'work_dirs/suites/smoke'
    result = json.loads((folder / 'results.json').read_text())
    parameters = [row['trained_parameters'] for row in result['rows']]
    assert parameters == [1350536, 6152]
    for row in result['rows']:
        own = json.loads((folder / row['name'] / 'results.json').read_text())
        block = own['threshold 0.5']
        assert row['scores'] == block['mean'] and row['per_au'] == block['per_au']
        assert row['state'] == 'whole' and row['units'] == 2
        assert f'{100 * block["mean"]["f1"]["value"]:.1f} |' in whole[1]
    ours, base = (r['scores']['f1']['value'] for r in result['rows'][::-1])
    assert result['rows'][1]['difference']['value'] == pytest.approx(ours - base)


def test_the_command_of_a_row_gives_that_row(place, whole):
    """It finds the same plan in the row's folder, so it trains nothing anew."""
    folder = place / 'work_dirs/suites/smoke/histogram'
    command = next(line for line in whole[1].splitlines()
                   if 'flow_histogram' in line and 'cross_validate' in line)
    kept = (folder / 'results.json').read_text()
    times = [p.stat().st_mtime for p in sorted(folder.glob('*/*/result.json'))]
    run(place, *shlex.split(command)[1:])
    assert times == [p.stat().st_mtime for p in sorted(folder.glob('*/*/result.json'))]
    assert (folder / 'results.json').read_text() == kept


def test_a_changed_row_is_refused_and_redone_on_request(place, whole, monkeypatch):
    monkeypatch.chdir(place)
    suite, folder = load_suite('smoke.py'), place / 'work_dirs/suites/smoke'
    with pytest.raises(ValueError, match=r'row sss_net: .*max_epochs.*--redo sss_net'):
        plan_rows(suite, folder, 1)
    rows = plan_rows(suite, folder, 1, only=['histogram'], redo=['histogram'])
    assert 'row sss_net' in rows[0].error and not rows[1].error
    assert not list((folder / 'histogram').glob('seed_*'))
    assert list((folder / 'sss_net').glob('seed_*'))


def test_a_missing_config_names_its_row(place, tmp_path, monkeypatch):
    monkeypatch.chdir(place)
    (tmp_path / 'x.py').write_text(
        (ROOT / 'configs/suites/smoke.py').read_text().replace('sss_net_', 'gone_'))
    with pytest.raises(FileNotFoundError, match='row sss_net: .*gone_casme2.py'):
        plan_rows(load_suite(str(tmp_path / 'x.py')), tmp_path / 'work', 1)


def test_a_failing_row_is_reported_and_the_others_are_whole(place):
    output = ablate(place, 'failing.py', '--jobs', '2', code=1)
    missing = 'missing: wrong: 0 of 1 seeds, failed: seed 0, fold .*in_channels=7'
    assert re.search(missing, output)
    folder = place / 'work_dirs/suites/failing'
    rows = json.loads((folder / 'results.json').read_text())['rows']
    assert [row['state'] for row in rows] == ['failed', 'whole']
    assert list(folder.glob('wrong/seed_0/fold_*/error.txt'))
    assert 'wrong **failed**' in (place / 'page.md').read_text()
