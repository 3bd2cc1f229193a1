# Copyright (c) AULLM-MM contributors.
"""The commands of README on a small corpus: train, resume, test, draw."""
import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[1]
CONFIG = '''
_base_ = ['{root}/configs/aullm_casme2.py']
model = dict(cls_head=dict(
    llm=dict(type='CausalLM', name='glassllm', lora=dict(r=2)),
    prompt=dict(style='brief')))
split = dict(n_folds=3, fold=0, seed=0, val_fraction=0.25)
data = dict(dataset=dict(data_root='{corpus}', split=split))
train_dataloader = val_dataloader = test_dataloader = data
train_cfg = dict(max_epochs=3, val_begin=2)
default_hooks = dict(checkpoint=dict(interval=1))
param_scheduler = dict(periods=[1, 2])
custom_hooks = [
    dict(type='CheckpointIdentityHook'), dict(type='ModelSummaryHook'),
    dict(type='EvidenceWarmupHook', epochs=1)]
'''


def run(*command, cwd):
    """Run a tool as a user would."""
    done = subprocess.run(
        [sys.executable, *map(str, command)], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def losses(work_dir):
    """Every logged training loss of a run, in order."""
    logs = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))
    rows = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
    return [row['loss'] for row in rows if 'loss' in row]


@pytest.fixture(scope='module')
def place(tmp_path_factory, synthetic_corpus):
    """A folder with a config and one finished run."""
    folder = tmp_path_factory.mktemp('runs')
    config = folder / 'small.py'
    config.write_text(CONFIG.format(root=ROOT, corpus=synthetic_corpus))
    run(ROOT / 'tools/train.py', config, '--work-dir', folder / 'a', '--seed', 3,
        cwd=folder)
    return folder


def test_same_seed_gives_the_same_losses_and_another_seed_others(place):
    config = place / 'small.py'
    run(ROOT / 'tools/train.py', config, '--work-dir', place / 'b', '--seed', 3,
        cwd=place)
    run(ROOT / 'tools/train.py', config, '--work-dir', place / 'c', '--seed', 4,
        '--cfg-options', 'train_cfg.max_epochs=1', '--no-validate', cwd=place)
    first = losses(place / 'a')
    assert len(first) >= 3 and first == losses(place / 'b')
    assert losses(place / 'c')[0] != first[0]


def test_checkpoint_holds_what_was_trained_and_says_for_what(place):
    best = max((place / 'a').glob('best_*.pth'))
    checkpoint = torch.load(best, map_location='cpu', weights_only=False)
    identity = checkpoint['meta']['aullm_mm']
    assert identity['aus'] == [1, 2, 4, 7, 12, 14, 15, 17]
    assert identity['llm']['name'] == 'glassllm' and identity['llm']['sha256']
    keys = [k for k in checkpoint['state_dict'] if '.llm.' in k]
    assert keys and all('lora' in k for k in keys)
    assert 'AULLMHead' in checkpoint['meta']['cfg']


def test_resume_goes_on_where_the_run_stopped(place):
    config = place / 'small.py'
    out = run(ROOT / 'tools/train.py', config, '--work-dir', place / 'a', '--resume',
              '--cfg-options', 'train_cfg.max_epochs=4',
              'param_scheduler.periods=[1,3]', cwd=place)
    assert 'resumed epoch: 3' in out
    assert (place / 'a' / 'epoch_4.pth').is_file()


def test_testing_prints_the_table_and_dumps_predictions(place):
    dump = place / 'predictions.pkl'
    out = run(ROOT / 'tools/test.py', place / 'small.py', '--work-dir', place / 'a',
              '--dump', dump, cwd=place)
    for word in ('AU12', 'lip corner puller', 'all-positive F1', 'mean'):
        assert word in out
    rows = pickle.loads(dump.read_bytes())
    assert rows and all(row['pred_score'].shape == (8,) for row in rows)
    again = place / 'again.pkl'
    run(ROOT / 'tools/test.py', place / 'small.py', '--work-dir', place / 'a',
        '--dump', again, cwd=place)
    for row, other in zip(rows, pickle.loads(again.read_bytes())):
        assert torch.equal(row['pred_score'], other['pred_score'])


def test_pictures_are_drawn(place):
    dump, out = place / 'pictures.pkl', place / 'pictures'
    run(ROOT / 'tools/test.py', place / 'small.py', '--work-dir', place / 'a',
        '--dump', dump, cwd=place)
    run(ROOT / 'tools/analysis/draw_predictions.py', place / 'small.py', '--work-dir',
        place / 'a', '--predictions', dump, '--out', out, cwd=place)
    for name in ('predictions', 'au_graph', 'training_curves'):
        assert (out / f'{name}.png').stat().st_size > 10_000


def test_amp_runs_in_bfloat16_on_a_cpu(place):
    out = run(ROOT / 'tools/train.py', place / 'small.py', '--work-dir', place / 'amp',
              '--amp', '--no-validate', '--auto-scale-lr', '--cfg-options',
              'train_cfg.max_epochs=2', cwd=place)
    assert 'LR is set based on batch size' in out
    assert torch.isfinite(torch.tensor(losses(place / 'amp'))).all()


def test_existing_project_trains_with_one_changed_head(place, synthetic_corpus):
    data = place / 'data/my_project'
    run(ROOT / 'examples/existing_project/make_data.py', '--corpus-root',
        synthetic_corpus, '--out', data, cwd=place)
    out = run(ROOT / 'tools/train.py', ROOT / 'examples/existing_project/after.py',
              '--work-dir', place / 'existing', '--cfg-options',
              'train_cfg.max_epochs=1', 'default_hooks.logger.interval=1', cwd=place)
    assert 'loss_ccr' in out and 'loss_au' in out
    out = run(ROOT / 'tools/test.py', ROOT / 'examples/existing_project/after.py',
              '--work-dir', place / 'existing', cwd=place)
    assert 'all-positive F1' in out
