# Copyright (c) AULLM-MM contributors.
"""Draw predictions of a test run, the learned AU graph and the training curves."""
from __future__ import annotations

import argparse
import json
from pathlib import Path

from aullm_mm.apis import find_checkpoint, load_config
from aullm_mm.apis.drawing import draw_learned_graph, draw_test_predictions
from aullm_mm.utils.cli import run_cli
from aullm_mm.visualization import draw_training_curves, save_figure


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('--predictions', required=True, help='file of test.py --dump')
    parser.add_argument('--work-dir', help='folder of the run')
    parser.add_argument('--checkpoint', help='by default the best one of the run')
    parser.add_argument('--count', type=int, default=4, help='how many clips')
    parser.add_argument('--out', default='.', help='folder for the pictures')
    return parser.parse_args()


def main() -> None:
    """Draw what there is to draw."""
    args = parse_args()
    cfg = load_config(args.config, args.work_dir)
    out = Path(args.out)
    save_figure(
        draw_test_predictions(cfg, args.predictions, args.count),
        out / 'predictions.png')
    checkpoint = args.checkpoint or find_checkpoint(cfg.work_dir)
    if cfg.model.cls_head.get('graph', True):
        save_figure(draw_learned_graph(cfg, checkpoint), out / 'au_graph.png')
    logs = sorted(Path(cfg.work_dir).glob('*/vis_data/scalars.json'))
    records = [json.loads(r) for log in logs for r in log.read_text().splitlines()]
    if records:
        save_figure(draw_training_curves(records), out / 'training_curves.png')
    print(f'pictures written to {out}')


if __name__ == '__main__':
    run_cli(main)
