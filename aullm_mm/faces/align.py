# Copyright (c) AULLM-MM contributors.
"""Faces brought to one place, so that what moves between frames is the face itself."""
from __future__ import annotations

from collections import Counter
from typing import Iterable, NamedTuple

import cv2
import numpy as np

from .pose import STABLE_POINTS, Pose, stable_pose
from .pose_smoothing import SPREAD, smooth_poses
from .track import FaceTracker
from .weights import as_bgr

__all__ = ['CROP_BOUNDS', 'CROP_SIZE', 'STABLE_POINTS', 'AlignedClip', 'FaceAligner',
           'Pose', 'align_clip', 'follow_poses', 'smooth_poses', 'stable_pose']

#: x0, x1, y0, y1 of an aligned crop, in inter-ocular distances: from the hair to below
#: the chin, about as much as the crops of CASME II show.
CROP_BOUNDS = (-1.3, 1.3, -1.15, 1.95)
#: Height and width of an aligned crop: 100 pixels between the eyes.
CROP_SIZE = (310, 260)


class FaceAligner:
    """Cut the face out of a picture, upright and of one size.

    Args:
        size: Height and width of the crop. Defaults to 310 x 260.
        bounds: x0, x1, y0, y1 that its edges lie at, in inter-ocular distances from the
            point midway between the eyes. Defaults to :data:`CROP_BOUNDS`.

    Raises:
        ValueError: If the size or the bounds are empty.

    Examples:
        >>> picture = np.zeros((480, 640, 3), np.uint8)
        >>> FaceAligner()(picture, Pose((320.0, 200.0), 90.0, 0.1)).shape
        (310, 260, 3)
    """

    def __init__(self, size: tuple[int, int] = CROP_SIZE,
                 bounds: tuple[float, float, float, float] = CROP_BOUNDS) -> None:
        x0, x1, y0, y1 = bounds
        if min(size) < 1 or not (x1 > x0 and y1 > y0):
            raise ValueError(f'a crop of size {size} and bounds {bounds} is empty: '
                             'bounds are x0, x1, y0, y1 with x1 > x0 and y1 > y0')
        self.size, self.bounds = tuple(size), tuple(bounds)

    def matrix(self, pose: Pose) -> np.ndarray:
        """``(2, 3)``: from pixels of the picture to pixels of the crop.

        Args:
            pose: Pose of the head.
        """
        x0, x1, y0, y1 = self.bounds
        scale = np.array([self.size[1] / (x1 - x0), self.size[0] / (y1 - y0)])
        # Centres of pixels lie half a pixel inside the edges.
        matrix = scale[:, None] * pose.matrix
        matrix[:, 2] -= scale * [x0, y0] + 0.5
        return matrix

    def __call__(self, image: np.ndarray, pose: Pose) -> np.ndarray:
        """Return the aligned crop; beyond the picture its edge is repeated.

        Args:
            image: uint8 ``(H, W)`` or BGR ``(H, W, 3)``.
            pose: Pose of the head in it.

        Shapes:
            returns: ``(h, w)`` or ``(h, w, 3)`` uint8, as the picture.
        """
        matrix = self.matrix(pose)
        shrink = 1 / np.hypot(*matrix[:, 0])
        if shrink > 2:  # else pixels between the samples would flicker
            image = cv2.GaussianBlur(image, (0, 0), 0.4 * shrink)
        return cv2.warpAffine(image, matrix, self.size[::-1], flags=cv2.INTER_CUBIC,
                              borderMode=cv2.BORDER_REPLICATE)


class AlignedClip(NamedTuple):
    """A clip after alignment.

    Args:
        images: ``(T, h, w, 3)`` uint8; black where there is no face.
        poses: Pose of every frame, None where there is no face.
        found: ``(T,)`` bool.
        reasons: Why a frame has no face, by its index.

    Examples:
        >>> AlignedClip(np.zeros((0, 4, 4, 3)), [], np.zeros(0, bool), {}).poses
        []
    """

    images: np.ndarray
    poses: list[Pose | None]
    found: np.ndarray
    reasons: dict[int, str]


def follow_poses(frames: Iterable, tracker: FaceTracker
                 ) -> tuple[list[Pose | None], list[float], dict[int, str]]:
    """Return the poses of one head in a clip, not smoothed yet.

    The head is the one that the tracker shows in most frames.

    Args:
        frames: Rows of index, seconds and image, as a video of ``aullm_mm.video`` is.
        tracker: Finds the faces; it is reset first.

    Returns:
        Pose of every frame (None without a face), time of every frame, and why frames
        have no face, by index.

    Examples:
        >>> black = np.zeros((60, 80, 3), np.uint8)
        >>> follow_poses([(0, 0.0, black)], FaceTracker())
        ([None], [0.0], {0: 'no face'})
    """
    tracker.reset()
    seen, times, reasons, counts = [], [], {}, Counter()
    for index, seconds, image in frames:
        faces = {face.track: stable_pose(face.mesh) for face in tracker(image, seconds)}
        counts.update(faces.keys())
        seen.append((index, faces))
        times.append(float(seconds))
        if not faces:
            reasons[index] = tracker.reason
    main = counts.most_common(1)[0][0] if counts else None
    for index, faces in seen:
        if faces and main not in faces:
            reasons[index] = 'another face'
    return [faces.get(main) for _, faces in seen], times, reasons


def align_clip(frames: Iterable, tracker: FaceTracker | None = None,
               aligner: FaceAligner | None = None, spread: float = SPREAD
               ) -> AlignedClip:
    """Align a clip: track, smooth the poses over time, cut the face out.

    Args:
        frames: Rows of index, seconds and image. They are read twice: a video of
            ``aullm_mm.video``, or a list.
        tracker: Defaults to a new :class:`FaceTracker`.
        aligner: Defaults to a new :class:`FaceAligner`.
        spread: See :func:`smooth_poses`. Defaults to 0.06 seconds.

    Returns:
        The aligned frames, all of them in memory.

    Raises:
        ValueError: If there is no frame.

    Examples:
        >>> black = np.zeros((60, 80, 3), np.uint8)
        >>> align_clip([(0, 0.0, black), (1, 0.1, black)]).found.tolist()
        [False, False]
    """
    aligner = aligner or FaceAligner()
    poses, times, reasons = follow_poses(frames, tracker or FaceTracker())
    if not poses:
        raise ValueError('the clip has no frame')
    poses = smooth_poses(poses, times, spread)
    images = np.zeros((len(poses), *aligner.size, 3), np.uint8)
    for place, (pose, (_, _, image)) in enumerate(zip(poses, frames)):
        if pose is not None:
            images[place] = aligner(as_bgr(image), pose)
    return AlignedClip(images, poses, np.array([pose is not None for pose in poses]),
                       reasons)
