# Copyright (c) AULLM-MM contributors.
"""How well spotting finds the movements of long semi-synthetic videos.

Makes videos with known movements (each seed the same at every frame rate), follows and
measures the face, spots, and prints a table over frame rates: F1 at an overlap
(intersection over union) of 0.5 with a 95 % interval over videos, for
micro-expressions, longer ones and blinks, beside whole-face frame differences with the
same peak finding.
"""
from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from aullm_mm.datasets.synthetic.long_timeline import LongVideoParameters
from aullm_mm.datasets.synthetic.long_video import plan_long_video, write_long_video
from aullm_mm.spotting import (Interval, MotionMeter, Series, SpottingLimits,
                               SpottingScores, count_matches, f1_interval,
                               interval_iou, match_intervals, pool_scores, spot)
from aullm_mm.spotting.frame_difference import FrameDifference, spot_differences
from aullm_mm.spotting.measure import aligned_faces
from aullm_mm.spotting.meter import ROW_LENGTH
from aullm_mm.utils.cli import run_cli
from aullm_mm.video import open_video

KINDS = ('micro', 'macro', 'blink')
# The baseline's own threshold: chosen for it on the development seeds.
DIFFERENCE_SCORE = 5.0


class Measured(NamedTuple):
    """One video, measured.

    Attributes:
        truth: Of its ``truth.json``.
        series: What the meter saw.
        differences: ``(T,)`` whole-face frame differences, NaN without a face.
        cost: Milliseconds a frame of the meter.
    """

    truth: dict
    series: Series
    differences: np.ndarray
    cost: float


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--fps', type=float, nargs='+', default=[25, 30, 60, 200])
    parser.add_argument('--videos', type=int, default=4, help='videos a frame rate')
    parser.add_argument('--seed', type=int, default=1000, help='seed of the first one')
    parser.add_argument('--seconds', type=float, default=30.0)
    parser.add_argument('--amplitude', type=float, default=1.0)
    parser.add_argument('--nuisance', type=float, default=1.0)
    parser.add_argument('--kind', default='mp4', choices=('mp4', 'avi', 'png'))
    parser.add_argument('--iou', type=float, default=0.5)
    parser.add_argument('--least-score', type=float,
                        default=SpottingLimits().least_score)
    parser.add_argument('--cache', type=Path,
                        help='folder that keeps what was measured')
    parser.add_argument('--errors', action='store_true',
                        help='list what was missed and what was invented')
    return parser.parse_args()


def measure(parameters: LongVideoParameters, kind: str) -> Measured:
    """Make one video, and measure it as any other video would be."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_long_video(Path(folder) / 'video', parameters, kind)
        video = open_video(path, fps=parameters.fps if kind == 'png' else None)
        meter, difference = MotionMeter(), FrameDifference()
        seconds, rows, differences, spent = [], [], [], 0.0
        for second, picture, mesh, pose in aligned_faces(video):
            start = time.perf_counter()
            rows.append(np.full(ROW_LENGTH, np.nan) if picture is None
                        else meter(picture, mesh, pose, second))
            spent += time.perf_counter() - start
            seconds.append(second)
            differences.append(
                np.nan if picture is None else difference(picture, second))
    return Measured(plan_long_video(parameters).truth,
                    Series.from_rows(seconds, rows), np.array(differences),
                    1e3 * spent / len(rows))


def measured(parameters: LongVideoParameters, kind: str, cache: Path | None
             ) -> Measured:
    """As ``measure``, kept in a folder."""
    if cache is None:
        return measure(parameters, kind)
    path = cache / (f'{parameters.seed}-{parameters.fps:g}-{parameters.seconds:g}-'
                    f'{parameters.amplitude:g}-{parameters.nuisance:g}-{kind}.npz')
    if not path.is_file():
        found = measure(parameters, kind)
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(path, seconds=found.series.seconds, motion=found.series.motion,
                 eyes=found.series.eyes, found=found.series.found,
                 differences=found.differences, cost=found.cost)
    with np.load(path) as kept:
        names = ('seconds', 'motion', 'eyes', 'found')
        series = Series(*(kept[name] for name in names))
        return Measured(plan_long_video(parameters).truth, series,
                        kept['differences'], float(kept['cost']))


def true_spans(truth: dict, kind: str) -> list[tuple[float, float]]:
    """Begins and ends of a kind in seconds."""
    events = truth['blinks'] if kind == 'blink' else [
        event for event in truth['movements'] if event['kind'] == kind]
    return [(e['onset']['seconds'], e['offset']['seconds']) for e in events]


def spans(found: Sequence[Interval], series: Series, kind: str
          ) -> list[tuple[float, float]]:
    """Begins and ends of what was spotted, in seconds."""
    return [(float(series.seconds[i.onset]), float(series.seconds[i.offset]))
            for i in found if i.kind == kind]


def judge(videos: Sequence[Measured], limits: SpottingLimits, iou: float) -> dict:
    """Score all videos of one frame rate."""
    scores: dict[str, list[SpottingScores]] = {kind: [] for kind in KINDS}
    scores['difference'], errors, in_blinks = [], [], 0
    for video in videos:
        found = spot(video.series, limits)
        for kind in KINDS:
            scores[kind].append(count_matches(
                spans(found, video.series, kind), true_spans(video.truth, kind), iou))
        micro, truth = spans(found, video.series, 'micro'), true_spans(
            video.truth, 'micro')
        pairs = match_intervals(micro, truth, iou)
        errors += [np.subtract(micro[i], truth[j]) for i, j in pairs]
        false = set(range(len(micro))) - {i for i, _ in pairs}
        in_blinks += sum(any(interval_iou(micro[i], blink) > 0 for blink in true_spans(
            video.truth, 'blink')) for i in false)
        usual = np.nanmedian(video.differences)
        scores['difference'].append(count_matches(spot_differences(
            video.series.seconds, np.nan_to_num(video.differences, nan=usual), limits,
            DIFFERENCE_SCORE), truth, iou))
    return dict(scores=scores, in_blinks=in_blinks, errors=1e3 * np.abs(errors))


def table_row(fps: float, videos: Sequence[Measured], result: dict) -> str:
    """One line of the table."""
    pooled = {name: pool_scores(each) for name, each in result['scores'].items()}
    low, high = f1_interval(result['scores']['micro'])
    ends = (np.median(result['errors'], axis=0) if len(result['errors'])
            else [np.nan, np.nan])
    minutes = sum(len(v.series) for v in videos) / fps / 60
    micro = pooled['micro']
    return (f'| {fps:g} | {micro.f1:.2f} [{low:.2f}, {high:.2f}] | '
            f'{micro.precision:.2f} | {micro.recall:.2f} | {micro.truth} | '
            f'{(micro.spotted - micro.hits) / minutes:.1f} | {result["in_blinks"]} | '
            f'{ends[0]:.0f} / {ends[1]:.0f} | {pooled["macro"].f1:.2f} | '
            f'{pooled["blink"].f1:.2f} | {pooled["difference"].f1:.2f} | '
            f'{np.mean([v.cost for v in videos]):.1f} |')


def print_errors(video: Measured, limits: SpottingLimits, iou: float) -> None:
    """List the micro-expressions that were missed or invented."""
    found = [i for i in spot(video.series, limits) if i.kind == 'micro']
    mine, truth = spans(found, video.series, 'micro'), true_spans(video.truth, 'micro')
    pairs = match_intervals(mine, truth, iou)
    events = [e for e in video.truth['movements'] if e['kind'] == 'micro']
    name = f'seed {video.truth["seed"]}, {video.truth["fps"]:g} fps'
    for j in sorted(set(range(len(truth))) - {j for _, j in pairs}):
        aus = ' '.join(f'{m["side"] or ""}{m["au"]}:{m["intensity"]:.2f}'
                       for m in events[j]['aus'])
        print(f'{name}: missed {truth[j][0]:.2f} to {truth[j][1]:.2f} s, AUs {aus}')
    for i in sorted(set(range(len(mine))) - {i for i, _ in pairs}):
        print(f'{name}: invented {mine[i][0]:.2f} to {mine[i][1]:.2f} s, score '
              f'{found[i].score}, {", ".join(found[i].regions[:4])}')


def main() -> None:
    """Print the table."""
    args = parse_args()
    cv2.setNumThreads(1)
    limits = SpottingLimits(least_score=args.least_score)
    lines = ['| fps | F1 micro | precision | recall | micro | false a minute | of them '
             'in blinks | onset / offset error, ms | F1 macro | F1 blink | F1 frame '
             'difference | meter, ms a frame |', '|' + '---|' * 12]
    for fps in args.fps:
        videos = [measured(LongVideoParameters(
            seed=args.seed + i, seconds=args.seconds, fps=fps, amplitude=args.amplitude,
            nuisance=args.nuisance), args.kind, args.cache) for i in range(args.videos)]
        if args.errors:
            for video in videos:
                print_errors(video, limits, args.iou)
        lines.append(table_row(fps, videos, judge(videos, limits, args.iou)))
    print('\n'.join(lines))


if __name__ == '__main__':
    run_cli(main)
