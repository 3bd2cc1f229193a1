# Copyright (c) AULLM-MM contributors.
"""From the finished trainings of all rows to the figures of the tables."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from aullm_mm.evaluation.functional.paired import paired_difference
from aullm_mm.evaluation.functional.pooling import Predictions
from aullm_mm.utils.parallel import available_cores

from ..cross_validation.making import code_version
from ..cross_validation.report import RESULTS, write_reports
from ..cross_validation.summary import load_seeds, pooled, summarize
from ..cross_validation.unit import FILE, read_result
from .corpora import semi_synthetic
from .planning import PlannedRow, row_command
from .running import ERROR_FILE
from .suite import Suite

FORMAT = 'aullm_mm.suite'
#: Resamples of subjects, and swaps of a paired comparison.
BOOTSTRAP, SWAPS = 1000, 2000
Result = dict[str, Any]


def judge_suite(
    suite: Suite, rows: Sequence[PlannedRow], command: str,
    bootstrap: int = BOOTSTRAP, swaps: int = SWAPS
) -> Result:
    """Judge a comparison as far as it has come.

    Each row is judged as ``tools/cross_validate.py`` does, whose reports are left in
    the row's folder as well. Only seeds count that have all folds.

    Args:
        suite: The comparison.
        rows: Its rows, planned.
        command: The command that goes on with it.
        bootstrap: Resamples of subjects. Defaults to 1000.
        swaps: Resamples and swaps of a paired comparison. Defaults to 2000.

    Returns:
        JSON values; undefined scores are NaN.
    """
    runs = {row.row.name: _runs(row) for row in rows}
    judged = [_judge(row, suite, bool(runs[row.row.name]), bootstrap) for row in rows]
    named = {row.row.name: row for row in rows}
    for result in judged:
        row, other = named[result['name']], named[result['reference']]
        result['difference'] = None if row is other else compare(
            runs[row.row.name], runs[other.row.name], swaps,
            row.roots == other.roots)
    roots = sorted({root for row in rows for root in row.roots})
    return {
        'format': FORMAT, 'version': 1, 'suite': suite.name, 'title': suite.title,
        'asks': suite.asks, 'reference': suite.reference, 'x_label': suite.x_label,
        'seeds': max((r['asked'] for r in judged), default=0), 'rows': judged,
        'roots': roots, 'semi_synthetic': semi_synthetic(roots), 'command': command,
        'date': date.today().isoformat(), 'commit': code_version(),
        'cores': available_cores(), 'bootstrap': bootstrap, 'swaps': swaps,
        'seconds': sum(r['seconds'] for r in judged)}


def _runs(row: PlannedRow) -> dict[int, Predictions]:
    """Pooled predictions of each finished seed."""
    if row.plan is None:
        return {}
    try:
        seeds = load_seeds(row.plan, row.work_dir)
    except FileNotFoundError:  # none is finished
        return {}
    return {seed: pooled(folds) for seed, folds in seeds.items()}


def _judge(
    row: PlannedRow, suite: Suite, finished: bool, bootstrap: int
) -> Result:
    own = row.row
    result = {
        'name': own.name, 'config': own.config, 'protocol': own.protocol,
        'reference': own.reference, 'group': own.group, 'curve': own.curve,
        'x': own.x, 'state': 'not run', 'error': row.error, 'seeds': [], 'asked': 0,
        'seconds': 0.0, 'scores': None, 'command': ''}
    if row.plan is None:
        return dict(result, state='failed')
    result.update(asked=len(row.plan.seeds), command=row_command(row, suite.oracle))
    result.update(_making(row))
    if finished:
        summary = summarize(row.plan, row.work_dir, bootstrap)
        write_reports(summary, row.work_dir, own.name)
        result.update(_scores(summary))
    result['error'] = _error(row)
    done = len(result['seeds'])
    result['state'] = ('failed' if result['error'] else 'not run' if not done else
                       'whole' if done == result['asked'] else 'partial')
    return result


def _scores(summary: Result) -> Result:
    """What the tables need of a row's summary."""
    half, inner = (summary[title] for title in RESULTS)
    corpora = summary['per corpus']
    return {
        'seeds': summary['seeds'], 'clips': summary['clips'],
        'subjects': summary['subjects'], 'folds': len(summary['folds']),
        'scores': half['mean'], 'per_au': half['per_au'],
        'inner': None if inner is None else inner['mean'],
        'per_corpus': {name: block['mean'] for name, block in corpora.items()}}


def _making(row: PlannedRow) -> Result:
    """How the finished trainings of a row were made."""
    paths = [unit.folder(row.work_dir) / FILE for unit in row.plan.units]
    results = [read_result(path) for path in paths if path.is_file()]
    making = [result.get('made') or {} for result in results]
    seconds = [result['seconds'] for result in results]
    trained = [result.get('trained_parameters') for result in results]
    return {
        'units': len(results), 'units_asked': len(paths), 'seconds': sum(seconds),
        'seconds_per_unit': float(np.mean(seconds)) if seconds else None,
        'trained_parameters': max(filter(None.__ne__, trained), default=None),
        'commits': sorted({m['commit'] for m in making if m.get('commit')}),
        'threads': sorted({m['threads'] for m in making if 'threads' in m})}


def _error(row: PlannedRow) -> str:
    """Last line of the error of a training that failed when it was last run."""
    for unit in row.plan.units:
        path = unit.folder(row.work_dir) / ERROR_FILE
        if path.is_file() and not path.with_name(FILE).is_file():
            lines = path.read_text(encoding='utf-8').strip().splitlines()
            return f'seed {unit.seed}, fold {unit.fold + 1}: {lines[-1]}'
    return ''


def compare(
    own: dict[int, Predictions], reference: dict[int, Predictions], swaps: int,
    same_corpora: bool = True
) -> Result | None:
    """F1 of a row less that of its reference, on the seeds and clips of both.

    Args:
        own: Predictions of the row by seed.
        reference: Predictions of the reference by seed.
        swaps: Resamples and permutations.
        same_corpora: Whether both judge the same folders; clips of other corpora are
            no pairs, whatever their names.

    Returns:
        Difference, 95% interval and p value, or None where there is nothing in common.
    """
    seeds = sorted(set(own) & set(reference))
    if not seeds or not same_corpora:
        return None
    clips = (set(own[seeds[0]].clip_ids) & set(reference[seeds[0]].clip_ids))
    if not clips:
        return None
    a, b = ([_only(runs[seed], clips) for seed in seeds] for runs in (reference, own))
    if not np.array_equal(a[0].labels, b[0].labels):  # other AUs
        return None
    found = paired_difference(a, b, swaps)
    return {
        'value': float(found.difference[-1]), 'low': float(found.low[-1]),
        'high': float(found.high[-1]), 'p': float(found.p[-1]),
        'per_au': found.difference[:-1].tolist(), 'seeds': seeds, 'clips': len(clips)}


def _only(run: Predictions, clips: set[str]) -> Predictions:
    return run.where([clip in clips for clip in run.clip_ids])


def missing(result: Result) -> list[str]:
    """What a comparison still lacks, a line a row.

    Args:
        result: Of :func:`judge_suite`.
    """
    lines = []
    for row in result['rows']:
        if row['state'] == 'whole':
            continue
        line = f'{row["name"]}: {len(row["seeds"])} of {row["asked"]} seeds'
        lines.append(line + (f', failed: {row["error"]}' if row['error'] else ''))
    return lines


def results_path(work_dir: Path) -> Path:
    """File of a comparison's figures."""
    return Path(work_dir) / 'results.json'
