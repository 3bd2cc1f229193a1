# Copyright (c) AULLM-MM contributors.
"""Protocols over two corpora, with emotions; leaks; two runs compared."""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / 'datasets'))
from moving_release import write_moving_release  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
CONFIG = '''
_base_ = ['{root}/configs/ablations/no_llm_megc.py']
aus = (4, 12, 7)
model = dict(backbone=dict(image_size=32), cls_head=dict(
    aus=aus, projector=dict(num_tokens=1)))
cached = dict(type='CacheClip', root='{folder}/cache', keys=('flow',), transforms=[
    dict(type='LoadMicroExpressionFrames', color='gray', max_frames=8),
    dict(type='OnsetApexFlow', size=(32, 32))])
pipeline = [cached, dict(type='FormatMotion', keys=('flow',), layout='channels'),
            dict(type='PackAUInputs')]
data = dict(dataset=dict(
    corpus=('casme2', 'generic'), data_root=('{folder}/casme2', '{folder}/own'),
    aus=aus, pipeline=pipeline, split=dict(_delete_=True, seed=0, val_fraction=0.3)))
train_dataloader = val_dataloader = test_dataloader = data
train_dataloader.update(batch_size=8)
val_evaluator = [dict(type='AUMetric', aus=aus),
                 dict(type='EmotionMetric', emotions='3')]
test_evaluator = val_evaluator
default_hooks = dict(checkpoint=dict(save_best='au/AUC_mean'))
train_cfg = dict(max_epochs={epochs}, val_begin={epochs})
param_scheduler = dict(periods=[1, {epochs}])
'''


def write_own(root: Path) -> None:
    """A corpus of one's own whose coders did not look for AU7."""
    write_moving_release(root, subjects=4, clips=3, first_texture=50)
    rows = ['subject,clip,onset,apex,offset,aus,emotion,fps,frame_dir']
    emotions = ('happiness', 'disgust', 'surprise')
    for i, folder in enumerate(sorted((root / 'Cropped').glob('*/*'))):
        aus = ('12', '4', '4+12')[i % 3]
        rows.append(f'{folder.parent.name},{folder.name},10,14,17,{aus},'
                    f'{emotions[i % 3]},100,Cropped/{folder.parent.name}/{folder.name}')
    (root / 'clips.csv').write_text('\n'.join(rows) + '\n')


@pytest.fixture(scope='module')
def place(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp('cross')
    write_moving_release(folder / 'casme2', subjects=4)
    write_own(folder / 'own')
    for name, epochs in (('short', 1), ('long', 4)):
        text = CONFIG.format(root=ROOT, folder=folder, epochs=epochs)
        (folder / f'{name}.py').write_text(text)
    return folder


def run(place, *command, code=0):
    done = subprocess.run(
        [sys.executable, *map(str, command)], capture_output=True, text=True, cwd=place,
        env={**os.environ, 'OMP_NUM_THREADS': '1'})
    assert done.returncode == code, done.stderr[-3000:]
    return done.stderr if code else done.stdout


@pytest.fixture(scope='module')
def finished(place) -> Path:
    """Two finished runs of the same protocol."""
    for name in ('short', 'long'):
        run(place, ROOT / 'tools/cross_validate.py', f'{name}.py', '--protocol',
            'leave-one-corpus-out', '--work-dir', name)
    return place


def test_each_corpus_is_tested_by_a_model_that_never_saw_it(finished):
    summary = json.loads((finished / 'long/results.json').read_text())
    assert [f['name'] for f in summary['folds']] == ['casme2', 'generic']
    assert set(summary['per corpus']) == {'casme2', 'generic'}
    for index, corpus in enumerate(('casme2', 'generic')):
        split = json.loads((finished / f'long/splits/fold_00{index}.json').read_text())
        assert all(key.startswith(f'{corpus}/') for key in split['test'])
        assert not any(key.startswith(f'{corpus}/')
                       for key in split['train'] + split['val'])


def test_au_without_a_positive_in_a_corpus_has_no_score_there(finished):
    own = json.loads((finished / 'long/results.json').read_text())[
        'per corpus']['generic']['per_au']['AU7']
    assert own['positives'] == 0 and own['f1']['value'] is None
    assert 'no positive among 12 known clips' in own['undefined']
    text = (finished / 'long/results.txt').read_text()
    assert 'no positive among 12 known clips' in text


def test_emotions_are_judged_over_all_folds_and_per_corpus(finished):
    emotions = json.loads((finished / 'long/results.json').read_text())['emotions']
    assert emotions['classes'] == ['negative', 'positive', 'surprise']
    assert emotions['clips'] == dict(negative=4, positive=4, surprise=4)  # no others
    assert 0 <= emotions['UF1']['low'] <= emotions['UF1']['high'] <= 1
    assert 'UF1' in (finished / 'long/results.txt').read_text()


def test_two_runs_are_compared_in_pairs(finished):
    out = run(finished, ROOT / 'tools/analysis/compare_runs.py', 'short', 'long',
              '--n', 200, '--out', 'difference.json')
    assert 'B - A' in out and 'AU12' in out
    found = json.loads((finished / 'difference.json').read_text())
    f1 = [json.loads((finished / n / 'results.json').read_text())['threshold 0.5'][
        'per_au']['AU12']['f1']['value'] for n in ('short', 'long')]
    assert found['difference'][1] == pytest.approx(f1[1] - f1[0])
    assert 0 < found['p'][-1] <= 1


def test_runs_that_are_not_there_are_named(finished):
    tool = ROOT / 'tools/analysis/compare_runs.py'
    assert 'none does not exist' in run(finished, tool, 'none', 'long', code=2)
    assert 'plan.json is missing' in run(finished, tool, 'casme2', 'long', code=2)


def test_megc_runs_over_clips_with_its_emotions(place):
    run(place, ROOT / 'tools/cross_validate.py', 'short.py', '--protocol', 'megc',
        '--work-dir', 'megc')
    summary = json.loads((place / 'megc/results.json').read_text())
    assert summary['clips'] == 12 and len(summary['folds']) == 4


def test_deliberate_leak_of_a_copied_corpus_ends_the_run_before_training(place):
    own = place / 'leak'
    shutil.copytree(place / 'casme2', own / 'casme2')
    write_own(own / 'own')
    frames = own / 'casme2/Cropped'
    shutil.rmtree(own / 'own/Cropped')
    shutil.copytree(frames, own / 'own/Cropped')  # the same people under other names
    (own / 'short.py').write_text(CONFIG.format(root=ROOT, folder=own, epochs=1))
    error = run(own, ROOT / 'tools/cross_validate.py', 'short.py', '--protocol',
                'cross:casme2->generic', '--work-dir', 'out', code=2)
    assert 'trained on and tested under two names' in error and 'Traceback' not in error
    assert not (own / 'out').exists()
