# Copyright (c) AULLM-MM contributors.
"""Bad input, through the commands that a user runs."""
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests' / 'datasets'))
from moving_release import write_moving_release  # noqa: E402

TINY = '''
_base_ = ['edited.py']
model = dict(cls_head=dict(llm=None))
optim_wrapper = dict(paramwise_cfg=dict(_delete_=True, lr_mult={}))
train_dataloader = dict(num_workers=0, persistent_workers=False)
val_dataloader = dict(num_workers=0)
test_dataloader = dict(num_workers=0)
'''


def write_config(folder, **edits):
    """The packaged config with its head edited, as a user would, and no LLM."""
    text = (ROOT / 'configs' / 'aullm_casme2.py').read_text()
    base = str(ROOT / 'configs' / '_base_' / 'default_runtime.py')
    text = text.replace('_base_/default_runtime.py', base)
    settings = dict(data_root=str(folder / 'casme2'), cache_root=str(folder / 'cache'),
                    aus=(4, 12), split=dict(n_folds=4, fold=0, val_fraction=0.25))
    for name, value in {**settings, **edits}.items():
        text, count = re.subn(rf'(?m)^{name} = .*$', f'{name} = {value!r}', text)
        assert count == 1
    text = text.replace('warmup_epochs, max_epochs = 50, 58',
                        'warmup_epochs, max_epochs = 1, 2')
    (folder / 'edited.py').write_text(text)
    (folder / 'tiny.py').write_text(TINY)
    return folder / 'tiny.py'


def run(tool, *arguments, **kwargs):
    environment = dict(os.environ, OMP_NUM_THREADS='1', HF_HUB_OFFLINE='1')
    return subprocess.run(
        [sys.executable, str(ROOT / 'tools' / tool), *map(str, arguments)],
        capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120, **kwargs)


def assert_one_clear_error(done, *words):
    errors = [x for x in done.stderr.splitlines() if x.startswith('error: ')]
    assert done.returncode == 2 and len(errors) == 1, done.stderr
    assert 'Traceback' not in done.stderr
    for word in words:
        assert word in errors[0]


def test_missing_corpus_ends_training_before_anything_is_written(tmp_path):
    done = run('train.py', write_config(tmp_path), '--work-dir', tmp_path / 'work')
    assert_one_clear_error(done, str(tmp_path / 'casme2'), 'make_synthetic.py', 'Ask')
    assert not (tmp_path / 'work').exists() and not (tmp_path / 'casme2').exists()


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp('trained')
    write_moving_release(folder / 'casme2')
    done = run('train.py', write_config(folder), '--work-dir', folder / 'work')
    assert done.returncode == 0, done.stderr
    return folder


def test_checkpoint_tests_on_its_own_fold_and_on_no_other(trained):
    arguments = ('--work-dir', trained / 'work')
    assert run('test.py', write_config(trained), *arguments).returncode == 0
    config = write_config(trained, split=dict(n_folds=4, fold=1, val_fraction=0.25))
    done = run('test.py', config, *arguments)
    assert_one_clear_error(done, '.pth was trained or chosen on', 'casme2/sub', 'fold')


def test_checkpoint_of_another_au_list_is_refused(trained):
    config = write_config(trained, aus=(4, 17))
    done = run('test.py', config, '--work-dir', trained / 'work')
    assert_one_clear_error(done, 'decides AUs [4, 12]', 'asks for [4, 17]')
