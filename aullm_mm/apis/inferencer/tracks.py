# Copyright (c) AULLM-MM contributors.
"""What is remembered of the faces of a video: a few numbers a frame and face."""
from __future__ import annotations

import json
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Sequence

import numpy as np

FIELDS = ('frames', 'seconds', 'poses', 'boxes', 'rows')
# Of two faces that are the same one, seen by two trackers.
SAME_FACE = 0.5


@dataclass
class FaceRecord:
    """One face over the frames in which it was found.

    Attributes:
        frames: Frame numbers, ascending.
        seconds: Their times.
        poses: Similarities from the picture to face coordinates.
        boxes: Corners x0, y0, x1, y1 in pixels.
        rows: What the motion meter said.

    Shapes:
        - frames, seconds: :math:`(T,)`; poses: :math:`(T, 2, 3)`;
          boxes: :math:`(T, 4)`; rows: :math:`(T, R + 2)`

    Examples:
        >>> face = FaceRecord()
        >>> face.add(7, 0.28, np.zeros((2, 3)), np.zeros(4), np.zeros(3))
        >>> face.arrays()['frames'].tolist()
        [7]
    """

    frames: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    poses: list = field(default_factory=list)
    boxes: list = field(default_factory=list)
    rows: list = field(default_factory=list)

    def add(
        self, frame: int, seconds: float, pose: np.ndarray, box: np.ndarray,
        row: np.ndarray
    ) -> None:
        """Add a frame."""
        for name, value in zip(FIELDS, (frame, seconds, pose, box, row)):
            getattr(self, name).append(value)

    def arrays(self) -> dict[str, np.ndarray]:
        """The record as arrays; numbers of 64 bits for frames and seconds."""
        kinds = dict(frames=np.int64, seconds=np.float64)
        return {name: np.asarray(getattr(self, name), kinds.get(name, np.float32))
                for name in FIELDS}


def save_segment(
    path: Path, faces: Sequence[dict[str, np.ndarray]], facts: dict
) -> None:
    """Write what a segment gave, whole or not at all.

    Args:
        path: The file, ``*.npz``; it holds plain arrays only.
        faces: Arrays of each face.
        facts: Plain values about the segment.
    """
    arrays = {f'{i}_{name}': value for i, face in enumerate(faces)
              for name, value in face.items()}
    temporary = path.with_name(f'.{path.name}.{os.getpid()}.tmp')
    try:
        with temporary.open('wb') as stream:
            np.savez(stream, facts=json.dumps({**facts, 'faces': len(faces)}), **arrays)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def load_segment(path: Path) -> tuple[list[dict[str, np.ndarray]], dict] | None:
    """Read a segment; None where it is not there or not whole.

    Args:
        path: The file.
    """
    try:
        with np.load(path, allow_pickle=False) as content:
            facts = json.loads(str(content['facts']))
            faces = [{name: content[f'{i}_{name}'] for name in FIELDS}
                     for i in range(facts.pop('faces'))]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    return faces, facts


def join_segments(
    segments: Sequence[tuple[Sequence[dict[str, np.ndarray]], int]]
) -> list[dict[str, np.ndarray]]:
    """Join the faces of segments that overlap by some frames.

    A face of a segment goes on one of those before where both lie at the same place
    in the frames that both segments saw; else it is a new one.

    Args:
        segments: Faces of each segment, and the first frame that counts for it: what it
            saw earlier only tells which face is which.

    Returns:
        Each face of the video, in the order in which they appeared.

    Examples:
        >>> def seen(first, last, x):
        ...     n = last - first
        ...     return dict(frames=np.arange(first, last), seconds=np.zeros(n),
        ...         poses=np.zeros((n, 2, 3)), rows=np.zeros((n, 3)),
        ...         boxes=np.tile([x, 0., x + 50, 50], (n, 1)))
        >>> faces = join_segments([
        ...     ([seen(0, 9, 0)], 0), ([seen(6, 20, 0), seen(6, 20, 200)], 9)])
        >>> [(int(f['frames'][0]), len(f['frames'])) for f in faces]
        [(0, 20), (9, 11)]
    """
    joined: list[dict[str, np.ndarray]] = []
    for faces, start in segments:
        taken: set[int] = set()
        for face in faces:
            same = _find_same(face, joined, taken)
            kept = {name: value[face['frames'] >= start]
                    for name, value in face.items()}
            if not len(kept['frames']):
                continue
            if same is None:
                joined.append(kept)
                taken.add(len(joined) - 1)
            else:
                joined[same] = _append(joined[same], kept)
                taken.add(same)
    return joined


def _find_same(face: dict, known: Sequence[dict], taken: set[int]) -> int | None:
    overlaps = [0.0 if i in taken else _overlap(face, other)
                for i, other in enumerate(known)]
    best = int(np.argmax(overlaps)) if overlaps else 0
    return best if overlaps and overlaps[best] >= SAME_FACE else None


def _append(before: dict, after: dict) -> dict[str, np.ndarray]:
    last = before['frames'][-1]
    return {name: np.concatenate([before[name], after[name][after['frames'] > last]])
            for name in FIELDS}


def _overlap(first: dict, second: dict) -> float:
    """Mean intersection over union in the frames that both saw."""
    _, i, j = np.intersect1d(first['frames'], second['frames'], return_indices=True)
    if not len(i):
        return 0.0
    a, b = first['boxes'][i], second['boxes'][j]
    low, high = np.maximum(a[:, :2], b[:, :2]), np.minimum(a[:, 2:], b[:, 2:])
    inner = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = [np.prod(x[:, 2:] - x[:, :2], axis=1) for x in (a, b)]
    return float(np.mean(inner / np.maximum(sum(areas) - inner, 1e-9)))
