# Copyright (c) AULLM-MM contributors.
"""Clips per second of a config's dataset, beside MMAction2's stock raw-frame pipeline.

Both read the same clips in this process, interleaved pass by pass; ours after a first
pass that fills the clip cache. The stock pipeline samples as many frames a clip as ours
decodes, resizes and formats them.
"""
from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.registry import init_default_scope

from aullm_mm.apis import load_config
from aullm_mm.registry import DATASETS
from aullm_mm.utils.cli import run_cli


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', nargs='?', default='configs/aullm_casme2.py')
    parser.add_argument('--clips', type=int, default=64, help='how many clips')
    parser.add_argument('--passes', type=int, default=3, help='timed passes of each')
    parser.add_argument('--frames', type=int, default=16, help='frames a clip (stock)')
    return parser.parse_args()


def stock_dataset(ours: BaseDataset, clips: int, frames: int, folder: Path
                  ) -> BaseDataset:
    """MMAction2's raw-frame dataset on the first clips of ours."""
    infos = [ours.get_data_info(i) for i in range(clips)]
    rows = [f'{i["frame_dir"]} {i["onset"]} {i["offset"] - i["onset"] + 1} 0'
            for i in infos]
    listed = folder / 'clips.txt'
    listed.write_text('\n'.join(rows) + '\n')
    return DATASETS.build(dict(
        type='RawframeDataset', ann_file=str(listed), with_offset=True, start_index=0,
        filename_tmpl=infos[0]['frame_template'], pipeline=[
            dict(type='UniformSample', clip_len=frames),
            dict(type='RawFrameDecode'),
            dict(type='Resize', scale=(64, 64), keep_ratio=False),
            dict(type='FormatShape', input_format='NCTHW'),
            dict(type='PackActionInputs')]))


def seconds_of_a_pass(dataset: BaseDataset, clips: int) -> float:
    """Seconds to read the first clips once."""
    start = time.perf_counter()
    for i in range(clips):
        dataset[i]
    return time.perf_counter() - start


def build_ours(cfg: Config) -> BaseDataset:
    """The training dataset of a config over all clips of its corpora."""
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    return DATASETS.build(dict(cfg.train_dataloader.dataset, part='all'))


def main() -> None:
    """Time both, pass by pass."""
    args = parse_args()
    ours = build_ours(load_config(args.config))
    clips = min(args.clips, len(ours))
    with tempfile.TemporaryDirectory() as folder:
        stock = stock_dataset(ours, clips, args.frames, Path(folder))
        seconds = {name: [] for name in ('ours', 'stock')}
        for _ in range(args.passes + 1):
            for name, dataset in (('ours', ours), ('stock', stock)):
                seconds[name].append(seconds_of_a_pass(dataset, clips))
    fast, slow = (clips / statistics.median(seconds[n][1:]) for n in ('ours', 'stock'))
    print(f'{clips} clips, one process: {fast:.0f} clips/s cached, {slow:.0f} clips/s '
          f'by the stock raw-frame pipeline, {fast / slow:.1f} times as fast')


if __name__ == '__main__':
    run_cli(main)
