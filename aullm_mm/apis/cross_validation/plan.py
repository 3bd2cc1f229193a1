# Copyright (c) AULLM-MM contributors.
"""What a cross-validation consists of, and whether a folder holds the same one."""
from __future__ import annotations

import difflib
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.registry import init_default_scope

from aullm_mm.datasets import MicroExpressionDataset
from aullm_mm.utils.atomic import write_text_atomic
from aullm_mm.datasets.leaks import check_no_shared_frames, frame_fingerprints
from aullm_mm.datasets.named_protocols import Fold, make_folds
from aullm_mm.datasets.split_file import save_split, split_hash
from aullm_mm.registry import DATASETS

from ..runs import LOADERS

FILE = 'plan.json'
#: Settings of a config's split that a protocol keeps.
SPLIT = ('seed', 'val_fraction', 'train_subjects')
PACKAGES = ('aullm-mm', 'torch', 'mmengine', 'mmaction2', 'transformers', 'peft',
            'torch-geometric', 'numpy', 'opencv-python')


@dataclass(frozen=True)
class Unit:
    """One training: a fold with a seed.

    Args:
        index: Place among the units, from 0.
        seed: Seed of the training.
        fold: Place of the fold.
    """

    index: int
    seed: int
    fold: int

    def folder(self, work_dir: Path) -> Path:
        """Where the unit leaves everything."""
        return work_dir / f'seed_{self.seed}' / f'fold_{self.fold:03d}'


@dataclass(frozen=True)
class Plan:
    """A cross-validation, whole and before anything is run.

    Args:
        config: The config as text.
        protocol: As given, for example ``'loso'``.
        seeds: Seeds of training; all use the same folds.
        folds: Index, name, hash and counts of clips of each fold.
        tables: SHA-256 of the annotation table of each corpus.
        oracle: Whether test predictions of every candidate epoch are kept.
        versions: Versions of the packages, not compared when a run is resumed.
    """

    config: str
    protocol: str
    seeds: tuple[int, ...]
    folds: tuple[dict[str, Any], ...]
    tables: dict[str, str]
    oracle: bool
    versions: dict[str, str]

    @property
    def units(self) -> tuple[Unit, ...]:
        """All trainings, seed after seed."""
        pairs = [(s, f['index']) for s in self.seeds for f in self.folds]
        return tuple(Unit(i, seed, fold) for i, (seed, fold) in enumerate(pairs))


def make_plan(
    cfg: Config, protocol: str, seeds: int = 1, oracle: bool = True
) -> tuple[Plan, tuple[Fold, ...]]:
    """Plan a cross-validation: make the folds and look for leaks.

    Args:
        cfg: The config; ``seed``, ``val_fraction`` and ``train_subjects`` of its
            ``split`` are kept.
        protocol: See :mod:`aullm_mm.datasets.named_protocols`.
        seeds: Number of seeds, counted on from ``randomness.seed``. Defaults to 1.
        oracle: See :class:`Plan`. Defaults to True.

    Raises:
        ValueError: If the protocol does not fit the corpora, or a subject, a clip or
            the same frames are on both sides of a fold.
        FileNotFoundError: If a corpus is not there.
    """
    if seeds < 1:
        raise ValueError(f'seeds must be at least 1, got {seeds}.')
    dataset = build_dataset(cfg)
    records = dataset.all_records()
    keep = {k: v for k, v in dataset.split.items() if k in SPLIT}
    folds = make_folds(protocol, records, **keep)
    prints = frame_fingerprints(records, dataset.roots)
    for fold in folds:
        check_no_shared_frames(fold.split, prints)
    first = (cfg.get('randomness') or {}).get('seed') or 0
    plan = Plan(
        config=_config_text(cfg), protocol=protocol, oracle=oracle,
        seeds=tuple(range(first, first + seeds)),
        folds=tuple(_describe(fold) for fold in folds),
        tables={name: _sha256(path) for name, path in dataset.tables.items()},
        versions={name: _version(name) for name in PACKAGES})
    return plan, folds


def open_plan(
    plan: Plan, folds: tuple[Fold, ...], work_dir: Path, resume: bool
) -> None:
    """Write a plan and its splits, or check that the folder was begun with the same.

    Args:
        plan: The plan.
        folds: Its folds.
        work_dir: Folder of the cross-validation.
        resume: Whether it may have been begun.

    Raises:
        ValueError: If it was begun and ``resume`` is not set, or with another config,
            protocol, table or list of seeds; the message shows the difference.
    """
    path = work_dir / FILE
    if path.is_file():
        if not resume:
            raise ValueError(
                f'{work_dir} holds a cross-validation already: go on with --resume, or '
                f'name another --work-dir.')
        _check_same(read_plan(work_dir), plan, path)
    else:
        for fold in folds:
            save_split(fold.split, split_path(work_dir, fold.index),
                       protocol=plan.protocol, fold=fold.name)
        _write_plan(plan, work_dir)


def open_more_seeds(plan: Plan, folds: tuple[Fold, ...], work_dir: Path) -> None:
    """As :func:`open_plan`, for a folder that may have been begun with other seeds.

    The plan that is left in the folder has the seeds of both.

    Args:
        plan: The plan.
        folds: Its folds.
        work_dir: Folder of the cross-validation.

    Raises:
        ValueError: If it was begun with anything else that differs.
    """
    if not (work_dir / FILE).is_file():
        open_plan(plan, folds, work_dir, resume=True)
        return
    begun = read_plan(work_dir)
    open_plan(replace(plan, seeds=begun.seeds), folds, work_dir, resume=True)
    seeds = tuple(sorted({*begun.seeds, *plan.seeds}))
    if seeds != begun.seeds:
        _write_plan(replace(begun, seeds=seeds), work_dir)


def _write_plan(plan: Plan, work_dir: Path) -> None:
    write_text_atomic(work_dir / FILE, json.dumps(asdict(plan), indent=1) + '\n')


def read_plan(work_dir: Path) -> Plan:
    """Read the plan of a folder.

    Raises:
        FileNotFoundError: If there is none.
    """
    path = Path(work_dir) / FILE
    if not path.is_file():
        raise FileNotFoundError(
            f'{work_dir} holds no cross-validation ({FILE} is missing): run '
            f'tools/cross_validate.py with --work-dir {work_dir}')
    content = json.loads(path.read_text(encoding='utf-8'))
    content['seeds'] = tuple(content['seeds'])
    content['folds'] = tuple(content['folds'])
    return Plan(**content)


def split_path(work_dir: Path, fold: int) -> Path:
    """Split file of a fold."""
    return work_dir / 'splits' / f'fold_{fold:03d}.json'


def build_dataset(cfg: Config) -> MicroExpressionDataset:
    """The dataset of a config's training loader, its pipeline left out.

    Raises:
        ValueError: If it is no :class:`MicroExpressionDataset`.
    """
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    settings = dict(cfg.train_dataloader.dataset, pipeline=[], lazy_init=True)
    dataset = DATASETS.build(settings)
    if not isinstance(dataset, MicroExpressionDataset):
        raise ValueError(
            f'cross-validation needs MicroExpressionDataset in train_dataloader, this '
            f'config has {type(dataset).__name__}')
    return dataset


def _describe(fold: Fold) -> dict[str, Any]:
    parts = {p: len(getattr(fold.split, p)) for p in ('train', 'val', 'test')}
    return dict(index=fold.index, name=fold.name, hash=split_hash(fold.split), **parts)


def _config_text(cfg: Config) -> str:
    """The config without what may change from call to call."""
    kept = {key: value for key, value in cfg.to_dict().items()
            if key not in ('work_dir', 'launcher')}
    for name in LOADERS:  # units have no worker processes, whatever the config says
        if kept.get(name):
            kept[name] = {k: v for k, v in kept[name].items() if 'workers' not in k}
    return Config(kept).pretty_text


def _check_same(begun: Plan, asked: Plan, path: Path) -> None:
    for field in ('protocol', 'seeds', 'oracle', 'tables'):
        old, new = getattr(begun, field), getattr(asked, field)
        if old != new:
            raise ValueError(
                f'{path} was begun with {field} {old}, now it is {new}: use the same, '
                f'or another --work-dir.')
    if begun.config != asked.config:
        lines = difflib.unified_diff(
            begun.config.splitlines(), asked.config.splitlines(), lineterm='', n=0)
        changed = [line.strip() for line in lines
                   if line[0] in '+-' and line[:3] not in ('+++', '---')]
        raise ValueError(
            f'{path} was begun with another config; what differs (- begun, + now): '
            f'{" | ".join(changed[:8])}. Use the same config, or another --work-dir.')
    if begun.folds != asked.folds:
        raise ValueError(f'{path} was begun with other folds: the splits changed '
                         f'with the version of this package; use another --work-dir.')


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return 'not installed'
