# Copyright (c) AULLM-MM contributors.
"""Each mend of upstream: needed still, and doing its work."""
import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer, MessageHub
from mmengine.runner import CheckpointLoader
from mmengine.runner.checkpoint import save_checkpoint

from aullm_mm import compat
from aullm_mm.safe_load import load_from_local

# What happens to somebody who has the same packages but not our mends.
UNMENDED = r'''
import json, sys, types, warnings
failures = {}

def attempt(name, work):
    try:
        work()
    except (Exception, Warning) as error:
        failures[name] = f'{type(error).__name__}: {error}'

def import_(name):
    return lambda: __import__(name, fromlist=['x'])

sys.modules['importlib_metadata'] = None
attempt('importlib_metadata', import_('mmaction.utils.dependency'))
del sys.modules['importlib_metadata']
sys.modules.setdefault('importlib_metadata', __import__('importlib.metadata',
                                                        fromlist=['x']))
with warnings.catch_warnings():
    warnings.simplefilter('error', UserWarning)
    attempt('mmcv_warning', import_('mmcv.cnn.bricks.transformer'))
import mmaction.utils.dependency as dependency
with_multimodal = dependency.WITH_MULTIMODAL
dependency.WITH_MULTIMODAL = False
attempt('drn', import_('mmaction.models.localizers'))
for name in ('drn', 'drn.drn'):
    module = types.ModuleType(f'mmaction.models.localizers.{name}')
    module.__path__, module.DRN = [], object
    sys.modules[module.__name__] = module
dependency.WITH_MULTIMODAL = True
attempt('vindlu', import_('mmaction.models.multimodal.vindlu'))
from mmengine.runner import CheckpointLoader
attempt('checkpoint', lambda: CheckpointLoader.load_checkpoint(
    sys.argv[1], 'cpu', logger=None))
print(json.dumps(failures))
'''
EXPECTED = {
    'importlib_metadata': 'importlib_metadata',
    'mmcv_warning': 'MultiScaleDeformableAttention',
    'drn': 'mmaction.models.localizers.drn',
    'vindlu': 'timm|apply_chunking_to_forward|find_pruneable_heads',
    'checkpoint': 'Weights only load failed',
}


def bookkeeping():
    """What a Runner keeps in a checkpoint besides weights."""
    history = HistoryBuffer([1., 2.], [1, 1])
    history.update(np.float64(3))
    return dict(
        meta=dict(epoch=3, seed=np.int64(1)),
        state_dict=dict(weight=torch.arange(3.)),
        message_hub=dict(log_scalars={'train/loss': history},
                         runtime_info={'iter': np.int32(7)}))


@pytest.fixture
def checkpoint(tmp_path):
    save_checkpoint(bookkeeping(), str(tmp_path / 'epoch_3.pth'))
    return tmp_path / 'epoch_3.pth'


@pytest.fixture(scope='module')
def failures(tmp_path_factory):
    path = tmp_path_factory.mktemp('unmended') / 'epoch_3.pth'
    save_checkpoint(bookkeeping(), str(path))
    done = subprocess.run([sys.executable, '-c', UNMENDED, str(path)],
                          stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize('mend', compat.MENDS, ids=lambda mend: mend.name)
def test_upstream_still_fails_without_the_mend(mend, failures):
    assert mend.name in failures, f'{mend.name}: this mend can go'
    assert re.search(EXPECTED[mend.name], failures[mend.name])


def test_mends_are_applied_once():
    first = compat.apply_all()
    assert compat.apply_all() is first
    assert {mend.name for mend in first} <= {mend.name for mend in compat.MENDS}


def test_mmaction_imports_whole_and_quietly():
    code = ('import aullm_mm.compat, mmaction.models, mmaction.datasets, '
            'mmaction.engine, mmaction.evaluation, mmaction.visualization')
    done = subprocess.run([sys.executable, '-c', code], stderr=subprocess.PIPE,
                          text=True)
    assert (done.returncode, done.stderr) == (0, '')


def test_building_the_missing_drn_says_what_to_do():
    from mmaction.models.localizers import DRN
    with pytest.raises(ImportError, match='source tree'):
        DRN()


def needed(name, folder):
    """Ask one mend, in a process whose first package folder is ``folder``."""
    code = ('import sys, types\n'
            "package = types.ModuleType('aullm_mm')\n"
            'package.__path__ = [sys.argv[1]]\n'
            "sys.modules['aullm_mm'] = package\n"
            'sys.path.insert(0, sys.argv[2])\n'
            'from aullm_mm.compat import MENDS\n'
            'print(next(m for m in MENDS if m.name == sys.argv[3]).needed())')
    done = subprocess.run(
        [sys.executable, '-c', code, str(Path(compat.__file__).parent),
         str(folder), name],
        stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip() == 'True'


def write(path, text=''):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_drn_is_left_alone_when_upstream_ships_it(tmp_path):
    localizers = tmp_path / 'mmaction' / 'models' / 'localizers'
    write(tmp_path / 'mmaction' / '__init__.py')
    write(localizers / '__init__.py', 'from .drn.drn import DRN')
    assert needed('drn', tmp_path)
    write(localizers / 'drn' / 'drn.py')
    assert not needed('drn', tmp_path)


def test_vindlu_is_left_on_when_its_imports_work(tmp_path):
    for module, names in compat._VINDLU_IMPORTS:
        parts = module.split('.')
        for depth in range(1, len(parts)):
            write(tmp_path.joinpath(*parts[:depth]) / '__init__.py')
        write(tmp_path.joinpath(*parts).with_suffix('.py'),
              '\n'.join(f'{name} = None' for name in names))
    assert not needed('vindlu', tmp_path)
    write(tmp_path / 'timm' / 'models' / 'layers.py')
    assert needed('vindlu', tmp_path)


def test_compiled_mmcv_needs_no_quiet_import(tmp_path):
    write(tmp_path / 'mmcv' / '__init__.py')
    assert needed('mmcv_warning', tmp_path)
    write(tmp_path / 'mmcv' / '_ext.cpython-311-x86_64-linux-gnu.so')
    assert not needed('mmcv_warning', tmp_path)


def test_checkpoint_with_bookkeeping_loads_through_mmengine(checkpoint):
    loaded = CheckpointLoader.load_checkpoint(str(checkpoint), 'cpu')
    assert torch.equal(loaded['state_dict']['weight'], torch.arange(3.))
    history = loaded['message_hub']['log_scalars']['train/loss']
    assert history.mean() == 2.
    assert history.data[0].tolist() == [1., 2., 3.]
    assert history.statistics('max', 2) == 3.
    assert loaded['message_hub']['runtime_info']['iter'] == 7


def test_message_hub_of_a_runner_survives_the_round_trip(tmp_path):
    hub = MessageHub.get_instance('compat_round_trip')
    hub.update_scalar('train/loss', 0.5)
    hub.update_info('names', ['AU1', 'AU4'])
    torch.save(dict(message_hub=hub.state_dict()), tmp_path / 'hub.pth')
    other = MessageHub.get_instance('compat_round_trip_back')
    other.load_state_dict(
        load_from_local(str(tmp_path / 'hub.pth'))['message_hub'])
    assert other.get_scalar('train/loss').current() == 0.5
    assert other.get_info('names') == ['AU1', 'AU4']


class Payload:
    """Runs a command when it is unpickled the ordinary way."""

    def __init__(self, call):
        self.call = call

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize('call', [
    (os.mkdir, ('harm', )),
    (getattr, (HistoryBuffer, 'no_such')),
    (getattr, (HistoryBuffer, '__init__')),
    (getattr, (np.ndarray, 'tofile')),
], ids=['function', 'unknown name', 'dunder', 'getattr of an array'])
def test_a_file_that_runs_code_is_refused(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(dict(state_dict=Payload(call)), 'evil.pth')
    with pytest.raises(ValueError, match='evil.pth: holds more than weights'):
        load_from_local('evil.pth')
    assert not Path('harm').exists()


@pytest.mark.parametrize('content', [
    b'', b'not a checkpoint', b'version https://git-lfs.github.com/spec/v1\n',
    pickle.dumps({'a': 1})[:-3],
], ids=['empty', 'text', 'pointer', 'cut pickle'])
def test_no_checkpoint_is_one_error_that_names_the_file(content, tmp_path):
    path = tmp_path / 'bad.pth'
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r'bad\.pth: damaged, or not a checkpoint'):
        CheckpointLoader.load_checkpoint(str(path), 'cpu')


@pytest.mark.parametrize('kept', [0.1, 0.5, 0.99])
def test_a_cut_checkpoint_is_one_error_that_names_the_file(kept, checkpoint):
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content[:int(len(content) * kept)])
    with pytest.raises(ValueError, match='damaged, or not a checkpoint'):
        load_from_local(str(checkpoint))


def test_missing_checkpoint_names_the_file(tmp_path):
    with pytest.raises(FileNotFoundError, match='no_such.pth'):
        CheckpointLoader.load_checkpoint(str(tmp_path / 'no_such.pth'), 'cpu')


def test_a_wrong_device_is_not_called_a_damaged_file(checkpoint):
    with pytest.raises(RuntimeError, match='restore data location'):
        load_from_local(str(checkpoint), map_location='nonsense')
