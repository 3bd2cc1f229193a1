# Copyright (c) AULLM-MM contributors.
"""First pass over a video: faces, their poses and their motion."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from time import perf_counter
from typing import Callable, Iterable, Iterator

import cv2
import numpy as np

from aullm_mm.faces.align import FaceAligner, stable_pose
from aullm_mm.faces.canonical import CANONICAL_BOUNDS
from aullm_mm.faces.track import FaceTracker
from aullm_mm.spotting import MotionMeter
from aullm_mm.spotting.measure import METER_SIZE
from aullm_mm.video import Frame, Video

from .segments import FaceRecord, Segment, SegmentStore, join_faces

#: A video is watched in segments, each of which can be kept and need not be watched
#: again. The next one begins earlier, so that nothing is lost at the seam.
SEGMENT_SECONDS, OVERLAP_SECONDS = 60.0, 2.0
Progress = Callable[[str, int, 'int | None'], None]


@dataclass(frozen=True)
class WatchOptions:
    """How faces are looked for.

    Attributes:
        max_faces: How many faces, the largest; None for all.
        detect_every: Seconds between two runs of the detector.
        min_eye_distance: Pixels between the eyes below which a face is too small.
    """

    max_faces: int | None = 1
    detect_every: float = 1.0
    min_eye_distance: float = 20.0


@dataclass(frozen=True)
class Watched:
    """What the first pass found.

    Attributes:
        seconds: Time of each frame.
        faces: Arrays of each face, as of :meth:`FaceRecord.arrays`.
        reasons: How many frames gave no face, by reason.
        truncated: Why the video ended early, or None.
        timing: Seconds spent on decoding, on faces and on spotting.
        reused: Segments that an earlier run had watched.

    Shapes:
        - seconds: :math:`(T,)`
    """

    seconds: np.ndarray
    faces: list[dict[str, np.ndarray]]
    reasons: dict[str, int]
    truncated: str | None
    timing: dict[str, float]
    reused: int


class FaceWatcher:
    """Follow the faces of one segment and measure their motion.

    Args:
        first: First frame that counts; what is seen before is run-up.
        options: How faces are looked for.
        timing: Where the seconds spent are added up.
    """

    def __init__(
        self, first: int, options: WatchOptions, timing: dict[str, float]
    ) -> None:
        self.first, self.timing = first, timing
        self.tracker = FaceTracker(
            options.max_faces, options.detect_every, options.min_eye_distance)
        self.align = FaceAligner(METER_SIZE, CANONICAL_BOUNDS)
        self.meters: dict[int, MotionMeter] = {}
        self.records: dict[int, FaceRecord] = {}
        self.seconds: list[float] = []
        self.reasons: Counter[str] = Counter()

    def see(self, frame: Frame) -> None:
        """Look at the next frame."""
        start = perf_counter()
        faces = self.tracker(frame.image, frame.seconds)
        poses = [stable_pose(face.mesh) for face in faces]
        gray = cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY) if faces else None
        pictures = [self.align(gray, pose) for pose in poses]
        found = perf_counter()
        for face, pose, picture in zip(faces, poses, pictures):
            meter = self.meters.setdefault(
                face.track, MotionMeter(METER_SIZE, CANONICAL_BOUNDS))
            row = meter(picture, face.mesh, pose, frame.seconds)
            numbers = (*pose.center, pose.scale, pose.roll)
            self.records.setdefault(face.track, FaceRecord()).add(
                frame.index, frame.seconds, numbers, face.box, row)
        self.timing['faces'] += found - start
        self.timing['spotting'] += perf_counter() - found
        if frame.index >= self.first:
            self.seconds.append(frame.seconds)
            if self.tracker.reason is not None:
                self.reasons[self.tracker.reason] += 1

    def segment(self, last: bool = False, truncated: str | None = None) -> Segment:
        """What was seen."""
        return Segment(
            self.first, np.asarray(self.seconds, np.float64),
            [record.arrays() for record in self.records.values()],
            dict(self.reasons), last, truncated)


def watch(
    video: Video, options: WatchOptions = WatchOptions(),
    store: SegmentStore | None = None, progress: Progress | None = None
) -> Watched:
    """Look at every frame once.

    The memory that it takes does not grow with the video, but for some numbers a frame.

    Args:
        video: The video.
        options: How faces are looked for.
        store: Where segments are kept, so that a run that was cut off goes on.
        progress: Called with what is done, the frames so far and how many there are.

    Raises:
        ValueError: If a picture of the video cannot be used.
        OSError: If a segment cannot be written.
    """
    timing = dict(decode=0.0, faces=0.0, spotting=0.0)
    done = [] if store is None else store.load()
    reused = len(done)
    if not done or not done[-1].last:
        for segment in _watch_segments(video, options, reused, timing, progress):
            done.append(segment)
            if store is not None:
                store.save(segment, len(done) - 1)
    reasons = sum((Counter(segment.reasons) for segment in done), Counter())
    return Watched(
        np.concatenate([segment.seconds for segment in done]), join_faces(done),
        dict(reasons), done[-1].truncated, timing, reused)


def _watch_segments(
    video: Video, options: WatchOptions, begin: int, timing: dict[str, float],
    progress: Progress | None
) -> Iterator[Segment]:
    """Segments from number ``begin`` on, the last one marked."""
    length = max(1, round(SEGMENT_SECONDS * video.fps))
    overlap = min(length, round(OVERLAP_SECONDS * video.fps))
    running: list[FaceWatcher] = []
    frames = video.iter_from(max(0, begin * length - overlap))
    for frame in _timed(frames, timing):
        if begin * length - overlap <= frame.index:
            running.append(FaceWatcher(begin * length, options, timing))
            begin += 1
        if frame.index >= running[0].first + length:
            yield running.pop(0).segment()
        for watcher in running:
            watcher.see(frame)
        if progress is not None:
            progress('watching', frame.index + 1, video.expected_frames)
    ending = [watcher for watcher in running if watcher.seconds]
    for watcher in ending:
        last = watcher is ending[-1]
        yield watcher.segment(last, video.truncated if last else None)


def _timed(frames: Iterable[Frame], timing: dict[str, float]) -> Iterator[Frame]:
    """The same frames, with the time that reading them took added up."""
    start = perf_counter()
    for frame in frames:
        timing['decode'] += perf_counter() - start
        yield frame
        start = perf_counter()
