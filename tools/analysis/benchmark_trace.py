# Copyright (c) AULLM-MM contributors.
"""What a deduction trace costs beside a plain prediction, interleaved."""
from __future__ import annotations

import argparse
import statistics
import time
from typing import Callable, Sequence

import torch
from mmcv.transforms import Compose
from mmengine.dataset import pseudo_collate
from torch import nn

from aullm_mm.apis.inferencer.recognizer import load_recognizer
from aullm_mm.explain import trace_clips
from aullm_mm.explain.corpus import open_corpus, uncached
from aullm_mm.utils.cli import run_cli
from aullm_mm.utils.memory import keep_freed_memory


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'weights', nargs='?', help='checkpoint or zoo model; by default the packaged')
    parser.add_argument('--data-root', default='data/casme2')
    parser.add_argument('--corpus', default='casme2')
    parser.add_argument('--batch-sizes', type=int, nargs='+', default=[1, 16])
    parser.add_argument('--rounds', type=int, default=7, help='interleaved rounds')
    parser.add_argument('--device')
    return parser.parse_args()


def seconds(function: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(model: nn.Module, data: Sequence[dict], rounds: int) -> tuple[float, float]:
    """Median seconds of a plain prediction and of a trace, after one round to warm up.

    Args:
        model: The model.
        data: Packed samples, one batch.
        rounds: Interleaved rounds.
    """
    def predict() -> None:
        with torch.no_grad():
            model.test_step(pseudo_collate(list(data)))

    times = [(seconds(predict), seconds(lambda: trace_clips(model, data)))
             for _ in range(rounds + 1)][1:]
    return tuple(statistics.median(column) for column in zip(*times))


def main() -> None:
    """Time a prediction, a trace, and the making of the input, with LLM and without."""
    args = parse_args()
    keep_freed_memory()
    known = load_recognizer(args.weights, device=args.device)
    dataset = open_corpus(args.corpus, args.data_root, known.aus)
    pipeline = Compose(uncached(known.pipeline))
    infos = [dataset.get_data_info(i) for i in range(max(args.batch_sizes))]
    pipeline(dict(infos[0]))
    start = time.perf_counter()
    data = [pipeline(dict(info)) for info in infos]
    making = (time.perf_counter() - start) / len(data)
    print(f'frames to input: {making * 1e3:.0f} ms a clip')
    head = known.model.cls_head
    for with_llm in (True, False):
        if getattr(head, 'deduction', None) is None and with_llm:
            continue
        head.deduces = with_llm  # without: the nodes decide, as in a control
        for size in args.batch_sizes:
            plain, traced = compare(known.model, data[:size], args.rounds)
            whole = (traced + making * size) / (plain + making * size)
            print(f'{"with" if with_llm else "without"} LLM, batch {size}: prediction '
                  f'{plain / size * 1e3:.1f} ms a clip, trace '
                  f'{traced / size * 1e3:.1f} ms, {traced / plain:.2f} times; from '
                  f'frames on {whole:.2f} times')


if __name__ == '__main__':
    run_cli(main)
