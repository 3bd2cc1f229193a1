# Copyright (c) AULLM-MM contributors.
"""Bad input, through the commands that a user runs and the functions that they call.

Spreadsheets (columns, AU cells, apex frames) are in test_corpora_casme2.py.
"""
import errno
import multiprocessing
import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from aullm_mm.apis import load_config, test_run, train_run
from aullm_mm.datasets.corpora import prepare_corpus
from aullm_mm.models.llm import resolve_llm
from aullm_mm.registry import DATASETS, MODELS
from aullm_mm.utils.cli import error_message

test_run.__test__ = False  # it is no test of pytest's

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
    for old, new in (('warmup_epochs, max_epochs = 300, 304',
                      'warmup_epochs, max_epochs = 1, 2'),
                     ("'CanonicalFaceFlow',", "'CanonicalFaceFlow', no_face='crop',")):
        assert old in text  # the clips of this test are no faces
        text = text.replace(old, new)
    (folder / 'edited.py').write_text(text)
    (folder / 'tiny.py').write_text(TINY)
    return folder / 'tiny.py'


def run(tool, *arguments, **kwargs):
    environment = dict(os.environ, OMP_NUM_THREADS='1', HF_HUB_OFFLINE='1')
    return subprocess.run(
        [sys.executable, str(ROOT / 'tools' / tool), *map(str, arguments)],
        capture_output=True, text=True, cwd=ROOT, env=environment, timeout=60,
        **kwargs)


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


# ---- in this process -------------------------------------------------------------


@pytest.fixture
def place(tmp_path):
    """A folder with a small release and its table."""
    root = write_moving_release(tmp_path / 'casme2', clips=1)
    prepare_corpus('casme2', root, root / 'annotations.json')
    return tmp_path


def load(folder, name='tiny.py', options=None, **edits):
    write_config(folder, **edits)
    return load_config(str(folder / name), str(folder / 'work'), options)


def training_error(cfg, kind=ValueError, act=train_run):
    """What the command would print, from training that must fail."""
    with pytest.raises(kind) as error:
        act(cfg)
    message = error_message(error.value)
    assert 'Traceback' not in message and 'Caught' not in message
    return message


def build_model(cfg):
    return MODELS.build(cfg.model)


def read_clips(cfg):
    """Read all clips of training, as the runner does."""
    return list(Runner.build_dataloader(cfg.train_dataloader, seed=0))


def left_over(folder):
    """Files that a run should not leave: clips half written."""
    return list(folder.rglob('.writing-*'))


def clip_folder(cfg, loader='train_dataloader'):
    """Frame folder of the first clip of a part."""
    settings = dict(cfg[loader].dataset, pipeline=[])
    return Path(DATASETS.build(settings).get_data_info(0)['frame_dir'])


def test_empty_corpus_folder_is_named_and_stays_empty(tmp_path):
    (tmp_path / 'casme2').mkdir()
    message = training_error(load(tmp_path), FileNotFoundError)
    for words in (str(tmp_path / 'casme2'), 'empty', 'make_synthetic.py', 'Ask'):
        assert words in message
    assert not list((tmp_path / 'casme2').iterdir())
    assert not (tmp_path / 'work').exists()


DAMAGES = {
    'truncated': (lambda frame: frame.write_bytes(frame.read_bytes()[:200]),
                  r'reg_img12\.jpg is truncated \(200 bytes.*unpack the corpus again'),
    'zero bytes': (lambda frame: frame.write_bytes(b''),
                   r'reg_img12\.jpg is empty \(0 bytes\): unpack the corpus again'),
    'no image': (lambda frame: frame.write_text('<html>404</html>'),
                 r'reg_img12\.jpg is no image .* unpack the corpus again'),
    'no frames': (lambda frame: [path.unlink() for path in frame.parent.iterdir()],
                  r'reg_img\d+\.jpg is missing.*run tools/prepare_corpus\.py'),
}


@pytest.mark.parametrize('damage, by', [
    ('truncated', 'worker'), ('truncated', 'cache'), ('zero bytes', 'cache'),
    ('no image', 'cache'), ('no frames', 'worker')])
def test_defective_frame_ends_training_by_its_name(place, damage, by):
    options = {'train_dataloader.num_workers': int(by == 'worker'),
               'train_dataloader.dataset.fill_cache': by == 'cache'}
    cfg = load(place, options=options)
    folder, (act, words) = clip_folder(cfg), DAMAGES[damage]
    act(folder / 'reg_img12.jpg')
    message = training_error(cfg, (ValueError, FileNotFoundError), read_clips)
    assert re.fullmatch(rf'Frame {re.escape(str(folder))}/{words}.*', message), message
    assert not left_over(place)


@pytest.mark.parametrize('workers', [0, 1])
def test_clip_shorter_than_the_frames_asked_for_is_named(place, workers):
    cfg = load(place, options={'train_dataloader.num_workers': workers})
    sample = dict(type='SampleOnsetToOffset', num_frames=12)
    cfg.train_dataloader.dataset.pipeline.insert(1, sample)
    message = training_error(cfg, act=read_clips)
    assert "SampleOnsetToOffset needs 'imgs'" in message  # the config keeps flow only
    assert 'add it to the keys of CacheClip' in message
    cfg.train_dataloader.dataset.pipeline[0]['keys'] = ('imgs', 'flow')
    message = training_error(cfg, act=read_clips)
    assert re.match(r'Clip casme2/sub\d\d/EP01_\d\d has 8 frames, but 12 ', message)
    assert "'repeat'" in message and not left_over(place)


def test_au_that_no_clip_has_ends_training_before_anything_is_written(place):
    message = training_error(load(place, aus=(4, 26)))
    assert 'annotations.json: no clip has AU 26' in message
    assert 'The clips code [1, 2, 4,' in message and 'change aus' in message
    assert not (place / 'work').exists() and not (place / 'cache').exists()


@pytest.mark.parametrize('loader, change, shared', [
    ('val', dict(part='train'), 'train_dataloader and val_dataloader'),
    ('test', dict(part='all'), 'train_dataloader and test_dataloader'),
    ('test', dict(split=dict(n_folds=4, fold=1, val_fraction=0.25)),
     'and test_dataloader')])
def test_subject_on_both_sides_ends_training_before_anything_is_written(
        place, loader, change, shared):
    cfg = load(place)
    cfg[f'{loader}_dataloader'].dataset.update(change)
    message = training_error(cfg)
    assert re.search(rf'{shared} share \d subjects: casme2/sub\d\d', message)
    assert 'same split' in message
    assert not (place / 'work').exists() and not (place / 'cache').exists()


def test_unknown_llm_is_named_beside_the_known_ones(place, monkeypatch):
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_OFFLINE', True)
    cfg = load(place, 'edited.py', llm='no-such/llm')
    message = training_error(cfg, act=build_model)
    for words in ("LLM 'no-such/llm'", 'SmolLM2-135M-Instruct, glassllm', 'folder'):
        assert words in message


def test_llm_folder_without_a_tokenizer_is_named(place):
    folder = place / 'llm'
    shutil.copytree(resolve_llm('glassllm'), folder)
    (folder / 'tokenizer.json').unlink()
    cfg = load(place, 'edited.py', llm=str(folder))
    message = training_error(cfg, FileNotFoundError, build_model)
    assert f'{folder} lacks a tokenizer' in message and 'save_pretrained' in message


def test_prompt_longer_than_the_context_is_refused_with_both_numbers(place):
    cfg = load(place, 'edited.py', llm='glassllm')
    message = training_error(cfg, act=build_model)
    words = r'has \d{3} tokens, but the context of glassllm holds 128'
    assert re.search(words, message)
    assert 'brief' in message


@pytest.mark.parametrize('checkpoint, words', [
    ('nowhere.pth', r'nowhere\.pth does not exist'), (None, 'No checkpoint in .*work')])
def test_missing_checkpoint_is_named(place, checkpoint, words):
    with pytest.raises(FileNotFoundError, match=words):
        test_run(load(place), checkpoint)
    assert not (place / 'work').exists()


def test_checkpoint_of_another_llm_is_refused(trained):
    brief = {'model.cls_head.prompt.style': 'brief'}
    cfg = load(trained, 'edited.py', brief, llm='glassllm')
    with pytest.raises(
            ValueError, match=r'\.pth was trained with the LLM none, .*names glassllm'):
        test_run(cfg)


def _cache_with_little_space(cfg, queue):
    init_default_scope('mmaction')
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
    try:
        read_clips(cfg)
        queue.put((None, 'nothing was raised'))
    except Exception as error:
        queue.put((getattr(error, 'errno', None), error_message(error)))


@pytest.mark.parametrize('by', ['cache', 'worker'])
def test_no_space_for_the_cache_is_one_clear_error_and_nothing_is_left(place, by):
    cfg = load(place, options={'train_dataloader.num_workers': int(by == 'worker'),
                               'train_dataloader.dataset.fill_cache': by == 'cache'})
    # A fresh process: a fork would share the locks of whatever ran here before.
    context = multiprocessing.get_context('spawn')
    queue = context.Queue()
    process = context.Process(target=_cache_with_little_space, args=(cfg, queue))
    process.start()
    code, message = queue.get(timeout=120)
    process.join()
    assert code == (errno.EFBIG if by == 'cache' else None)  # PyTorch drops the number
    assert f'No space left for the clip cache in {place / "cache"}' in message
    assert 'cache_root' in message and 'Traceback' not in message
    assert not [path for path in (place / 'cache').rglob('*') if path.is_file()]
