# Copyright (c) AULLM-MM contributors.
"""Run one unit of a cross-validation: train on a fold, predict its test clips."""
from __future__ import annotations

import copy
import json
import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.runner import Runner

from aullm_mm.utils.atomic import write_text_atomic
from aullm_mm.engine import TestEpochsHook, predict_clips

from ..runs import (
    LOADERS,
    build_runner,
    check_subjects,
    drop_validation,
    find_checkpoint,
)
from .making import count_trained, describe_making
from .plan import Plan, Unit, split_path

FILE = 'result.json'
FORMAT = 'aullm_mm.fold_result'


def run_unit(cfg: Config, plan: Plan, unit: Unit, work_dir: Path) -> dict[str, Any]:
    """Train and predict one unit, unless its result is there already.

    The result is written in one step at the very end; a unit that was cut off has none
    and is run anew from its beginning, which gives the same numbers.

    Args:
        cfg: The config of the cross-validation.
        plan: The plan.
        unit: Which fold, and with which seed.
        work_dir: Folder of the cross-validation.

    Returns:
        The result.
    """
    folder = unit.folder(work_dir)
    if (folder / FILE).is_file():
        return read_result(folder / FILE)
    shutil.rmtree(folder, ignore_errors=True)  # remains of a run that was cut off
    start = time.perf_counter()
    fold = plan.folds[unit.fold]
    cfg = unit_config(cfg, fold, unit, work_dir, plan.oracle)
    check_subjects(cfg)
    runner = build_runner(cfg)
    try:
        runner.train()
        result = dict(
            format=FORMAT, version=1, fold=fold['name'], hash=fold['hash'],
            seed=unit.seed, trained_parameters=count_trained(runner.model),
            **_predict(runner, cfg))
    finally:
        _forget(runner)
    result.update(pid=os.getpid(), made=describe_making(),
                  seconds=round(time.perf_counter() - start, 3))
    write_text_atomic(folder / FILE, json.dumps(result) + '\n')
    return result


def read_result(path: Path) -> dict[str, Any]:
    """Read the result of a unit.

    Raises:
        ValueError: If the file is no result.
    """
    try:
        result = json.loads(path.read_text(encoding='utf-8'))
        if result['format'] == FORMAT:
            return result
    except (ValueError, KeyError, TypeError):
        pass
    raise ValueError(f'{path} is no result of a fold: remove its folder and run '
                     f'tools/cross_validate.py with --resume')


def unit_config(
    cfg: Config, fold: dict[str, Any], unit: Unit, work_dir: Path, oracle: bool
) -> Config:
    """The config of one unit: its split, its seed, its folder.

    Args:
        cfg: The config of the cross-validation.
        fold: Description of the fold in the plan.
        unit: The unit.
        work_dir: Folder of the cross-validation.
        oracle: Whether to keep the test predictions of every candidate epoch.
    """
    cfg = Config(copy.deepcopy(cfg.to_dict()))
    cfg.work_dir = str(unit.folder(work_dir))
    cfg.experiment_name = re.sub(r'\W', '_', cfg.work_dir)
    cfg.randomness = dict(dict(cfg.get('randomness') or {}), seed=unit.seed)
    for name in LOADERS:
        if cfg.get(name):
            cfg[name].dataset.split = dict(file=str(split_path(work_dir, unit.fold)))
            # Cached clips come faster than worker processes start; and with none of
            # them, how many there are cannot change the random numbers.
            cfg[name].update(num_workers=0, persistent_workers=False)
    begin = cfg.train_cfg.get('val_begin', 1)
    if fold['val'] == 0:
        drop_validation(cfg)
    if oracle:
        cfg.custom_hooks = [*cfg.get('custom_hooks', []),
                            dict(type='TestEpochsHook', begin=begin)]
    # A unit is run whole or not at all, so nothing is kept to go on from.
    cfg.default_hooks.checkpoint.update(
        interval=cfg.train_cfg.max_epochs, save_optimizer=False,
        save_param_scheduler=False, max_keep_ckpts=1)
    return cfg


def _predict(runner: Runner, cfg: Config) -> dict[str, Any]:
    """Predictions of the chosen checkpoint, and those the oracle chooses from."""
    checkpoint = find_checkpoint(cfg.work_dir)
    runner.load_checkpoint(checkpoint)
    val = [] if runner.val_loop is None else predict_clips(
        runner.model, runner.val_dataloader)
    epochs = next((hook.epochs for hook in runner.hooks
                   if isinstance(hook, TestEpochsHook)), {})
    aus = runner.test_dataloader.dataset.metainfo['aus']
    emotions = runner.test_dataloader.dataset.metainfo.get('emotions', ())
    return dict(
        checkpoint=Path(checkpoint).name, aus=list(aus), emotions=list(emotions),
        test=predict_clips(runner.model, runner.test_dataloader), val=val,
        oracle_epochs={str(k): _scores_only(v) for k, v in epochs.items()})


def _scores_only(clips: list[dict]) -> dict[str, list[float]]:
    return {clip['clip_id']: clip['score'] for clip in clips}


def _forget(runner: Runner) -> None:
    """Close the log files of a run, so that hundreds of runs fit one process."""
    logger = MMLogger.get_instance(runner.experiment_name)
    for handler in list(logger.handlers):
        handler.close()
        logger.removeHandler(handler)
    runner.visualizer.close()
