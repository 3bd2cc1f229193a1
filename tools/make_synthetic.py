# Copyright (c) AULLM-MM contributors.
"""Make a semi-synthetic corpus in the official layout of a real one."""
from __future__ import annotations

import argparse
import os
from dataclasses import fields

from aullm_mm.datasets.synthetic import (LAYOUTS, PRESETS, STATISTICS,
                                         CorpusParameters, describe_existing,
                                         describe_presets, make_corpus,
                                         make_parameters)
from aullm_mm.utils.cli import run_cli
from aullm_mm.utils.parallel import available_cores


def parse_args() -> argparse.Namespace:
    """Read the command line; a knob that is not given is not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--out', help='folder to make; data/<preset> or data/<layout> '
                                      'unless given')
    parser.add_argument('--preset', choices=list(PRESETS), metavar='NAME',
                        help='named domain, see --list-presets; options given beside '
                             'it override its values')
    parser.add_argument('--list-presets', action='store_true',
                        help='print the presets and leave')
    parser.add_argument('--jobs', type=int, default=available_cores(),
                        help='threads; does not change a byte')
    parser.add_argument('--reuse', action='store_true',
                        help='succeed if the folder is there already')
    _add_knobs(parser.add_argument_group('knobs'))
    return parser.parse_args()


def _add_knobs(parser: argparse._ArgumentGroup) -> None:
    def add(name: str, kind: type, text: str, **more: object) -> None:
        parser.add_argument(f'--{name}', type=kind, default=argparse.SUPPRESS,
                            help=text, **more)

    add('layout', str, 'official layout to write', choices=list(LAYOUTS))
    add('subjects', int, _own('subjects'))
    add('clips', int, _own('clips'))
    add('seed', int, 'default: 0')
    add('people-seed', int, 'seed of the people; default: the seed')
    add('amplitude', float,
        f'factor on the movements, 1 is a micro-expression; {_own("amplitude")}')
    add('nuisance', float, 'factor on head drift, light, noise, blinks; default: 1')
    add('camera-noise', float, 'factor on sensor noise alone; default: 1')
    add('camera-blur', float, 'factor on blur of the optics; default: 1')
    add('light', float, 'factor on flicker and change of light alone; default: 1')
    add('quality', str, 'JPEG quality or range, as 60 or 40-60')
    add('statistics', str, "AUs and emotions; default: the layout's own",
        choices=list(STATISTICS))
    add('label-noise', float,
        'probability that the table gets a coded AU wrong; default: 0')
    add('frames', int, 'frames of every clip, 3 or more; default: as in the layout')
    add('spurious', str, 'nuisance that goes with an AU: light or background, AU and '
                         'share, as in light:12:0.9', metavar='KIND:AU[:RATE]')


def _own(name: str) -> str:
    values = ', '.join(f'{getattr(layout, name)} ({layout.name})'
                       for layout in LAYOUTS.values())
    return f'default: {values}'


def main() -> None:
    """Make the corpus, or leave the existing folder alone."""
    args = parse_args()
    if args.list_presets:
        print(describe_presets())
        return
    given = {field.name: getattr(args, field.name)
             for field in fields(CorpusParameters) if hasattr(args, field.name)}
    parameters = make_parameters(args.preset, **given)
    out = args.out or f'data/{args.preset or parameters.layout}'
    if args.reuse and os.path.isdir(out):
        if describe_existing(out, parameters) == 'same':
            print(f'{out} holds this semi-synthetic corpus already')
        else:
            print(f'{out} was not made by this tool and is left alone')
        return
    try:
        make_corpus(out, parameters, jobs=args.jobs, progress=True)
    except FileExistsError as error:
        raise ValueError(str(error)) from error
    print(f'semi-synthetic corpus of {parameters.clips} clips written to {out}')


if __name__ == '__main__':
    run_cli(main)
