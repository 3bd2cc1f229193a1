# Copyright (c) AULLM-MM contributors.
"""Make a semi-synthetic corpus in the official layout of a real one."""
from __future__ import annotations

import argparse
import os

from aullm_mm.datasets.synthetic import (LAYOUTS, CorpusParameters,
                                         describe_existing, make_corpus)
from aullm_mm.utils.cli import run_cli
from aullm_mm.utils.parallel import available_cores


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    defaults = CorpusParameters()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--layout', choices=list(LAYOUTS), default=defaults.layout,
                        help='official layout to write')
    parser.add_argument('--out', help='folder to make; data/<layout> unless given')
    parser.add_argument('--subjects', type=int, help=_own('subjects'))
    parser.add_argument('--clips', type=int, help=_own('clips'))
    parser.add_argument('--seed', type=int, default=defaults.seed)
    parser.add_argument('--amplitude', type=float,
                        help='factor on the movements, 1 is a micro-expression; '
                             + _own('amplitude'))
    parser.add_argument('--nuisance', type=float, default=defaults.nuisance,
                        help='factor on head drift, light, noise, blinks')
    parser.add_argument('--jobs', type=int, default=available_cores(),
                        help='threads; does not change a byte')
    parser.add_argument('--reuse', action='store_true',
                        help='succeed if the folder is there already')
    args = parser.parse_args()
    args.out = args.out or f'data/{args.layout}'
    return args


def _own(name: str) -> str:
    values = ', '.join(f'{getattr(layout, name)} ({layout.name})'
                       for layout in LAYOUTS.values())
    return f'default: {values}'


def main() -> None:
    """Make the corpus, or leave the existing folder alone."""
    args = parse_args()
    parameters = CorpusParameters(
        subjects=args.subjects, clips=args.clips, seed=args.seed,
        amplitude=args.amplitude, nuisance=args.nuisance, layout=args.layout)
    if args.reuse and os.path.isdir(args.out):
        if describe_existing(args.out, parameters) == 'same':
            print(f'{args.out} holds this semi-synthetic corpus already')
        else:
            print(f'{args.out} was not made by this tool and is left alone')
        return
    try:
        make_corpus(args.out, parameters, jobs=args.jobs, progress=True)
    except FileExistsError as error:
        raise ValueError(str(error)) from error
    print(f'semi-synthetic corpus of {parameters.clips} clips written to {args.out}')


if __name__ == '__main__':
    run_cli(main)
