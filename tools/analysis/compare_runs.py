# Copyright (c) AULLM-MM contributors.
"""Is run B better than run A, on the same clips, beyond the choice of subjects?

python tools/analysis/compare_runs.py work_dirs/a/loso work_dirs/b/loso
"""
from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from aullm_mm.apis.cross_validation.compare import format_difference, read_run
from aullm_mm.utils.atomic import write_text_atomic
from aullm_mm.evaluation.functional.paired import paired_difference
from aullm_mm.utils.cli import run_cli
from aullm_mm.utils.jsonable import nan_to_none


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('a', help='folder of cross_validate.py or file of test --dump')
    parser.add_argument('b', help='the same of the other run')
    parser.add_argument('--n', type=int, default=2000, help='resamples, permutations')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--out', type=Path, help='JSON file to write as well')
    return parser.parse_args()


def main() -> None:
    """Compare and print."""
    args = parse_args()
    (a, aus), (b, other) = read_run(args.a), read_run(args.b)
    if aus and other and aus != other:
        raise ValueError(f'the runs judge different AUs: {aus} and {other}')
    result = paired_difference(a, b, args.n, args.seed)
    print(format_difference(result, aus or other, (args.a, args.b), args.n))
    if args.out:
        columns = {key: value.tolist() for key, value in asdict(result).items()}
        content = nan_to_none(
            dict(a=args.a, b=args.b, aus=aus or other, n=args.n, **columns))
        write_text_atomic(args.out, json.dumps(content, indent=1) + '\n')


if __name__ == '__main__':
    run_cli(main)
