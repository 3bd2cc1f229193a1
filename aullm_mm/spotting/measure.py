# Copyright (c) AULLM-MM contributors.
"""From frames to a series: the largest face followed, aligned and measured."""
from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from aullm_mm.faces.align import FaceAligner
from aullm_mm.faces.canonical import CANONICAL_BOUNDS
from aullm_mm.faces.pose import Pose, stable_pose
from aullm_mm.faces.track import FaceTracker

from .meter import ROW_LENGTH, MotionMeter
from .series import Series

METER_SIZE = (104, 96)


def aligned_faces(frames: Iterable, tracker: FaceTracker | None = None
                  ) -> Iterator[tuple[float, np.ndarray | None, np.ndarray | None,
                                      Pose | None]]:
    """Follow the largest face and cut it out, as a ``MotionMeter`` wants it.

    Args:
        frames: Rows of index, seconds and BGR image, as a video of ``aullm_mm.video``.
        tracker: Defaults to a new ``FaceTracker``.

    Yields:
        Seconds, aligned gray picture, mesh and pose; the last three are None where
        no face was found.

    Examples:
        >>> black = np.zeros((60, 80, 3), np.uint8)
        >>> list(aligned_faces([(0, 0.0, black)]))
        [(0.0, None, None, None)]
    """
    tracker = FaceTracker() if tracker is None else tracker
    align = FaceAligner(METER_SIZE, CANONICAL_BOUNDS)
    for _, seconds, image in frames:
        faces = tracker(image, seconds)
        if not faces:
            yield seconds, None, None, None
            continue
        mesh = faces[0].mesh
        pose = stable_pose(mesh)
        yield seconds, align(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), pose), mesh, pose


def measure_face(frames: Iterable, tracker: FaceTracker | None = None) -> Series:
    """Measure the motion of the largest face of a video.

    Args:
        frames: Rows of index, seconds and BGR image, as a video of ``aullm_mm.video``.
        tracker: Defaults to a new ``FaceTracker``.

    Examples:
        >>> black = np.zeros((60, 80, 3), np.uint8)
        >>> measure_face([(0, 0.0, black), (1, 0.1, black)]).found.tolist()
        [False, False]
    """
    meter = MotionMeter(METER_SIZE, CANONICAL_BOUNDS)
    seconds, rows = [], []
    for second, picture, mesh, pose in aligned_faces(frames, tracker):
        seconds.append(second)
        rows.append(np.full(ROW_LENGTH, np.nan, np.float32) if picture is None
                    else meter(picture, mesh, pose, second))
    return Series.from_rows(seconds, rows)
