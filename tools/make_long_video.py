# Copyright (c) AULLM-MM contributors.
"""Make a long semi-synthetic video with known movements, to judge spotting."""
from __future__ import annotations

import argparse
from dataclasses import fields

from aullm_mm.datasets.synthetic.long_timeline import LongVideoParameters
from aullm_mm.datasets.synthetic.long_video import VIDEO_NAMES, write_long_video
from aullm_mm.utils.cli import run_cli

HELP = {
    'seed': 'seed of everything, the person included',
    'seconds': 'length of the video',
    'fps': 'frames a second',
    'amplitude': "factor on the micro-expressions, 1 is the generator's usual one",
    'nuisance': 'factor on head motion, light, noise and twitches',
    'micro_rate': 'micro-expressions a minute',
    'macro_rate': 'longer and larger expressions a minute',
    'blink_rate': 'blinks a minute',
    'size': 'height and width of the picture in pixels',
}


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out', help='folder to make: the video and its truth.json')
    parser.add_argument('--kind', default='mp4', choices=list(VIDEO_NAMES),
                        help='MPEG-4, motion JPEG (finer), or a folder of PNG frames')
    for field in fields(LongVideoParameters):
        parser.add_argument(
            f'--{field.name.replace("_", "-")}', type=type(field.default),
            default=field.default, help=f'{HELP[field.name]}; default: {field.default}')
    return parser.parse_args()


def main() -> None:
    """Make the video."""
    args = parse_args()
    parameters = LongVideoParameters(
        **{field.name: getattr(args, field.name)
           for field in fields(LongVideoParameters)})
    path = write_long_video(args.out, parameters, args.kind)
    print(f'semi-synthetic video of {parameters.frames} frames written to {path}')


if __name__ == '__main__':
    run_cli(main)
