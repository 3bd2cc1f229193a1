# Copyright (c) AULLM-MM contributors.
"""Training and testing from a config, as the command line tools do."""
from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any, Iterator, Mapping

import torch
from mmengine.config import Config
from mmengine.runner import Runner

from aullm_mm.datasets import MicroExpressionDataset
from aullm_mm.registry import DATASETS
from aullm_mm.utils.memory import keep_freed_memory

LAUNCHERS = ('none', 'pytorch', 'slurm', 'mpi')
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')


def load_config(
    config: str,
    work_dir: str | None = None,
    options: Mapping[str, Any] | None = None,
    launcher: str = 'none',
) -> Config:
    """Read a config and apply what the command line overrides.

    Args:
        config: Config file.
        work_dir: Where logs and checkpoints go. Defaults to the config's own, else
            ``work_dirs/<name of the config>``.
        options: Dotted keys to override, as of ``--cfg-options``.
        launcher: One of ``LAUNCHERS``. Defaults to ``'none'``.

    Raises:
        FileNotFoundError: If there is no such config.
        ValueError: If the launcher is not known.
    """
    if not Path(config).is_file():
        raise FileNotFoundError(f'Config {config} does not exist.')
    if launcher not in LAUNCHERS:
        raise ValueError(f'launcher must be one of {LAUNCHERS}, got {launcher!r}.')
    cfg = Config.fromfile(config)
    cfg.launcher = launcher
    if options:
        cfg.merge_from_dict(dict(options))
    if work_dir:
        cfg.work_dir = work_dir
    elif cfg.get('work_dir') is None:
        cfg.work_dir = str(Path('work_dirs') / Path(config).stem)
    return cfg


def use_amp(cfg: Config) -> None:
    """Switch mixed precision on: float16 on an accelerator, bfloat16 on a CPU."""
    kind = cfg.optim_wrapper.get('type', 'OptimWrapper')
    if kind in ('AmpOptimWrapper', 'CPUAmpOptimWrapper'):
        return
    if kind != 'OptimWrapper':
        raise ValueError(
            f'--amp works with optim_wrapper.type OptimWrapper, this config has '
            f'{kind!r}.')
    if torch.cuda.is_available():
        cfg.optim_wrapper.update(type='AmpOptimWrapper', loss_scale='dynamic')
    else:
        cfg.optim_wrapper.type = 'CPUAmpOptimWrapper'


def drop_validation(cfg: Config) -> None:
    """Train without validation; the last checkpoint is then the result."""
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    cfg.default_hooks.checkpoint.pop('save_best', None)
    cfg.default_hooks.checkpoint.pop('rule', None)


def check_subjects(cfg: Config) -> None:
    """Raise if two of the training, validation and test parts share a subject.

    It reads the annotation tables before anything is built or written, so that a
    corpus that is not there ends a run at once. Datasets of MMAction2, which know no
    subjects, are left alone.

    Args:
        cfg: The config.

    Raises:
        ValueError: If a subject is on two sides of the split.
        FileNotFoundError: If a corpus is not there.
    """
    found = {name: set() for name in LOADERS}
    for name in LOADERS:
        for config in _our_datasets((cfg.get(name) or {}).get('dataset')):
            settings = dict(config, pipeline=[], lazy_init=True)
            found[name].update(DATASETS.build(settings).subjects)
    for first, second in combinations(LOADERS, 2):
        both = sorted(found[first] & found[second])
        if both:
            raise ValueError(
                f'{first} and {second} share {len(both)} subjects: {", ".join(both)}. '
                f'Give both datasets the same split (n_folds, fold, seed, '
                f'val_fraction), each with its own part.')


def _our_datasets(config: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """Configs of micro-expression datasets, also inside of wrappers."""
    if not config:
        return
    kind = config['type']
    kind = DATASETS.get(kind) if isinstance(kind, str) else kind
    if isinstance(kind, type) and issubclass(kind, MicroExpressionDataset):
        yield config
    for inner in [config.get('dataset'), *(config.get('datasets') or ())]:
        yield from _our_datasets(inner)


def build_runner(cfg: Config) -> Runner:
    """Build the runner that a config asks for."""
    keep_freed_memory()
    if 'runner_type' not in cfg:
        return Runner.from_cfg(cfg)
    from mmengine.registry import RUNNERS
    return RUNNERS.build(cfg)


def train_run(
    cfg: Config,
    resume: str | None = None,
    amp: bool = False,
    validate: bool = True,
    auto_scale_lr: bool = False,
    seed: int | None = None,
    diff_rank_seed: bool = False,
    deterministic: bool = False,
) -> Runner:
    """Train.

    Args:
        cfg: The config.
        resume: ``'auto'`` for the latest checkpoint of the work dir, or a checkpoint.
        amp: Whether to use mixed precision. Defaults to False.
        validate: Whether to validate while training. Defaults to True.
        auto_scale_lr: Whether to scale the learning rate by the batch size.
        seed: Seed, over whatever the config says. Defaults to the config's.
        diff_rank_seed: Whether each process has a seed of its own.
        deterministic: Whether to use deterministic algorithms only.

    Raises:
        ValueError: If an option does not fit the config, or a subject is on two sides
            of the split.
        FileNotFoundError: If the corpus or the checkpoint to resume from is not there.
    """
    if amp:
        use_amp(cfg)
    if not validate:
        drop_validation(cfg)
    if auto_scale_lr:
        if 'base_batch_size' not in cfg.get('auto_scale_lr', {}):
            raise ValueError(
                '--auto-scale-lr needs auto_scale_lr.base_batch_size in the config.')
        cfg.auto_scale_lr.enable = True
    if resume:
        cfg.resume = True
        cfg.load_from = None if resume == 'auto' else resume
        if resume != 'auto' and not Path(resume).is_file():
            raise FileNotFoundError(f'Checkpoint {resume} does not exist.')
    randomness = dict(dict(seed=None), **(cfg.get('randomness') or {}))
    if seed is not None:
        randomness['seed'] = seed
    cfg.randomness = dict(
        randomness, diff_rank_seed=diff_rank_seed, deterministic=deterministic)
    check_subjects(cfg)
    runner = build_runner(cfg)
    runner.train()
    return runner


def find_checkpoint(work_dir: str) -> str:
    """The best checkpoint of a work dir, else the last one.

    Args:
        work_dir: Folder of a training run.

    Raises:
        FileNotFoundError: If there is none.
    """
    folder = Path(work_dir)
    best = sorted(folder.glob('best_*.pth'), key=lambda p: p.stat().st_mtime)
    if best:
        return str(best[-1])
    pointer = folder / 'last_checkpoint'
    if pointer.is_file() and Path(pointer.read_text().strip()).is_file():
        return pointer.read_text().strip()
    raise FileNotFoundError(
        f'No checkpoint in {folder}: train first (python tools/train.py CONFIG), or '
        f'name the checkpoint.')


def test_run(
    cfg: Config, checkpoint: str | None = None, dump: str | None = None
) -> dict[str, float]:
    """Test a checkpoint on the test split.

    Args:
        cfg: The config.
        checkpoint: Checkpoint file; by default the best one of the work dir.
        dump: Pickle file to write all predictions to.

    Raises:
        FileNotFoundError: If the checkpoint is not there.
        ValueError: If it belongs to another AU list or LLM, or knows a test subject.
    """
    if checkpoint is not None and not Path(checkpoint).is_file():
        raise FileNotFoundError(f'Checkpoint {checkpoint} does not exist.')
    if dump is not None and not dump.endswith(('.pkl', '.pickle')):
        raise ValueError(f'--dump must be a .pkl or .pickle file, got {dump!r}.')
    cfg.load_from = checkpoint or find_checkpoint(cfg.work_dir)
    cfg.resume = False
    if dump:
        evaluators = cfg.test_evaluator
        evaluators = evaluators if isinstance(evaluators, list) else [evaluators]
        cfg.test_evaluator = [*evaluators, dict(type='DumpResults', out_file_path=dump)]
    check_subjects(cfg)
    return build_runner(cfg).test()
