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
from typing import Iterator, NamedTuple, Sequence

import cv2
import numpy as np

from aullm_mm.datasets.synthetic.moving_head import draw_sway, film_head
from aullm_mm.datasets.synthetic.subjects import Subject, make_subject
from aullm_mm.faces import FaceAligner, FaceTracker, Pose, smooth_poses
from aullm_mm.faces.align import follow_poses
from aullm_mm.faces.canonical import canonical_face
from aullm_mm.faces.pose import stable_pose
from aullm_mm.faces.pose_smoothing import SPREAD
from aullm_mm.utils.cli import run_cli
from aullm_mm.utils.parallel import one_opencv_thread

ALIGNER = FaceAligner((224, 224), (-1.1, 1.1, -0.75, 1.45))
LAG = 0.25  # seconds between the pictures that are compared
# A typical micro-expression: a quarter of the full movement, half a second.
INTENSITY, RISE = 0.25, 0.25
CORNERS = (61, 291)


class Clip(NamedTuple):
    """A film of one person, and where the head really is."""

    frames: list[np.ndarray]
    seconds: list[float]
    exact: list[Pose]


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
    return parser.parse_args()


def film(subject: Subject, fps: float, length: float, seed: int, smile: bool) -> Clip:
    """A clip of a person; with a smile, it begins after a third of the time."""
    rng = np.random.default_rng([seed, subject.number, round(fps)])
    seconds = np.arange(round(length * fps)) / fps
    motion = draw_sway(rng, seconds)
    rise = np.clip((seconds - length / 3) / RISE, 0, 1)
    course = INTENSITY * (0.5 - 0.5 * np.cos(np.pi * rise)) if smile else None
    frames = list(film_head(subject, motion, rng=rng, course=course))
    # The person's own stable points, moved as the head was: only the face is unknown.
    points = np.column_stack([subject.points, np.ones(len(subject.points))])
    return Clip(frames, seconds.tolist(),
                [stable_pose(points @ matrix.T) for matrix in motion])


def ways(clip: Clip, spread: float, passes: int) -> Iterator[tuple[str, list[Pose]]]:
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


def pictures(clip: Clip, poses: Sequence[Pose], places: Sequence[int]
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


def still_motion(clip: Clip, poses: Sequence[Pose]) -> np.ndarray:
    """Magnitudes of the flow inside the face, for all pairs, pixels."""
    lag = max(1, round(LAG / (clip.seconds[1] - clip.seconds[0])))
    starts = range(0, len(clip.frames) - lag, max(1, lag // 2))
    flows = [flow_between(*pictures(clip, poses, (i, i + lag))) for i in starts]
    return np.linalg.norm(flows, axis=-1)[:, face_mask()].ravel()


def smile_motion(clip: Clip, poses: Sequence[Pose]) -> np.ndarray:
    """Motion ``(2, 2)`` of both mouth corners from before the smile to its peak."""
    step = clip.seconds[1] - clip.seconds[0]
    onset = round(clip.seconds[-1] / 3 / step)
    flow = flow_between(*pictures(clip, poses, (onset, onset + round(RISE / step))))
    return np.stack([np.median(
        flow[round(y) - 5:round(y) + 6, round(x) - 5:round(x) + 6], axis=(0, 1))
        for x, y in crop_points(canonical_face()[list(CORNERS)])])


def measure(fps: float, args: argparse.Namespace) -> dict[str, tuple[float, ...]]:
    """Median and 95th percentile of the motion, share of AU12, by way."""
    left, share = defaultdict(list), defaultdict(list)
    for number in range(1, args.people + 1):
        subject = make_subject(args.seed, number)
        still, smile = (film(subject, fps, args.seconds, args.seed, smile)
                        for smile in (False, True))
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


def main() -> None:
    """Print the table."""
    args = parse_args()
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
