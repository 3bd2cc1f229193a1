# Copyright (c) AULLM-MM contributors.
"""Mean and deviation over seeds of test runs, from the files of test.py --dump.

``python tools/analysis/summarize_runs.py full='work_dirs/full_s*.pkl' ...``
"""
from __future__ import annotations

import argparse
import glob

import numpy as np

from aullm_mm.apis.drawing import read_predictions
from aullm_mm.evaluation.functional import (
    all_positive_scores,
    au_scores,
    subject_bootstrap,
)
from aullm_mm.utils.cli import run_cli


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('runs', nargs='+', metavar='NAME=PATTERN')
    return parser.parse_args()


def summarize(name: str, pattern: str) -> str:
    """One row of the table: a variant over its seeds."""
    paths = sorted(glob.glob(pattern))
    if not paths:
        raise ValueError(f'{name}: no file matches {pattern!r}.')
    f1, auc, intervals = [], [], []
    for path in paths:
        rows = list(read_predictions(path).values())
        labels = np.stack([np.asarray(row['gt_label']) for row in rows])
        scores = np.stack([np.asarray(row['pred_score']) for row in rows])
        result = au_scores(labels, scores)
        f1.append(result.mean('f1'))
        auc.append(result.mean('auc'))
        subjects = [row['subject'] for row in rows]
        intervals.append(subject_bootstrap(labels, scores, subjects, 'f1_mean'))
    low, high = np.mean(intervals, axis=0)
    baseline = all_positive_scores(labels).mean('f1')
    each = ', '.join(f'{100 * value:.1f}' for value in f1)
    mean, deviation = 100 * np.mean(f1), 100 * np.std(f1)
    return (f'| {name} | {len(paths)} | {mean:.1f} ± {deviation:.1f} '
            f'| {each} | {100 * low:.1f} to {100 * high:.1f} '
            f'| {100 * np.mean(auc):.1f} | {100 * baseline:.1f} |')


def main() -> None:
    """Print the table in Markdown; all in per cent."""
    print('| variant | seeds | F1, mean and deviation | each seed | 95% over subjects '
          '| AUC | all-positive F1 |')
    print('|---|---|---|---|---|---|---|')
    for run in parse_args().runs:
        name, _, pattern = run.partition('=')
        print(summarize(name, pattern))


if __name__ == '__main__':
    run_cli(main)
