# Copyright (c) AULLM-MM contributors.
"""Make the report page of a training or a cross-validation: one HTML file.

python tools/analysis/report_run.py work_dirs/no_llm_casme2/loso
"""
from __future__ import annotations

import argparse
from pathlib import Path

from aullm_mm.apis.run_report import read_run, report_view
from aullm_mm.utils.cli import run_cli
from aullm_mm.visualization.page import write_run_page


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('work_dir', help='folder of train.py or cross_validate.py')
    parser.add_argument('--out', help='default: report.html in that folder')
    parser.add_argument(
        '--predictions', help='file of test.py --dump, for a training')
    parser.add_argument(
        '--aus', type=int, nargs='+', help='AU numbers of the predictions, where the '
        'training logged no scores')
    parser.add_argument(
        '--bootstrap', type=int, default=1000, help='resamples for the intervals')
    parser.add_argument('--worst', type=int, default=40, help='mistakes to list')
    return parser.parse_args()


def main() -> None:
    """Read, judge, write."""
    args = parse_args()
    run = read_run(args.work_dir, args.predictions, args.aus, args.bootstrap)
    report = report_view(run, args.bootstrap, args.worst)
    out = Path(args.out or Path(args.work_dir) / 'report.html')
    print(f'report written to {write_run_page(report, out)}')


if __name__ == '__main__':
    run_cli(main)
