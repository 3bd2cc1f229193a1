# Copyright (c) AULLM-MM contributors.
"""Real-time factor of inference from the file to the JSON text, part by part.

Semi-synthetic long videos of 640 x 480 pixels are made, or your own are taken. A
factor below 1 is faster than real time. Rounds of the variants are interleaved; the
medians are shown.
"""
from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from pathlib import Path

import cv2
import torch

from aullm_mm.apis.inferencer import AUInferencer, InferenceOptions
from aullm_mm.apis.inferencer.writing import to_json
from aullm_mm.datasets.synthetic.long_timeline import LongVideoParameters
from aullm_mm.datasets.synthetic.long_video import plan_long_video
from aullm_mm.utils.cli import run_cli
from aullm_mm.utils.memory import keep_freed_memory
from aullm_mm.video import VideoWriter

PARTS = ('decode', 'faces', 'spotting', 'model', 'trace', 'total')
VARIANTS = (  # name, with the LLM, with reasons
    ('without LLM', False, False), ('without LLM, trace', False, True),
    ('SmolLM2', True, False), ('SmolLM2, trace', True, True))
HEIGHT, WIDTH = 480, 640


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'videos', nargs='*', help='your own, in place of generated ones')
    parser.add_argument('--fps', type=float, nargs='+', default=[30, 200])
    parser.add_argument('--seconds', type=float, default=20.0)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--seed', type=int, default=5)
    return parser.parse_args()


def write_video(path: Path, fps: float, seconds: float, seed: int) -> Path:
    """Write a semi-synthetic video of 640 x 480 pixels, the walls beside it plain.

    Args:
        path: The file.
        fps: Frames a second.
        seconds: Its length.
        seed: Seed of everything in it.
    """
    plan = plan_long_video(LongVideoParameters(
        seed=seed, fps=fps, seconds=seconds, size=HEIGHT))
    side = (WIDTH - HEIGHT) // 2
    with VideoWriter(path, fps, (HEIGHT, WIDTH)) as video:
        for frame in plan.frames():
            video.write(cv2.copyMakeBorder(
                frame, 0, 0, side, side, cv2.BORDER_REPLICATE))
    return path


def measure(video: str, rounds: int) -> dict[str, list[dict[str, float]]]:
    """Seconds of each part, variant by variant, interleaved.

    Args:
        video: The file.
        rounds: How many; one more warms up.
    """
    inferencers = {llm: AUInferencer(llm=llm) for llm in (False, True)}
    found: dict[str, list[dict[str, float]]] = {name: [] for name, *_ in VARIANTS}
    for _ in range(rounds + 1):
        for name, llm, trace in VARIANTS:
            start = time.perf_counter()
            result = inferencers[llm].analyze(
                video, InferenceOptions(trace=trace, spot='always')).result
            to_json(result)
            timing = dict(result['timing'], total=time.perf_counter() - start)
            timing['movements'] = len(result['movements'])
            timing['seconds'] = result['source']['seconds']
            found[name].append(timing)
    return {name: rows[1:] for name, rows in found.items()}


def show(video: str, found: dict[str, list[dict[str, float]]]) -> None:
    """Print a table in Markdown."""
    first = next(iter(found.values()))[0]
    print(f'\n{Path(video).name}: {first["seconds"]:.1f} s, {first["movements"]} '
          f'movements; seconds of work a second of video\n')
    print(f'| | {" | ".join(PARTS)} |\n|{"---|" * (len(PARTS) + 1)}')
    for name, rows in found.items():
        cells = [statistics.median(row[part] for row in rows) / first['seconds']
                 for part in PARTS]
        print(f'| {name} | {" | ".join(f"{cell:.3f}" for cell in cells)} |')


def main() -> None:
    """Make the videos, measure, print."""
    args = parse_args()
    keep_freed_memory()
    print(f'{torch.get_num_threads()} threads, {args.rounds} rounds')
    with tempfile.TemporaryDirectory() as folder:
        videos = args.videos or [str(write_video(
            Path(folder) / f'{fps:g}_fps.mp4', fps, args.seconds, args.seed))
            for fps in args.fps]
        for video in videos:
            show(video, measure(video, args.rounds))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f'\npeak memory {peak:.0f} MiB')


if __name__ == '__main__':
    run_cli(main)
