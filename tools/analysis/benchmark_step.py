# Copyright (c) AULLM-MM contributors.
"""Seconds a training step with and without the shared prefix, interleaved."""
from __future__ import annotations

import argparse
import statistics
import time

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor

from aullm_mm.apis import load_config
from aullm_mm.models.evidence import probe_channels
from aullm_mm.registry import MODELS
from aullm_mm.utils.cli import run_cli
from aullm_mm.utils.memory import keep_freed_memory


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', nargs='?', default='configs/aullm_casme2.py')
    parser.add_argument('--batch-size', type=int, default=16)
    parser.add_argument('--pairs', type=int, default=3, help='interleaved pairs')
    parser.add_argument(
        '--ccr', action='store_true', help='with the counterfactual passes')
    return parser.parse_args()


def random_levels(cfg: Config, batch: int) -> tuple[tuple[Tensor, ...], Tensor]:
    """Maps of 10 x 10 places and a vector with the channels that the head expects."""
    map_channels, high_channels = probe_channels(cfg.model.cls_head.in_channels)
    maps = tuple(torch.randn(batch, c, 1, 10, 10) for c in map_channels)
    return maps, torch.randn(batch, high_channels)


def time_step(
    head: torch.nn.Module, maps: tuple[Tensor, ...], high: Tensor, labels: Tensor
) -> float:
    """Seconds of one forward and backward pass of the head."""
    start = time.perf_counter()
    sum(head.loss_by_levels(maps, high, labels).values()).backward()
    head.zero_grad()
    return time.perf_counter() - start


def main() -> None:
    """Time both ways, pair by pair, on the same inputs."""
    args = parse_args()
    keep_freed_memory()
    cfg = load_config(args.config)
    init_default_scope('mmaction')
    if not args.ccr:
        cfg.model.cls_head.loss_ccr = None
    head = MODELS.build(cfg.model.cls_head).train()
    torch.manual_seed(0)
    maps, high = random_levels(cfg, args.batch_size)
    labels = (torch.rand(args.batch_size, len(head.aus)) < 0.2).float()
    llm, seconds = head.deduction.llm, {True: [], False: []}
    for _ in range(args.pairs + 1):
        for shared in (True, False):
            llm.shared_prefix = shared
            seconds[shared].append(time_step(head, maps, high, labels))
    fast, plain = (statistics.median(seconds[s][1:]) for s in (True, False))
    print(f'{len(head.deduction.prefix)} prefix tokens, batch {args.batch_size}, '
          f'{"with" if args.ccr else "without"} counterfactuals: '
          f'{plain:.2f} s a step plain, {fast:.2f} s with the shared prefix, '
          f'{plain / fast:.1f} times as fast')


if __name__ == '__main__':
    run_cli(main)
