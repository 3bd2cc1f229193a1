# Copyright (c) AULLM-MM contributors.
"""What was tried for alignment: sets of points, smoothing, passes of the mesh network.

As for tools/analysis/measure_alignment.py, but by the known motion instead of optical
flow: how far points of a face that is still move in the aligned crop within a quarter
of a second, in pixels of a crop 224 pixels and 2.2 inter-ocular distances wide.
``AUs``: how far each AU, a quarter of its full movement before a head that is still,
takes the pose along: the mean over the AUs, and the worst of them.
"""
from __future__ import annotations

import argparse
from collections import defaultdict
from types import MappingProxyType
from typing import Iterable, Iterator, Mapping, Sequence

import numpy as np

from aullm_mm.datasets.synthetic.au_pulls import AU_PULLS
from aullm_mm.datasets.synthetic.moving_head import (MICRO_INTENSITY, SwayClip,
                                                     draw_sway, film_head, film_sway)
from aullm_mm.datasets.synthetic.subjects import Subject, make_subject
from aullm_mm.faces import FaceTracker, Pose, smooth_poses, stable_pose
from aullm_mm.faces.pose import STABLE_POINTS
from aullm_mm.utils.cli import run_cli
from aullm_mm.utils.parallel import one_opencv_thread

LAG = 0.25  # seconds between the pictures that are compared
PIXELS = 224 / 2.2  # to an inter-ocular distance
CORNERS = (33, 133, 263, 362)
BRIDGE = (168, 6, 197, 195)
#: The used ones end with points of the temples and cheekbones.
SIDES = STABLE_POINTS[-14:]
POINTS: Mapping[str, Sequence[int]] = MappingProxyType({
    'eye corners': CORNERS, 'eye corners, bridge': CORNERS + BRIDGE,
    'eye corners, bridge, tip of nose': CORNERS + BRIDGE + (5, 4, 1),
    'eye corners, bridge, temples': CORNERS + BRIDGE + SIDES,
    'around the eyes, bridge': STABLE_POINTS[:-14],
    'around the eyes, bridge, temples (used)': STABLE_POINTS,
    'all 468': tuple(range(468))})
SPREADS = (0.0, 0.02, 0.04, 0.06, 0.08, 0.12)
PASSES = (1, 2, 3)
Rows = dict[str, list[tuple[float, ...]]]


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--fps', type=float, nargs='+', default=[30, 200])
    parser.add_argument('--people', type=int, default=4)
    parser.add_argument('--seconds', type=float, default=1.5, help='length of a clip')
    parser.add_argument('--seed', type=int, default=7)
    return parser.parse_args()


def meshes(frames: Iterable[np.ndarray], seconds: Sequence[float], passes: int = 2
           ) -> list[np.ndarray]:
    """Mesh of every frame."""
    tracker = FaceTracker(passes=passes)
    return [tracker(frame, time)[0].mesh for frame, time in zip(frames, seconds)]


def left_over(clip: SwayClip, poses: Sequence[Pose]) -> tuple[float, float]:
    """Median and 95th percentile of the motion that alignment leaves, pixels."""
    grid = np.stack(np.meshgrid(np.linspace(-0.8, 0.8, 7), np.linspace(-0.6, 1.3, 8)),
                    axis=-1).reshape(-1, 2)
    places = np.stack([pose.to_face(exact.to_picture(grid))
                       for pose, exact in zip(poses, clip.exact)])
    lag = round(LAG / (clip.seconds[1] - clip.seconds[0]))
    moved = np.linalg.norm(places[lag:] - places[:-lag], axis=-1) * PIXELS
    return tuple(float(value) for value in np.percentile(moved, (50, 95)))


def pull_of_aus(subject: Subject) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Mesh without and with each AU, the head still and the camera without noise."""
    still = draw_sway(np.random.default_rng(0), (0.0, 1.0), strength=0.0)
    for au in AU_PULLS:
        frames = film_head(subject, still, au=au, course=(0.0, MICRO_INTENSITY))
        yield au, *meshes(frames, (0.0, 0.1))


def try_clip(clip: SwayClip, rows: Rows) -> None:
    """Add what each way leaves of a clip."""
    for passes in PASSES:
        found = meshes(clip.frames, clip.seconds, passes)
        raw = [stable_pose(mesh) for mesh in found]
        rows[f'{passes} passes'].append(left_over(clip, raw))
        if passes != 2:
            continue
        for name, points in POINTS.items():
            poses = [stable_pose(mesh, points) for mesh in found]
            rows[name].append(left_over(clip, poses))
        for spread in SPREADS:
            poses = smooth_poses(raw, clip.seconds, spread)
            rows[f'smoothed by {spread:g} s'].append(left_over(clip, poses))


def try_aus(subject: Subject, pulls: dict[str, dict[int, list[float]]]) -> None:
    """Add how far each AU takes the pose along, pixels."""
    for au, rest, moved in pull_of_aus(subject):
        for name, points in POINTS.items():
            before, after = (stable_pose(mesh, points) for mesh in (rest, moved))
            way = np.linalg.norm(before.to_face(rest) - after.to_face(rest), axis=1)
            pulls[name][au].append(float(way.mean()) * PIXELS)


def main() -> None:
    """Print the tables."""
    args = parse_args()
    left = {fps: defaultdict(list) for fps in args.fps}
    pulls = defaultdict(lambda: defaultdict(list))
    with one_opencv_thread():
        for number in range(1, args.people + 1):
            subject = make_subject(args.seed, number)
            try_aus(subject, pulls)
            for fps, rows in left.items():
                try_clip(film_sway(subject, fps, args.seconds, args.seed), rows)
    rates = [f'{fps:g} fps: median | 95%' for fps in args.fps]
    print(f'| | {" | ".join(rates)} | AUs: mean | worst |')
    print('|---' * (2 * len(rates) + 3) + '|')
    for name in left[args.fps[0]]:
        cells = [f'{value:.2f}' for rows in left.values()
                 for value in np.mean(rows[name], axis=0)]
        aus = {au: float(np.mean(values)) for au, values in pulls[name].items()}
        worst = max(aus, key=aus.get) if aus else None
        cells += [f'{np.mean(list(aus.values())):.2f}', f'AU{worst}, {aus[worst]:.2f}'
                  ] if aus else ['', '']
        print(f'| {name} | {" | ".join(cells)} |')


if __name__ == '__main__':
    run_cli(main)
