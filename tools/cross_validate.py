# Copyright (c) AULLM-MM contributors.
"""Judge a config by a protocol of the field: all folds, resumable, without leaks.

python tools/cross_validate.py configs/ablations/no_llm_casme2.py --protocol loso
"""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

from aullm_mm.apis import load_config, parse_run_arguments
from aullm_mm.apis.cross_validation import make_plan, open_plan, run_plan, summarize
from aullm_mm.apis.cross_validation.launch import LAUNCHERS, pending
from aullm_mm.apis.cross_validation.report import readable, write_reports
from aullm_mm.apis.cross_validation.slurm import array_script, submit
from aullm_mm.datasets.named_protocols import PROTOCOLS
from aullm_mm.utils.cli import run_cli
from aullm_mm.utils.parallel import available_cores


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--protocol', required=True, help=f'one of {", ".join(PROTOCOLS)}')
    parser.add_argument(
        '--work-dir', help='default: work_dirs/CONFIG/PROTOCOL')
    parser.add_argument('--seeds', type=int, default=1, help='how many seeds')
    parser.add_argument(
        '--jobs', type=int, default=1, help='folds side by side, sharing the cores')
    parser.add_argument(
        '--resume', action='store_true', help='go on where a run was cut off')
    parser.add_argument(
        '--no-oracle', action='store_true',
        help='do not keep test predictions of every candidate epoch')
    parser.add_argument(
        '--units', type=int, nargs='+', help='run these only (as Slurm tasks do)')
    return parse_run_arguments(parser, launchers=LAUNCHERS)


def default_work_dir(config: str, protocol: str) -> Path:
    """Folder of a config and a protocol."""
    name = ''.join(c if c.isalnum() or c in '-_' else '_' for c in protocol)
    return Path('work_dirs') / Path(config).stem / name


def main() -> None:
    """Plan, run, judge, report."""
    args = parse_args()
    cfg = load_config(args.config, None, args.cfg_options)
    work_dir = Path(args.work_dir or default_work_dir(args.config, args.protocol))
    plan, folds = make_plan(cfg, args.protocol, args.seeds, not args.no_oracle)
    open_plan(plan, folds, work_dir, args.resume or args.units is not None)
    if args.launcher == 'slurm' and args.units is None:
        command = [*_command(), '--work-dir', str(work_dir), '--resume']
        todo = [unit.index for unit in pending(plan, work_dir)]
        script = array_script(
            command, todo, args.jobs, available_cores(), work_dir, Path.cwd())
        print(submit(script, work_dir))
        return
    run_plan(cfg, plan, work_dir, args.jobs, args.launcher, args.units)
    if args.units is None:
        summary = summarize(plan, work_dir)
        write_reports(summary, work_dir, Path(args.config).stem)
        print(readable(summary, Path(args.config).stem))
        print(f'Reports: {work_dir}/results.json, .csv, .tex and .txt')


def _command() -> list[str]:
    """This call without what the array job sets itself."""
    own = {'--launcher': 1, '--jobs': 1, '--work-dir': 1, '--resume': 0}
    kept, skip = [sys.executable, sys.argv[0]], 0
    for word in sys.argv[1:]:
        name = word.partition('=')[0]
        if skip:
            skip -= 1
        elif name in own:
            skip = own[name] if '=' not in word else 0
        else:
            kept.append(word)
    return kept


if __name__ == '__main__':
    run_cli(main)
