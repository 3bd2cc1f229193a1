# Copyright (c) AULLM-MM contributors.
"""Cross-validation as a user runs it: resumed, killed, in parallel, never twice."""
import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mmengine.config import Config

from aullm_mm.apis.cross_validation import make_plan, open_plan, run_plan, summarize
from aullm_mm.apis.cross_validation.launch import Worker, pending
from aullm_mm.apis.cross_validation.unit import read_result

sys.path.insert(0, str(Path(__file__).parents[1] / 'datasets'))
from moving_release import write_moving_release  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
# With one thread the numbers of any two runs can be compared to the last digit.
ONE_THREAD = {**os.environ, 'OMP_NUM_THREADS': '1'}
TOOL = ROOT / 'tools/cross_validate.py'
CONFIG = '''
_base_ = ['{root}/configs/aullm_casme2.py']
model = dict(
    backbone=dict(image_size=32),
    cls_head=dict(
        aus=(4, 12), projector=dict(num_tokens=1),
        llm=dict(type='CausalLM', name='glassllm', lora=dict(r=2)),
        prompt=dict(style='brief')))
cached = dict(type='CacheClip', root='{folder}/cache', transforms=[
    dict(type='LoadMicroExpressionFrames', color='gray', max_frames=8),
    dict(type='OnsetApexFlow', size=(32, 32)),
    dict(type='ResizeFrames', size=(32, 32))])
pipeline = [cached, dict(type='AugmentMotion', max_shift=0.02, max_turn=2.0,
                         max_scale=0.03, motion_gain=1.3),
            dict(type='FormatMotion', keys=('flow',), layout='channels'),
            dict(type='PackAUInputs')]
data = dict(dataset=dict(
    data_root='{folder}/casme2', aus=(4, 12), pipeline=pipeline,
    split=dict(_delete_=True, seed=0, val_fraction=0.3)))
train_dataloader = val_dataloader = test_dataloader = data
train_dataloader.update(batch_size=8)
val_evaluator = test_evaluator = dict(aus=(4, 12))
train_cfg = dict(max_epochs=3, val_begin=2)
param_scheduler = dict(periods=[1, 2])
custom_hooks = [
    dict(type='CheckpointIdentityHook'), dict(type='EvidenceWarmupHook', epochs=1)]
'''


@pytest.fixture(scope='module')
def place(tmp_path_factory) -> Path:
    """A corpus of four subjects and a config for it."""
    folder = tmp_path_factory.mktemp('cross_validation')
    write_moving_release(folder / 'casme2', subjects=4)
    (folder / 'small.py').write_text(CONFIG.format(root=ROOT, folder=folder))
    return folder


@pytest.fixture(scope='module')
def undisturbed(place) -> Path:
    """A finished leave-one-subject-out run."""
    run(place, 'undisturbed')
    return place / 'undisturbed'


def load(place, **options) -> Config:
    cfg = Config.fromfile(place / 'small.py')
    cfg.merge_from_dict(options)
    return cfg


def run(place, name, *options):
    """Run the tool as a user would; its output."""
    command = [sys.executable, TOOL, place / 'small.py', '--protocol', 'loso',
               '--work-dir', place / name, *options]
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, cwd=place,
        env=ONE_THREAD)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def predictions(work_dir):
    """What every fold concluded, without where and how long it ran."""
    found = {}
    for path in sorted(Path(work_dir).glob('seed_*/fold_*/result.json')):
        result = read_result(path)
        for key in ('seconds', 'pid', 'made'):
            result.pop(key)
        found[str(path.relative_to(work_dir))] = result
    return found


def test_loso_tests_every_clip_once_and_trains_on_no_test_subject(undisturbed):
    results = predictions(undisturbed)
    tested = [clip['clip_id'] for r in results.values() for clip in r['test']]
    assert len(results) == 4 and len(tested) == len(set(tested)) == 12
    for result in results.values():
        assert {clip['subject'] for clip in result['test']} == {result['fold']}
        assert all(clip['subject'] != result['fold'] for clip in result['val'])
        assert result['val'] and set(result['oracle_epochs']) == {'2', '3'}


def test_reports_hold_results_first_and_the_oracle_apart(undisturbed):
    summary = json.loads((undisturbed / 'results.json').read_text())
    assert summary['protocol'] == 'loso' and summary['clips'] == 12
    assert summary['tables']['casme2'] and summary['versions']['torch']
    assert 'EvidenceWarmupHook' in summary['config']
    text = (undisturbed / 'results.txt').read_text()
    results, _, oracle = text.partition('oracle, not a result')
    assert 'threshold 0.5' in results and 'tuned on the test' not in results
    assert 'threshold tuned on the test clips' in oracle
    assert 'epoch chosen on the test clips' in oracle
    rows = list(csv.DictReader((undisturbed / 'results.csv').open()))
    assert [r['au'] for r in rows[:3]] == ['AU4', 'AU12', 'mean']
    assert all('oracle' in r['section'] for r in rows if 'tuned' in r['section'])
    mean = 100 * float(rows[2]['f1'])
    assert f'{mean:.1f} \\\\' in (undisturbed / 'results.tex').read_text()


def test_fold_without_a_positive_is_said_so(place, undisturbed):
    text = (undisturbed / 'results.txt').read_text()
    assert 'has no positive test clip in' in text and 'is undefined' in text


def test_second_run_in_the_same_folder_needs_resume(place, undisturbed):
    command = [sys.executable, TOOL, place / 'small.py', '--protocol', 'loso',
               '--work-dir', undisturbed]
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, cwd=place)
    assert done.returncode == 2 and '--resume' in done.stderr
    assert 'Traceback' not in done.stderr


def test_resuming_does_no_finished_fold_twice(place, undisturbed):
    paths = list(undisturbed.glob('seed_*/fold_*/result.json'))
    before = {path: path.stat().st_mtime_ns for path in paths}
    run(place, 'undisturbed', '--resume')
    assert before == {path: path.stat().st_mtime_ns for path in paths}


def test_resuming_with_another_config_is_refused_with_the_difference(
        place, undisturbed):
    cfg = load(place, **{'model.cls_head.llm.lora.r': 4})
    plan, folds = make_plan(cfg, 'loso')
    with pytest.raises(ValueError, match=r'another config; .*r=2.*\+.*r=4'):
        open_plan(plan, folds, undisturbed, resume=True)
    plan, folds = make_plan(load(place), 'kfold:4')
    with pytest.raises(ValueError, match='begun with protocol loso, now it is kfold:4'):
        open_plan(plan, folds, undisturbed, resume=True)


def test_killed_and_resumed_run_ends_with_the_same_numbers(place, undisturbed):
    command = [sys.executable, TOOL, place / 'small.py', '--protocol', 'loso',
               '--work-dir', place / 'killed']
    process = subprocess.Popen(
        list(map(str, command)), cwd=place, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True, env=ONE_THREAD)
    second = place / 'killed/seed_0/fold_001'
    deadline = time.monotonic() + 120
    while not (second.is_dir() and any(second.iterdir())):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)  # in the midst of the second fold
    process.wait()
    assert len(predictions(place / 'killed')) == 1
    run(place, 'killed', '--resume')
    assert predictions(place / 'killed') == predictions(undisturbed)
    assert scores(place / 'killed') == scores(undisturbed)


def scores(work_dir):
    summary = json.loads((work_dir / 'results.json').read_text())
    return {k: v for k, v in summary.items() if k != 'seconds'}


def test_order_of_folds_does_not_change_a_result(place, undisturbed, tmp_path):
    cfg = load(place)
    plan, folds = make_plan(cfg, 'loso')
    open_plan(plan, folds, tmp_path, resume=False)
    worker = Worker(cfg.to_dict(), plan, str(tmp_path))
    for unit in reversed(pending(plan, tmp_path)):
        worker.run(unit)
    worker.close()
    assert predictions(tmp_path) == predictions(undisturbed)


def test_oracle_watches_without_changing_the_result(place, undisturbed, tmp_path):
    cfg = load(place)
    plan, folds = make_plan(cfg, 'loso', oracle=False)
    open_plan(plan, folds, tmp_path, resume=False)
    run_plan(cfg, plan, tmp_path, only=[1])
    blind, = predictions(tmp_path).values()
    watched = predictions(undisturbed)['seed_0/fold_001/result.json']
    assert blind.pop('oracle_epochs') == {} and watched.pop('oracle_epochs')
    assert blind == watched


def test_fold_without_validation_subjects_has_no_inner_thresholds(place, tmp_path):
    cfg = load(place)
    for name in ('train', 'val', 'test'):
        cfg[f'{name}_dataloader'].dataset.split.val_fraction = 0.0
    cfg.train_cfg.max_epochs = 1
    plan, folds = make_plan(cfg, 'kfold:2')
    open_plan(plan, folds, tmp_path, resume=False)
    run_plan(cfg, plan, tmp_path)
    summary = summarize(plan, tmp_path, bootstrap=20)
    assert summary['threshold chosen on validation subjects'] is None
    assert summary['threshold 0.5']['mean']['f1'] and plan.folds[0]['val'] == 0


def test_folds_run_side_by_side(place, tmp_path):
    cfg = load(place)
    plan, folds = make_plan(cfg, 'kfold:2', seeds=2)
    open_plan(plan, folds, tmp_path, resume=False)
    run_plan(cfg, plan, tmp_path, jobs=2)
    summary = summarize(plan, tmp_path, bootstrap=50)
    assert summary['seeds'] == [0, 1] and not pending(plan, tmp_path)
    assert len(summary['threshold 0.5']['mean']['f1']['each_seed']) == 2


def test_failing_fold_is_named_and_finished_folds_stay(place, tmp_path):
    cfg = load(place, **{'optim_wrapper.optimizer.type': 'NoSuchOptimizer'})
    plan, folds = make_plan(cfg, 'kfold:2')
    open_plan(plan, folds, tmp_path, resume=False)
    with pytest.raises(RuntimeError, match='fold_000 failed .*NoSuchOptimizer.*resume'):
        run_plan(cfg, plan, tmp_path)


def test_slurm_script_runs_one_unit_a_task(place):
    out = run(place, 'slurm', '--launcher', 'slurm', '--jobs', '3')
    script = place / 'slurm/slurm_array.sh'
    assert f'sbatch {script}' in out and '--array=0,1,2,3%3' in script.read_text()
    done = subprocess.run(
        ['bash', str(script)], capture_output=True, text=True, cwd='/',
        env={**os.environ, 'SLURM_ARRAY_TASK_ID': '2', 'SLURM_CPUS_PER_TASK': '1'})
    assert done.returncode == 0, done.stderr[-2000:]
    assert list(predictions(place / 'slurm')) == ['seed_0/fold_002/result.json']


def test_unfinished_run_says_how_many_folds_are_missing(place, tmp_path):
    plan, folds = make_plan(load(place), 'loso')
    open_plan(plan, folds, tmp_path, resume=False)
    with pytest.raises(FileNotFoundError, match='4 of 4 folds have no result yet'):
        summarize(plan, tmp_path)


def test_ray_cluster_of_two_workers_gives_every_fold(place, tmp_path):
    import ray
    from ray.cluster_utils import Cluster
    cluster = Cluster(initialize_head=True, head_node_args=dict(num_cpus=1))
    cluster.add_node(num_cpus=1)
    try:
        ray.init(address=cluster.address, log_to_driver=False)
        cfg = load(place)
        plan, folds = make_plan(cfg, 'kfold:2')
        open_plan(plan, folds, tmp_path, resume=False)
        run_plan(cfg, plan, tmp_path, jobs=2, launcher='ray')
        workers = {row['pid'] for row in map(
            read_result, tmp_path.glob('seed_0/*/result.json'))}
        assert not pending(plan, tmp_path)
        assert len(workers) == 2 and os.getpid() not in workers
    finally:
        ray.shutdown()
        cluster.shutdown()
