# Copyright (c) AULLM-MM contributors.
"""Test a model: ``python tools/test.py configs/aullm_casme2.py [CHECKPOINT]``."""
from __future__ import annotations

import argparse
import os

from mmengine.config import DictAction

from aullm_mm.apis import load_config, test_run
from aullm_mm.utils.cli import run_cli


def parse_args() -> argparse.Namespace:
    """Read the command line; the flags are those of MMAction2."""
    parser = argparse.ArgumentParser(description='Test a model on held-out subjects.')
    parser.add_argument('config', help='config file')
    parser.add_argument(
        'checkpoint', nargs='?',
        help='checkpoint file; by default the best one of the work dir')
    parser.add_argument('--work-dir', help='where the metrics are logged')
    parser.add_argument('--dump', help='pickle file for all predictions')
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE',
        help='override settings')
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    args = parser.parse_args()
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    return args


def main() -> None:
    """Test as the command line says."""
    args = parse_args()
    cfg = load_config(args.config, args.work_dir, args.cfg_options, args.launcher)
    test_run(cfg, args.checkpoint, args.dump)


if __name__ == '__main__':
    run_cli(main)
