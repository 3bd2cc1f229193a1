# Copyright (c) AULLM-MM contributors.
"""Action units of your own videos: ``python tools/infer.py me.mp4 --format html``."""
from __future__ import annotations

import argparse
import sys
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from aullm_mm.apis.inferencer import (
    FORMATS,
    AUInferencer,
    InferenceOptions,
    WatchOptions,
)
from aullm_mm.apis.inferencer.many import infer_many, summary_lines
from aullm_mm.apis.inferencer.movements import SPOT_MODES
from aullm_mm.spotting import SpottingLimits
from aullm_mm.utils.cli import USER_ERROR, run_cli


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description='Find action units in videos, folders of frames or pairs of '
        'pictures, and say why. The packaged weights have seen generated clips only.')
    parser.add_argument('inputs', nargs='*', help='video files or folders of frames')
    parser.add_argument(
        '--pair', nargs=2, action='append', default=[], metavar=('ONSET', 'APEX'),
        help='two pictures of one face: at rest, and moved')
    parser.add_argument('--out', default='inference', help='folder of the results')
    parser.add_argument(
        '--format', nargs='+', choices=FORMATS, default=['json', 'html'],
        dest='formats', help='what to write (default: json html)')
    parser.add_argument('--weights', help='checkpoint, or a model of the zoo')
    parser.add_argument('--config', help='config, in place of the checkpoint\'s own')
    parser.add_argument('--device', help='cpu, cuda, ...')
    parser.add_argument(
        '--threshold', nargs='+', type=_threshold, default=[], metavar='AU=VALUE',
        help='decide an action unit at another probability, as 12=0.6')
    parser.add_argument(
        '--no-llm', action='store_true', help='evidence and structure decide: faster')
    parser.add_argument(
        '--no-trace', action='store_true', help='do not explain the answers')
    parser.add_argument(
        '--rephrase', action='store_true',
        help='let the LLM word the reasons anew; the plain text stands where its '
        'numbers differ')
    parser.add_argument('--batch-size', type=int, default=8)
    parser.add_argument('--fps', type=float, help='over what the input says')
    parser.add_argument(
        '--spot', choices=SPOT_MODES, default='auto',
        help='whether to look for movements, or take the input for one (auto: look in '
        'what is longer than a second)')
    for name in ('onset', 'apex', 'offset'):
        parser.add_argument(f'--{name}', type=int, help=f'{name} frame, from 0')
    parser.add_argument(
        '--longest', type=float, default=SpottingLimits().longest,
        help='longest micro-expression in seconds (default: %(default)s)')
    parser.add_argument(
        '--least-score', type=float, default=SpottingLimits().least_score,
        help='how far a movement must stand out of the noise (default: %(default)s)')
    parser.add_argument(
        '--faces', default='1', help='how many faces to follow, or "all" (default: 1)')
    args = parser.parse_args()
    if not args.inputs and not args.pair:
        parser.error('name a video, a folder of frames or a --pair of pictures')
    if args.faces != 'all' and not args.faces.isdigit():
        parser.error(f'--faces must be a number or "all", got {args.faces!r}')
    return args


def _threshold(text: str) -> tuple[int, float]:
    au, _, value = text.partition('=')
    try:
        return int(au.upper().removeprefix('AU')), float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f'{text!r} is no threshold; write it as 12=0.6') from None


def read_options(args: argparse.Namespace) -> InferenceOptions:
    """Options of the command line."""
    return InferenceOptions(
        fps=args.fps, spot=args.spot, onset=args.onset, apex=args.apex,
        offset=args.offset, batch_size=args.batch_size, trace=not args.no_trace,
        rephrase=args.rephrase,
        limits=SpottingLimits(longest=args.longest, least_score=args.least_score),
        faces=WatchOptions(None if args.faces == 'all' else int(args.faces)))


def main() -> int:
    """Infer as the command line says; 2 if an input could not be used."""
    args = parse_args()
    options = read_options(args)
    inferencer = AUInferencer(
        args.config, args.weights, args.device, dict(args.threshold),
        llm=not args.no_llm)
    sources: list[Any] = [*args.inputs, *map(tuple, args.pair)]
    failed = 0
    console = Console(stderr=True)
    columns = (TextColumn('{task.description}'), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        def show(source: Any):
            task = bars.add_task(str(source), total=None)

            def update(what: str, done: int, total: int | None) -> None:
                bars.update(task, description=f'{source} {what}', completed=done,
                            total=total, visible=total is None or done < total)
            return update

        for outcome in infer_many(
                inferencer, sources, args.out, args.formats, options, show):
            failed += outcome.error is not None
            stream = sys.stderr if outcome.error is not None else sys.stdout
            print('\n'.join(summary_lines(outcome)), file=stream)
    return USER_ERROR if failed else 0


if __name__ == '__main__':
    run_cli(main)
