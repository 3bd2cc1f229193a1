# Copyright (c) AULLM-MM contributors.
"""Arguments that every tool which runs a config understands."""
from __future__ import annotations

import argparse
import os
from typing import Sequence

from mmengine.config import DictAction

from .runs import LAUNCHERS


def parse_run_arguments(
    parser: argparse.ArgumentParser, launchers: Sequence[str] = LAUNCHERS
) -> argparse.Namespace:
    """Add MMAction2's arguments of a run to a parser, and read the command line.

    Args:
        parser: Parser with the tool's own arguments.
        launchers: Launchers to choose from, the first the default. Defaults to
            those of MMEngine.
    """
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE',
        help='override settings, e.g. optim_wrapper.optimizer.lr=5e-4')
    parser.add_argument('--launcher', choices=launchers, default=launchers[0])
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    args = parser.parse_args()
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    return args
