# Copyright (c) AULLM-MM contributors.
"""What alignment leaves of head motion, and what it takes from a facial movement.

Semi-synthetic people with a still face sway before a camera by a known motion; between
pictures a quarter of a second apart, optical flow inside the face is what an analysis
would take for facial motion. Crops are 224 pixels wide, which is 2.2 inter-ocular
distances. ``none``: one crop for the whole clip; ``exact``: by the known motion, so
what is left is noise and interpolation. Share of AU12: motion of the mouth corners
along that which they have where the alignment is exact, in a smile of a quarter of the
full movement.
"""
from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from typing import Iterator, Sequence

import cv2
import numpy as np

from aullm_mm.datasets.synthetic.moving_head import MICRO_RISE, SwayClip, film_sway
from aullm_mm.datasets.synthetic.subjects import make_subject
from aullm_mm.faces import FaceAligner, FaceTracker, Pose, smooth_poses
from aullm_mm.faces.align import follow_poses
from aullm_mm.faces.canonical import canonical_face
from aullm_mm.faces.pose_smoothing import SPREAD
from aullm_mm.utils.cli import run_cli
from aullm_mm.utils.parallel import one_opencv_thread
from aullm_mm.video import open_video

ALIGNER = FaceAligner((224, 224), (-1.1, 1.1, -0.75, 1.45))
LAG = 0.25  # seconds between the pictures that are compared
CORNERS = (61, 291)
# Around the bridge of the nose, in face coordinates: it moves with the skull.
BRIDGE = (-0.22, 0.22, -0.15, 0.45)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--fps', type=float, nargs='+', default=[30, 200])
    parser.add_argument('--people', type=int, default=4)
    parser.add_argument('--seconds', type=float, default=1.5, help='length of a clip')
    parser.add_argument('--seed', type=int, default=7)
    parser.add_argument('--spread', type=float, default=SPREAD,
                        help='seconds, of the smoothing')
    parser.add_argument('--passes', type=int, default=2, help='of the mesh network')
    parser.add_argument('--video', type=Path,
                        help='a real video instead: found frames, jitter of the pose, '
                             'motion left at the bridge of the nose')
    parser.add_argument('--frames', type=int, default=500, help='of that video')
    return parser.parse_args()


def ways(clip: SwayClip, spread: float, passes: int
         ) -> Iterator[tuple[str, list[Pose]]]:
    """Poses by the ways of aligning that are compared."""
    yield 'none', [clip.exact[0]] * len(clip.frames)
    raw, _, lost = follow_poses(
        zip(range(len(clip.frames)), clip.seconds, clip.frames),
        FaceTracker(passes=passes))
    if lost:
        raise ValueError(f'the tracker lost the face: {lost}')
    yield 'not smoothed', raw
    yield 'smoothed', smooth_poses(raw, clip.seconds, spread)
    yield 'exact', clip.exact


def pictures(clip: SwayClip, poses: Sequence[Pose], places: Sequence[int]
             ) -> list[np.ndarray]:
    """Aligned gray pictures of some frames."""
    return [cv2.cvtColor(ALIGNER(clip.frames[i], poses[i]), cv2.COLOR_BGR2GRAY)
            for i in places]


def flow_between(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Optical flow ``(h, w, 2)`` in pixels."""
    method = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return method.calc(first, last, None)


def face_mask() -> np.ndarray:
    """Where the canonical face is in a crop."""
    mask = np.zeros(ALIGNER.size, np.uint8)
    hull = cv2.convexHull(crop_points(canonical_face()).astype(np.float32))
    cv2.fillConvexPoly(mask, hull.astype(np.int32), 1)
    return mask.astype(bool)


def crop_points(points: np.ndarray) -> np.ndarray:
    """Pixels of the crop of face coordinates."""
    matrix = ALIGNER.matrix(Pose((0.0, 0.0), 1.0, 0.0))
    return points @ matrix[:, :2].T + matrix[:, 2]


def still_motion(clip: SwayClip, poses: Sequence[Pose]) -> np.ndarray:
    """Magnitudes of the flow inside the face, for all pairs, pixels."""
    lag = max(1, round(LAG / (clip.seconds[1] - clip.seconds[0])))
    starts = range(0, len(clip.frames) - lag, max(1, lag // 2))
    flows = [flow_between(*pictures(clip, poses, (i, i + lag))) for i in starts]
    return np.linalg.norm(flows, axis=-1)[:, face_mask()].ravel()


def smile_motion(clip: SwayClip, poses: Sequence[Pose]) -> np.ndarray:
    """Motion ``(2, 2)`` of both mouth corners from before the smile to its peak."""
    step = clip.seconds[1] - clip.seconds[0]
    onset = round(clip.seconds[-1] / 3 / step)
    peak = onset + round(MICRO_RISE / step)
    flow = flow_between(*pictures(clip, poses, (onset, peak)))
    return np.stack([np.median(
        flow[round(y) - 5:round(y) + 6, round(x) - 5:round(x) + 6], axis=(0, 1))
        for x, y in crop_points(canonical_face()[list(CORNERS)])])


def measure(fps: float, args: argparse.Namespace) -> dict[str, tuple[float, ...]]:
    """Median and 95th percentile of the motion, share of AU12, by way."""
    left, share = defaultdict(list), defaultdict(list)
    for number in range(1, args.people + 1):
        subject = make_subject(args.seed, number)
        still, smile = (film_sway(subject, fps, args.seconds, args.seed, onset)
                        for onset in (None, args.seconds / 3))
        for name, poses in ways(still, args.spread, args.passes):
            left[name].append(still_motion(still, poses))
        moved = {name: smile_motion(smile, poses)
                 for name, poses in ways(smile, args.spread, args.passes)}
        true = moved['exact']
        for name, motion in moved.items():
            share[name].append(float((motion * true).sum() / (true * true).sum()))
    return {name: (*np.percentile(np.concatenate(left[name]), (50, 95)),
                   float(np.mean(share[name])), float(np.min(share[name])))
            for name in left}


def measure_video(args: argparse.Namespace) -> None:
    """Print what can be said of a real video, whose true motion nobody knows."""
    rows = [frame for frame, _ in zip(open_video(args.video), range(args.frames))]
    raw, seconds, lost = follow_poses(rows, FaceTracker(passes=args.passes))
    lag = max(1, round(LAG / float(np.median(np.diff(seconds)))))
    found = len(rows) - len(lost)
    print(f'{args.video.name}: a face in {found} of {len(rows)} frames\n'
          '| alignment | jitter, px | at the nose: median, px | 95%, px |\n'
          '|---|---|---|---|')
    smooth = smooth_poses(raw, seconds, args.spread)
    # Alignment begins anew in every pair where there is none.
    for name, first, last in (('none', raw, [None] * lag + raw[:-lag]),
                              ('not smoothed', raw, raw), ('smoothed', smooth, smooth)):
        left = [bridge_motion(rows, first[i], last[i + lag], i, i + lag)
                for i in range(0, len(rows) - lag, lag) if first[i] and last[i + lag]]
        middle, most = np.percentile(left, (50, 95))
        shake = f'{jitter(last):.2f}' if name != 'none' else ''
        print(f'| {name} | {shake} | {middle:.2f} | {most:.2f} |')


def bridge_motion(rows: Sequence, first: Pose, last: Pose, i: int, j: int) -> float:
    """Motion of the bridge of the nose between two frames, pixels."""
    x0, y0, x1, y1 = (round(value) for value in crop_points(
        np.reshape(BRIDGE, (2, 2)).T).ravel())
    flow = flow_between(*(cv2.cvtColor(ALIGNER(rows[k].image, pose), cv2.COLOR_BGR2GRAY)
                          for k, pose in ((i, first), (j, last))))
    return float(np.hypot(*np.median(flow[y0:y1, x0:x1], axis=(0, 1))))


def jitter(poses: Sequence[Pose | None]) -> float:
    """Mean second difference of the pose's centre from frame to frame, pixels."""
    places = np.array([np.divide(pose.center, pose.scale) for pose in poses if pose])
    scale = ALIGNER.size[1] / (ALIGNER.bounds[1] - ALIGNER.bounds[0])
    return float(np.abs(np.diff(places, n=2, axis=0)).mean() * scale)


def main() -> None:
    """Print the table."""
    args = parse_args()
    if args.video:
        with one_opencv_thread():
            return measure_video(args)
    print('| frames a second | alignment | median, px | 95%, px | share of AU12 kept | '
          'least |\n|---|---|---|---|---|---|')
    with one_opencv_thread():
        for fps in args.fps:
            for name, row in measure(fps, args).items():
                shares = '| | |' if name == 'none' else '| {:.2f} | {:.2f} |'.format(
                    *row[2:])
                print(f'| {fps:g} | {name} | {row[0]:.2f} | {row[1]:.2f} {shares}')


if __name__ == '__main__':
    run_cli(main)
