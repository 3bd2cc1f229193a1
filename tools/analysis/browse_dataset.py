# Copyright (c) AULLM-MM contributors.
"""Draw clips of a config's dataset: frames, magnified difference, flow, AU names.

python tools/analysis/browse_dataset.py configs/aullm_casme2.py --out sheets --part val
"""
from __future__ import annotations

import argparse
from pathlib import Path

from mmengine.config import DictAction

from aullm_mm.apis import load_config
from aullm_mm.apis.browsing import PARTS, browse_clips
from aullm_mm.utils.cli import run_cli
from aullm_mm.visualization import draw_clip_sheet, save_figure


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file')
    parser.add_argument('--out', required=True, help='folder for the sheets')
    parser.add_argument('--part', choices=PARTS, default='train')
    parser.add_argument('--number', type=int, default=12, help='how many clips')
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE',
        help='override settings, e.g. '
        'train_dataloader.dataset.data_root=data/casme2')
    return parser.parse_args()


def main() -> None:
    """Draw one sheet a clip."""
    args = parse_args()
    cfg = load_config(args.config, options=args.cfg_options)
    for clip in browse_clips(cfg, args.part, args.number):
        name = clip['clip_id'].replace('/', '_')
        path = save_figure(
            draw_clip_sheet(clip), Path(args.out) / f'{name}.png', dpi=110)
        print(path)


if __name__ == '__main__':
    run_cli(main)
