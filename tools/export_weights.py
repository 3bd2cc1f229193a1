# Copyright (c) AULLM-MM contributors.
"""Make a zoo model: ``python tools/export_weights.py best.pth my_model``."""
from __future__ import annotations

import argparse

from aullm_mm.apis.export import export_weights
from aullm_mm.utils.cli import run_cli


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description='Make a zoo model of a training checkpoint: trained tensors only, '
        'at most 20 MB, the LLM named but not included.')
    parser.add_argument('checkpoint', help='checkpoint that tools/train.py wrote')
    parser.add_argument('name', help="name, for load_from='aullm-mm://NAME'")
    parser.add_argument(
        '--config', help='config of the run; by default the one in the checkpoint')
    parser.add_argument('--card', help='model card; by default one is made')
    parser.add_argument(
        '--out', help='folder of the zoo; by default that of the package')
    parser.add_argument(
        '--half', action='store_true', help='store float16 instead of float32')
    parser.add_argument('--training', help='what it was trained on, in words')
    parser.add_argument(
        '--semi-synthetic', action='store_true',
        help='the training corpora are semi-synthetic: their subjects are no people')
    parser.add_argument(
        '--figures', nargs='+', type=_figure, default=[], metavar='NAME=VALUE',
        help='further figures, e.g. test/au/F1_mean=0.61')
    return parser.parse_args()


def _figure(text: str) -> tuple[str, float]:
    name, _, value = text.rpartition('=')
    if not name:
        raise argparse.ArgumentTypeError(f'{text!r} is not NAME=VALUE')
    return name, float(value)


def main() -> None:
    """Export as the command line says."""
    args = parse_args()
    path = export_weights(
        args.checkpoint, args.name, args.config, args.card, args.out, args.half,
        args.training, args.semi_synthetic, dict(args.figures))
    print(f'{path} ({path.stat().st_size / 1e6:.1f} MB)')


if __name__ == '__main__':
    run_cli(main)
