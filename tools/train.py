# Copyright (c) AULLM-MM contributors.
"""Train a model: ``python tools/train.py configs/aullm_casme2.py``."""
from __future__ import annotations

import argparse

from aullm_mm.apis import load_config, parse_run_arguments, train_run
from aullm_mm.utils.cli import run_cli


def parse_args() -> argparse.Namespace:
    """Read the command line; the flags are those of MMAction2."""
    parser = argparse.ArgumentParser(description='Train a model.')
    parser.add_argument('config', help='config file')
    parser.add_argument('--work-dir', help='where logs and checkpoints go')
    parser.add_argument(
        '--resume', nargs='?', const='auto',
        help='go on from a checkpoint, or from the latest one of the work dir')
    parser.add_argument('--amp', action='store_true', help='mixed precision')
    parser.add_argument('--no-validate', action='store_true', help='do not validate')
    parser.add_argument(
        '--auto-scale-lr', action='store_true',
        help='scale the learning rate by the batch size')
    parser.add_argument('--seed', type=int, help='seed, over that of the config')
    parser.add_argument(
        '--diff-rank-seed', action='store_true', help='another seed a process')
    parser.add_argument(
        '--deterministic', action='store_true', help='deterministic algorithms only')
    return parse_run_arguments(parser)


def main() -> None:
    """Train as the command line says."""
    args = parse_args()
    cfg = load_config(args.config, args.work_dir, args.cfg_options, args.launcher)
    train_run(
        cfg, resume=args.resume, amp=args.amp, validate=not args.no_validate,
        auto_scale_lr=args.auto_scale_lr, seed=args.seed,
        diff_rank_seed=args.diff_rank_seed, deterministic=args.deterministic)


if __name__ == '__main__':
    run_cli(main)
