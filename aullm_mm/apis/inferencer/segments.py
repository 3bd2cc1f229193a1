# Copyright (c) AULLM-MM contributors.
"""What is remembered of a video: a few numbers a frame and face, in segments."""
from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from aullm_mm.utils.atomic import write_atomic

FIELDS = ('frames', 'seconds', 'poses', 'boxes', 'rows')
# Of two faces that are the same one, seen by two trackers.
SAME_FACE = 0.5
EYES = 2


@dataclass
class FaceRecord:
    """One face over the frames in which it was found.

    Attributes:
        frames: Frame numbers, ascending.
        seconds: Their times.
        poses: Where the head is: x and y of its centre, size and roll, as of ``Pose``.
        boxes: Corners x0, y0, x1, y1 in pixels.
        rows: What the motion meter said.

    Shapes:
        - frames, seconds: :math:`(T,)`; poses: :math:`(T, 4)`;
          boxes: :math:`(T, 4)`; rows: :math:`(T, R + 2)`

    Examples:
        >>> face = FaceRecord()
        >>> face.add(7, 0.28, np.zeros(4), np.zeros(4), np.zeros(3))
        >>> face.arrays()['frames'].tolist()
        [7]
    """

    frames: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    poses: list = field(default_factory=list)
    boxes: list = field(default_factory=list)
    rows: list = field(default_factory=list)

    def add(
        self, frame: int, seconds: float, pose: ArrayLike, box: np.ndarray,
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


@dataclass(frozen=True)
class Segment:
    """What a piece of a video gave.

    Attributes:
        first: First frame that counts; the faces also have the run-up before it.
        seconds: Time of each frame that counts.
        faces: Arrays of each face.
        reasons: How many frames gave no face, by reason.
        last: Whether the video ends with it.
        truncated: Why the video ended early, or None.

    Shapes:
        - seconds: :math:`(T,)`
    """

    first: int
    seconds: np.ndarray
    faces: list[dict[str, np.ndarray]]
    reasons: dict[str, int]
    last: bool = False
    truncated: str | None = None


class SegmentStore:
    """Segments on disk, so that a run that was cut off goes on where it was.

    Args:
        folder: Where they are kept; made when the first is written.
        settings: Everything that the segments depend on, as plain values: those of
            other settings are not used.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = SegmentStore(Path(folder), dict(video='a.mp4'))
        ...     store.save(Segment(0, np.arange(3.0), [], {}), 0)
        ...     other = SegmentStore(Path(folder), dict(video='b.mp4'))
        ...     len(store.load()), len(other.load())
        (1, 0)
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self.folder = folder
        text = json.dumps(settings, sort_keys=True, default=str)
        self.key = hashlib.sha256(text.encode()).hexdigest()

    def load(self) -> list[Segment]:
        """Segments that are there and whole, from the first on without a gap."""
        found: list[Segment] = []
        while (segment := self._read(self._path(len(found)))) is not None:
            found.append(segment)
        return found

    def save(self, segment: Segment, number: int) -> None:
        """Write a segment, whole or not at all."""
        arrays = {f'{i}_{name}': value for i, face in enumerate(segment.faces)
                  for name, value in face.items()}
        facts = dict(
            key=self.key, first=segment.first, faces=len(segment.faces),
            reasons=segment.reasons, last=segment.last, truncated=segment.truncated)
        content = io.BytesIO()
        np.savez(content, facts=json.dumps(facts), seconds=segment.seconds, **arrays)
        write_atomic(self._path(number), content.getvalue())

    def clear(self) -> None:
        """Remove all segments."""
        for path in self.folder.glob('segment_*.npz'):
            path.unlink()
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _path(self, number: int) -> Path:
        return self.folder / f'segment_{number:05d}.npz'

    def _read(self, path: Path) -> Segment | None:
        try:
            with np.load(path, allow_pickle=False) as content:
                facts = json.loads(str(content['facts']))
                if facts['key'] != self.key:
                    return None
                faces = [{name: content[f'{i}_{name}'] for name in FIELDS}
                         for i in range(facts['faces'])]
                return Segment(
                    facts['first'], content['seconds'], faces, facts['reasons'],
                    facts['last'], facts['truncated'])
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            return None


def join_faces(segments: Sequence[Segment]) -> list[dict[str, np.ndarray]]:
    """Join the faces of segments that overlap by some frames.

    A face of a segment goes on one of those before where both lie at the same place
    in the frames that both segments saw; else it is a new one. Its rows go on from
    where they were, since only changes of a row mean something.

    Args:
        segments: Segments of a video, in order.

    Returns:
        Each face of the video, in the order in which they appeared.

    Examples:
        >>> def seen(first, last, x):
        ...     n = last - first
        ...     return dict(frames=np.arange(first, last), seconds=np.zeros(n),
        ...         poses=np.zeros((n, 4)), rows=np.full((n, 3), float(x)),
        ...         boxes=np.tile([x, 0., x + 50, 50], (n, 1)))
        >>> faces = join_faces([
        ...     Segment(0, np.arange(9.0), [seen(0, 9, 0)], {}),
        ...     Segment(9, np.arange(9.0, 20), [seen(6, 20, 1), seen(6, 20, 200)], {})])
        >>> [(int(f['frames'][0]), len(f['frames'])) for f in faces]
        [(0, 20), (9, 11)]
        >>> faces[0]['rows'][-1].tolist()
        [0.0, 1.0, 1.0]
    """
    joined: list[dict[str, np.ndarray]] = []
    for segment in segments:
        taken: set[int] = set()
        for face in segment.faces:
            same = _find_same(face, joined, taken)
            kept = {name: value[face['frames'] >= segment.first]
                    for name, value in face.items()}
            if not len(kept['frames']):
                continue
            if same is None:
                joined.append(kept)
                taken.add(len(joined) - 1)
            else:
                joined[same] = _append(joined[same], kept, face)
                taken.add(same)
    return joined


def _find_same(face: dict, known: Sequence[dict], taken: set[int]) -> int | None:
    overlaps = [0.0 if i in taken else _overlap(face, other)
                for i, other in enumerate(known)]
    best = int(np.argmax(overlaps)) if overlaps else 0
    return best if overlaps and overlaps[best] >= SAME_FACE else None


def _append(before: dict, kept: dict, face: dict) -> dict[str, np.ndarray]:
    _, i, j = np.intersect1d(before['frames'], face['frames'], return_indices=True)
    rows = kept['rows'].copy()
    # The last two values say how the eyes look; they do not run on.
    rows[:, :-EYES] += np.mean(
        before['rows'][i, :-EYES] - face['rows'][j, :-EYES], axis=0, keepdims=True)
    after = kept['frames'] > before['frames'][-1]
    return {name: np.concatenate(
        [before[name], (rows if name == 'rows' else kept[name])[after]])
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
