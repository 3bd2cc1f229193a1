# Copyright (c) AULLM-MM contributors.
"""Two finished runs on the same clips, compared in pairs."""
from __future__ import annotations

import math
import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from aullm_mm.evaluation.functional.paired import PairedDifference
from aullm_mm.evaluation.functional.pooling import Predictions, pool, predictions_of
from aullm_mm.facs import au_label

from .plan import read_plan
from .summary import load_seeds, pooled


def read_run(path: str) -> tuple[list[Predictions], list[int]]:
    """Predictions of a run, one a seed, and its AU list.

    Args:
        path: Folder of ``tools/cross_validate.py``, or a file of
            ``tools/test.py --dump``.

    Raises:
        FileNotFoundError: If there is no finished run.
        ValueError: If the file holds no predictions of clips with an id.
    """
    if Path(path).is_dir():
        seeds = load_seeds(read_plan(Path(path)), Path(path))
        folds = list(seeds.values())
        return [pooled(each) for each in folds], folds[0][0]['aus']
    if not Path(path).is_file():
        raise FileNotFoundError(
            f'{path} does not exist: name a folder of tools/cross_validate.py or a '
            f'file of tools/test.py --dump.')
    return [_read_dump(Path(path))], []


def _read_dump(path: Path) -> Predictions:
    try:
        rows = pickle.loads(path.read_bytes())
        clips = [dict(clip_id=r['clip_id'], subject=r['subject'],
                      corpus=r.get('corpus', ''), label=np.asarray(r['gt_label']),
                      score=np.asarray(r['pred_score'])) for r in rows]
    except (pickle.UnpicklingError, KeyError, TypeError, EOFError):
        raise ValueError(f'{path} holds no predictions of clips with an id; make it '
                         f'with tools/test.py --dump.') from None
    return pool([predictions_of(clips)])


def format_difference(
    result: PairedDifference, aus: Sequence[int], names: tuple[str, str], n: int
) -> str:
    """The comparison as a table, in per cent.

    Args:
        result: The comparison.
        aus: AU numbers; empty where they are not known.
        names: Names of the runs.
        n: Number of resamples and permutations.
    """
    count = len(result.difference) - 1
    labels = [au_label(a) for a in aus] or [f'AU no. {i + 1}' for i in range(count)]
    lines = [f'A {names[0]}', f'B {names[1]}',
             f'Positive F1 in per cent, pooled, threshold 0.5; 95% interval over '
             f'{n} resamples of subjects; p of {n} swaps of whole subjects.',
             f'  {"AU":10s}{"A":>7s}{"B":>7s}{"B - A":>8s}{"95%":>16s}{"p":>8s}']
    for i, label in enumerate([*labels, 'mean']):
        interval = f'{_percent(result.low[i])} to {_percent(result.high[i])}'
        p = '-' if math.isnan(result.p[i]) else f'{result.p[i]:.4f}'
        lines.append(
            f'  {label:10s}{_percent(result.f1_a[i]):>7s}{_percent(result.f1_b[i]):>7s}'
            f'{_percent(result.difference[i]):>8s}{interval:>16s}{p:>8s}')
    return '\n'.join(lines)


def _percent(value: float) -> str:
    return '-' if math.isnan(value) else f'{100 * value:.1f}'
