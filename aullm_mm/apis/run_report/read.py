# Copyright (c) AULLM-MM contributors.
"""Read what a training or a cross-validation left in its folder."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from aullm_mm.evaluation.functional.pooling import Predictions

from ..cross_validation import summarize
from ..cross_validation.plan import FILE as PLAN
from ..cross_validation.plan import Plan, read_plan
from ..cross_validation.summary import Scores, load_seeds, pooled
from ..drawing import read_predictions

#: Where MMEngine's runner writes losses and scores, below the folder of a run.
LOGS = '*/vis_data/scalars.json'
_F1 = 'au/F1_AU'


@dataclass(frozen=True)
class Run:
    """A run, as far as its folder tells.

    Args:
        name: Name of its folder.
        kind: ``'training'`` or ``'cross-validation'``.
        aus: AU numbers; empty where neither predictions nor scores are there.
        predictions: Test predictions of each seed; empty for a training without.
        logs: Lines of ``scalars.json`` of each training, by its name.
        summary: Scores as ``tools/cross_validate.py`` judges them; None for a training.
        facts: What to say of it: name of a fact and its value.
    """

    name: str
    kind: str
    aus: tuple[int, ...]
    predictions: dict[str, Predictions]
    logs: dict[str, list[dict[str, float]]]
    summary: Scores | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def read_run(
    work_dir: str | Path,
    predictions: str | None = None,
    aus: Sequence[int] | None = None,
    bootstrap: int = 1000,
) -> Run:
    """Read a run.

    Args:
        work_dir: Folder that ``tools/train.py`` or ``tools/cross_validate.py`` wrote.
        predictions: File of ``tools/test.py --dump``, for a training. Defaults to
            None: the report has no table of test clips.
        aus: AU numbers of the predictions. Defaults to None: those of the scores in
            the logs of the training.
        bootstrap: Resamples of subjects for intervals. Defaults to 1000.

    Raises:
        FileNotFoundError: If the folder is not there, holds no run, or no seed of a
            cross-validation is finished.
        ValueError: If predictions are given for a cross-validation, which has its own,
            or if the AU list does not fit them.
    """
    folder = Path(work_dir)
    if not folder.is_dir():
        raise FileNotFoundError(f'{folder} is no folder: name the work dir of a run.')
    if (folder / PLAN).is_file():
        if predictions is not None:
            raise ValueError(
                f'{folder} is a cross-validation, which keeps its own predictions: '
                f'leave --predictions out.')
        return _read_cross_validation(folder, bootstrap)
    return _read_training(folder, predictions, aus)


def _read_cross_validation(folder: Path, bootstrap: int) -> Run:
    plan = read_plan(folder)
    seeds = load_seeds(plan, folder)
    summary = summarize(plan, folder, bootstrap)
    facts = dict(
        protocol=plan.protocol, folds=len(plan.folds), clips=summary['clips'],
        subjects=summary['subjects'], trained_for=f'{summary["seconds"]:.0f} s',
        **{'seed' if len(seeds) == 1 else 'seeds': ', '.join(map(str, seeds))})
    return Run(
        folder.name, 'cross-validation', tuple(summary['aus']),
        {f'seed {seed}': pooled(folds) for seed, folds in seeds.items()},
        dict(_fold_logs(plan, folder)), summary, facts)


def _fold_logs(plan: Plan, folder: Path) -> Iterator[tuple[str, list[dict]]]:
    for unit in plan.units:
        records = read_logs(unit.folder(folder))
        if records:
            yield f'seed {unit.seed}, fold {plan.folds[unit.fold]["name"]}', records


def _read_training(
    folder: Path, predictions: str | None, aus: Sequence[int] | None
) -> Run:
    records = read_logs(folder)
    found = {} if predictions is None else {'test': _dumped(predictions)}
    if not records and not found:
        raise FileNotFoundError(
            f'{folder} holds neither a cross-validation ({PLAN}) nor logs of a '
            f'training ({LOGS}): name the work dir of a run.')
    aus = tuple(aus or _logged_aus(records))
    for rows in found.values():
        if rows.scores.shape[1] != len(aus):
            raise ValueError(
                f'{predictions} has {rows.scores.shape[1]} scores a clip, but '
                f'{len(aus)} AUs are known of {folder}: name them with --aus.')
    best = sorted(path.name for path in folder.glob('best_*.pth'))
    facts = dict(
        iterations=max((r.get('iter', 0) for r in records), default=0),
        validations=sum(any(k.startswith(_F1) for k in r) for r in records),
        **({'chosen_checkpoint': best[-1]} if best else {}),
        **({'clips': len(found['test'].clip_ids),
            'subjects': len(set(found['test'].subjects))} if found else {}))
    return Run(folder.name, 'training', aus, found,
               {folder.name: records} if records else {}, None, facts)


def read_logs(folder: Path) -> list[dict[str, float]]:
    """Losses and scores of a training, all its starts one after the other.

    Args:
        folder: Its work dir.
    """
    lines = [line for path in sorted(folder.glob(LOGS))
             for line in path.read_text(encoding='utf-8').splitlines()]
    return [json.loads(line) for line in lines if line.strip()]


def _logged_aus(records: list[dict[str, float]]) -> tuple[int, ...]:
    """AU numbers in the order in which the metric wrote them."""
    keys = dict.fromkeys(key for r in records for key in r if key.startswith(_F1))
    return tuple(int(key.removeprefix(_F1)) for key in keys)


def _dumped(path: str) -> Predictions:
    rows = read_predictions(path)
    texts = [tuple(str(row[key]) for row in rows.values())
             for key in ('subject', 'corpus')]
    labels, scores = (np.stack([np.asarray(row[key], dtype=float)
                                for row in rows.values()])
                      for key in ('gt_label', 'pred_score'))
    return Predictions(tuple(rows), *texts, labels, scores)
