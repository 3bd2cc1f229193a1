# Copyright (c) AULLM-MM contributors.
"""Run a whole comparison of models and write its tables.

python tools/analysis/ablate.py within --jobs 2 --budget 40m
"""
from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from aullm_mm.apis.ablation import (
    Deadline,
    ensure_corpora,
    judge_suite,
    load_suite,
    locked,
    main_table,
    missing,
    parse_duration,
    plan_rows,
    run_rows,
    shown,
    write_results,
)
from aullm_mm.utils.cli import run_cli


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('suite', help='a name of configs/suites, or a file')
    parser.add_argument(
        '--jobs', type=int, default=1, help='trainings side by side, sharing the cores')
    parser.add_argument(
        '--budget', metavar='TIME',
        help='start no training after 90s, 30m, 2h, ...; 0s writes the tables only')
    parser.add_argument('--seeds', type=int, help="default: the suite's")
    parser.add_argument(
        '--only', nargs='+', default=[], metavar='ROW', help='run these rows only')
    parser.add_argument(
        '--redo', nargs='+', default=[], metavar='ROW',
        help='throw the results of these rows away first')
    parser.add_argument('--work-dir', help='default: work_dirs/suites/SUITE')
    parser.add_argument('--report', type=Path, default=Path('docs/results.md'))
    return parser.parse_args()


def main() -> int:
    """Make what is missing, run, judge, report."""
    args = parse_args()
    deadline = Deadline(parse_duration(args.budget) if args.budget else None)
    suite = load_suite(args.suite)
    seeds = suite.seeds if args.seeds is None else args.seeds
    work_dir = Path(args.work_dir or Path('work_dirs/suites') / suite.name)
    with locked(work_dir):
        for made in ensure_corpora(suite.corpora):
            print(f'semi-synthetic corpus written to {made}')
        rows = plan_rows(suite, work_dir, seeds, args.only, args.redo)
        chosen = [r for r in rows if not args.only or r.row.name in args.only]
        run_rows(chosen, args.jobs, deadline, say)
        result = judge_suite(suite, rows, command(args))
        written = write_results(result, work_dir, args.report)
    print(main_table(result))
    for line in missing(result):
        print(f'missing: {line}')
    print(f'Written: {", ".join(map(str, written))}')
    names = {row.row.name for row in chosen}
    return int(any(row['state'] == 'failed' and row['name'] in names
                   for row in result['rows']))


def say(line: str) -> None:
    """Print at once, also into a file."""
    print(line, flush=True)


def command(args: argparse.Namespace) -> str:
    """The command without what only limits one call."""
    words = ['python', 'tools/analysis/ablate.py', args.suite, '--jobs', str(args.jobs)]
    if args.seeds is not None:
        words += ['--seeds', str(args.seeds)]
    if args.work_dir:
        words += ['--work-dir', shown(Path(args.work_dir))]
    return shlex.join(words)


if __name__ == '__main__':
    run_cli(main)
