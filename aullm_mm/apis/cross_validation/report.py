# Copyright (c) AULLM-MM contributors.
"""The reports of a cross-validation: JSON, CSV, a LaTeX row, a readable table."""
from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

from aullm_mm.utils.atomic import write_text_atomic
from aullm_mm.facs import action_unit
from aullm_mm.utils.jsonable import nan_to_none

from .emotions import format_emotions
from .summary import MEASURES, ORACLE

Summary = dict[str, Any]
RESULTS = ('threshold 0.5', 'threshold chosen on validation subjects')


def write_reports(summary: Summary, work_dir: Path, name: str) -> list[Path]:
    """Write ``results.json``, ``.csv``, ``.tex`` and ``.txt``, each in one step.

    Args:
        summary: Of :func:`~aullm_mm.apis.cross_validation.summary.summarize`.
        work_dir: Folder to write to.
        name: Name of the model, for the LaTeX row and the title.
    """
    texts = {
        'json': json.dumps(nan_to_none(summary), indent=1, allow_nan=False) + '\n',
        'csv': csv_table(summary), 'tex': latex_row(summary, name),
        'txt': readable(summary, name)}
    return [write_text_atomic(work_dir / f'results.{suffix}', text)
            for suffix, text in texts.items()]


def sections(summary: Summary) -> dict[str, Summary]:
    """All blocks of AU scores by title, results first, the oracle last."""
    blocks = {title: summary[title] for title in RESULTS}
    if len(summary['per corpus']) > 1:
        blocks.update({f'corpus {k}, threshold 0.5': v
                       for k, v in summary['per corpus'].items()})
    blocks.update({f'{ORACLE}: {k}': v for k, v in summary[ORACLE].items()})
    return {title: block for title, block in blocks.items() if block is not None}


def csv_table(summary: Summary) -> str:
    """One row a block and AU, the mean last; fractions, empty where undefined."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow([
        'section', 'au', 'positives', 'known', *MEASURES, 'f1_std', 'f1_low', 'f1_high',
        'all_positive_f1', 'seeds'])
    for title, block in sections(summary).items():
        for au, row in [*block['per_au'].items(), ('mean', block['mean'])]:
            numbers = [*(row[m]['value'] for m in MEASURES), row['f1']['std'],
                       row['low'], row['high'], row['all_positive_f1']]
            writer.writerow([
                title, au, row.get('positives', ''), row.get('known', ''),
                *('' if math.isnan(v) else f'{v:.6f}' for v in numbers),
                len(summary['seeds'])])
    return text.getvalue()


def latex_row(summary: Summary, name: str) -> str:
    """A row of positive F1 in per cent, its columns named in a comment above."""
    block = summary['threshold 0.5']
    rows = [*block['per_au'].values(), block['mean']]
    many = len(summary['seeds']) > 1
    cells = [_percent(r['f1']['value'])
             + (f' $\\pm$ {_percent(r["f1"]["std"])}' if many else '') for r in rows]
    columns = ' & '.join(['model', *block['per_au'], 'mean'])
    title = name.replace('_', '\\_')
    return (f'% {summary["protocol"]}, positive F1 in per cent, pooled, threshold 0.5\n'
            f'% {columns} \\\\\n{title} & {" & ".join(cells)} \\\\\n')


def readable(summary: Summary, name: str) -> str:
    """Everything as text for people."""
    lines = [
        f'{name}: {summary["protocol"]}, {summary["clips"]} clips of '
        f'{summary["subjects"]} subjects in {len(summary["folds"])} folds, seeds '
        f'{", ".join(map(str, summary["seeds"]))}',
        'Positive F1 in per cent of predictions pooled over folds; the interval holds '
        '95% of resamples of subjects.']
    if summary['unfinished_seeds']:
        lines.append(f'Not finished and left out: seeds {summary["unfinished_seeds"]}.')
    blocks = sections(summary)
    for title, block in blocks.items():
        if title.startswith(ORACLE):
            continue
        lines += ['', title, *_table(block)]
    if len(summary['per corpus']) > 1:
        lines += ['', _mean_over_corpora(summary['per corpus'])]
    if summary['emotions']:
        lines += ['', *format_emotions(summary['emotions'])]
    lines += [''] + [f'Note: {note}' for note in summary['notes']]
    lines += ['', '=' * 78, f'{ORACLE}: chosen on the clips that are judged, to be set '
              'beside published', 'numbers that were made so; never compare a result '
              'with it', '=' * 78]
    for title, block in blocks.items():
        if title.startswith(ORACLE):
            lines += ['', title.removeprefix(f'{ORACLE}: '), *_table(block)]
    lines += ['', *(f'table of {k}: sha256 {v}' for k, v in summary['tables'].items()),
              ', '.join(f'{k} {v}' for k, v in summary['versions'].items()),
              f'{summary["seconds"]:.0f} s of training and prediction']
    return '\n'.join(lines) + '\n'


def _mean_over_corpora(corpora: dict[str, Summary]) -> str:
    f1 = [block['mean']['f1']['value'] for block in corpora.values()]
    defined = [value for value in f1 if not math.isnan(value)]
    mean = sum(defined) / len(defined) if defined else math.nan
    return f'mean over {len(defined)} corpora, threshold 0.5: F1 {_percent(mean)}'


def _table(block: Summary) -> list[str]:
    head = (f'  {"AU":6s}{"FACS name":24s}{"present":>10s}{"F1":>7s}{"sd":>6s}'
            f'{"95%":>15s}{"all-pos.":>10s}{"macro":>7s}{"AUC":>7s}')
    lines = [head]
    for au, row in block['per_au'].items():
        name = action_unit(int(au[2:])).name
        lines.append(_line(au, name, row, f'{row["positives"]}/{row["known"]}')
                     + (f'  {row["undefined"]}' if row['undefined'] else ''))
    return [*lines, _line('mean', '', block['mean'], '')]


def _line(au: str, name: str, row: Summary, support: str) -> str:
    interval = '-' if math.isnan(row['low']) else (
        f'{_percent(row["low"])} to {_percent(row["high"])}')
    numbers = [_percent(row[m]['value']) for m in MEASURES]
    return (f'  {au:6s}{name:24s}{support:>10s}{numbers[0]:>7s}'
            f'{_percent(row["f1"]["std"]):>6s}{interval:>15s}'
            f'{_percent(row["all_positive_f1"]):>10s}{numbers[1]:>7s}{numbers[2]:>7s}')


def _percent(value: float) -> str:
    return '-' if math.isnan(value) else f'{100 * value:.1f}'
