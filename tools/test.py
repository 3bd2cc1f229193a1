# Copyright (c) AULLM-MM contributors.
"""Test a model: ``python tools/test.py configs/aullm_casme2.py [CHECKPOINT]``."""
from __future__ import annotations

import argparse

from aullm_mm.apis import load_config, parse_run_arguments, test_run
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
    return parse_run_arguments(parser)


def main() -> None:
    """Test as the command line says."""
    args = parse_args()
    cfg = load_config(args.config, args.work_dir, args.cfg_options, args.launcher)
    test_run(cfg, args.checkpoint, args.dump)


if __name__ == '__main__':
    run_cli(main)
