# Copyright (c) AULLM-MM contributors.
"""The tables and curves of a run's report, as plain values."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from aullm_mm.evaluation.functional.counts import confusion_counts, measures_from_counts
from aullm_mm.evaluation.functional.pooling import Predictions
from aullm_mm.facs import action_unit, au_label

from ..cross_validation.report import sections
from ..cross_validation.summary import ORACLE, score
from .read import Run

#: Thresholds of the curves, each given to two decimals.
THRESHOLDS = np.linspace(0, 1, 51)
_LOSS, _MEAN, _MEAN_BASELINE = 'loss', 'au/F1_mean', 'au/all_positive_F1_mean'


def report_view(run: Run, bootstrap: int = 1000, worst: int = 40) -> dict[str, Any]:
    """Everything that the page of a run shows.

    Args:
        run: The run.
        bootstrap: Resamples of subjects for the intervals of test predictions of a
            training. Defaults to 1000.
        worst: How many mistakes are listed. Defaults to 40.

    Returns:
        ``tables`` of scores, ``units`` (curves and confusion of each AU), ``mistakes``,
        ``logs`` (losses and validation scores) and what says where they are from.
    """
    rows = list(run.predictions.values())
    summary = run.summary or {}
    return dict(
        name=run.name, kind=run.kind, facts=dict(run.facts), seeds=len(rows),
        tables=_tables(run, rows, bootstrap), notes=summary.get('notes', []),
        units=unit_curves(rows[0], run.aus) if rows else [],
        thresholds=[round(float(t), 2) for t in THRESHOLDS],
        mistakes=worst_mistakes(rows, run.aus, worst) if rows else [],
        logs=[log_curves(name, records) for name, records in run.logs.items()],
        folds=summary.get('folds', []), versions=summary.get('versions', {}),
        config=summary.get('config', ''))


def _tables(run: Run, rows: Sequence[Predictions], bootstrap: int) -> list[dict]:
    if run.summary is not None:
        return [_table(title.removeprefix(f'{ORACLE}: '), block,
                       title.startswith(ORACLE))
                for title, block in sections(run.summary).items()]
    if rows:
        return [_table('test clips, threshold 0.5',
                       score(rows, rows, run.aus, bootstrap))]
    return _validation_table(run)


def _table(title: str, block: Mapping[str, Any], oracle: bool = False) -> dict:
    rows = [_score_row(name, row) for name, row in block['per_au'].items()]
    return dict(title=title, oracle=oracle, rows=rows,
                mean=_score_row('mean', block['mean']))


def _score_row(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    number = int(name[2:]) if name.startswith('AU') else None
    return dict(
        label=name, name=action_unit(number).name if number else '',
        positives=row.get('positives'), known=row.get('known'),
        f1=row['f1']['value'], std=row['f1'].get('std'),
        low=row.get('low'), high=row.get('high'), constant=row.get('all_positive_f1'),
        macro=row['macro_f1']['value'], auc=row['auc']['value'],
        undefined=row.get('undefined') or '')


def _validation_table(run: Run) -> list[dict]:
    """Scores of the last validation, where a training has nothing else."""
    records = [r for records in run.logs.values() for r in records if _MEAN in r]
    if not records:
        return []
    last = records[-1]
    title = f'validation clips, epoch {last.get("step", "?")}, threshold 0.5'
    return [dict(title=title, oracle=False, mean=_logged_row(last, 'mean'), rows=[
        _logged_row(last, au_label(number)) for number in run.aus])]


def _logged_row(record: Mapping[str, float], key: str) -> dict[str, Any]:
    """Scores of an AU, or ``'mean'``, in a line of a log."""
    f1, macro, auc = ({'value': record.get(f'au/{measure}_{key}')}
                      for measure in ('F1', 'macro_F1', 'AUC'))
    return _score_row(key, dict(
        f1=f1, macro_f1=macro, auc=auc,
        all_positive_f1=record.get(f'au/all_positive_F1_{key}')))


def unit_curves(rows: Predictions, aus: Sequence[int]) -> list[dict[str, Any]]:
    """For each AU the counts and F1 at every threshold, and the all-positive F1.

    They describe the test clips. A threshold that is chosen on them is no result.

    Args:
        rows: Test predictions.
        aus: AU numbers.

    Returns:
        One dict an AU: ``label``, ``name``, ``counts`` (TP, FP, FN, TN at every
        threshold of ``THRESHOLDS``), ``f1`` (NaN where undefined), ``constant``.

    Examples:
        >>> rows = Predictions(('a', 'b'), ('s', 't'), ('c', 'c'),
        ...                    np.array([[1.], [0.]]), np.array([[.9], [.2]]))
        >>> unit = unit_curves(rows, [12])[0]
        >>> unit['counts'][25], round(unit['constant'], 2)
        ([1, 0, 0, 1], 0.67)
    """
    # (thresholds, N, 4); a tolerance keeps 0.30 below a score of 0.3
    counts = np.stack([
        confusion_counts(rows.labels, rows.scores + 1e-12, np.full(len(aus), t)).sum(0)
        for t in THRESHOLDS])
    f1 = measures_from_counts(counts)['f1']
    return [dict(label=au_label(au), name=action_unit(au).name,
                 counts=counts[:, i].tolist(), f1=f1[:, i].tolist(),
                 constant=float(f1[0, i]))
            for i, au in enumerate(aus)]


def worst_mistakes(
    runs: Sequence[Predictions], aus: Sequence[int], count: int = 40
) -> list[dict[str, Any]]:
    """The most confident mistakes at 0.5, by the mean score over seeds.

    Args:
        runs: Test predictions of each seed, of the same clips.
        aus: AU numbers.
        count: How many. Defaults to 40.

    Returns:
        ``clip``, ``subject``, ``label`` of the AU, ``name``, ``kind`` (``'missed'`` or
        ``'false alarm'``), ``score``, and what the clip shows and was said to show.

    Examples:
        >>> rows = Predictions(('a', 'b'), ('s', 't'), ('c', 'c'),
        ...                    np.array([[1.], [0.]]), np.array([[.1], [.6]]))
        >>> [(m['clip'], m['kind']) for m in worst_mistakes([rows], [12])]
        [('a', 'missed'), ('b', 'false alarm')]
    """
    first = runs[0]
    scores = np.mean([run.scores for run in runs], axis=0)
    found = scores >= 0.5
    wrong = (first.labels != -1) & (found != (first.labels == 1))
    error = np.where(wrong, np.where(found, scores, 1 - scores), -1)
    order = np.argsort(-error, axis=None, kind='stable')[:min(count, int(wrong.sum()))]
    places = zip(*np.unravel_index(order, error.shape))
    return [_mistake(first, scores, found, aus, int(i), int(j)) for i, j in places]


def _mistake(
    rows: Predictions, scores: np.ndarray, found: np.ndarray, aus: Sequence[int],
    i: int, j: int
) -> dict[str, Any]:
    truth, said = (', '.join(au_label(au) for au, on in zip(aus, marks) if on) or 'none'
                   for marks in (rows.labels[i] == 1, found[i]))
    return dict(
        clip=rows.clip_ids[i], subject=rows.subjects[i], label=au_label(aus[j]),
        name=action_unit(aus[j]).name, score=float(scores[i, j]),
        kind='false alarm' if found[i, j] else 'missed', truth=truth, said=said)


def log_curves(name: str, records: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Losses and validation scores of a training.

    Args:
        name: Name of the training.
        records: Lines of its ``scalars.json``.

    Returns:
        ``losses``: for each loss the (iteration, value) pairs, the sum first;
        ``scores``: (epoch, mean F1) pairs; ``constant``: the all-positive mean F1.

    Examples:
        >>> curves = log_curves('run', [dict(loss=1., iter=10), dict(loss=.5, iter=20)])
        >>> curves['losses']
        {'loss': [(10, 1.0), (20, 0.5)]}
    """
    training = [r for r in records if _LOSS in r]
    keys = sorted({k for r in training for k in r if k.startswith(_LOSS)})
    losses = {key: [(r.get('iter', r.get('step', i)), r[key])
                    for i, r in enumerate(training) if key in r] for key in keys}
    scored = [r for r in records if _MEAN in r]
    constant = [r[_MEAN_BASELINE] for r in scored if _MEAN_BASELINE in r]
    return dict(name=name, losses=losses,
                scores=[(r.get('step', i), r[_MEAN]) for i, r in enumerate(scored)],
                constant=constant[-1] if constant else None)
