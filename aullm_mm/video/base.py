# Copyright (c) AULLM-MM contributors.
"""What a video is to the rest of the package, wherever its pictures come from."""
from __future__ import annotations

import math
from pathlib import Path
from typing import Iterator, NamedTuple

import cv2
import numpy as np

#: Frames per second where nobody says: what the cameras of the field record.
DEFAULT_FPS = 200.0
#: Largest picture that is taken for one, in pixels.
MAX_PIXELS = 100_000_000


class Frame(NamedTuple):
    """One picture of a video.

    Args:
        index: Number of the frame, from 0.
        seconds: Time since the first frame.
        image: ``(H, W, 3)`` uint8 BGR.

    Examples:
        >>> Frame(0, 0.0, np.zeros((4, 6, 3), np.uint8)).image.shape
        (4, 6, 3)
    """

    index: int
    seconds: float
    image: np.ndarray


class Video:
    """A video that can be read again and again, one frame in memory at a time.

    Iterating gives :class:`Frame`. Subclasses say where the pictures come from in
    ``_read``.

    Args:
        name: How the video is called in reports.
        kind: ``'file'``, ``'frames'``, ``'pair'`` or ``'array'``.
        path: File or folder; None where there is none.
        fps: Frames per second, nominal.
        size: Height and width in pixels.
        expected_frames: How many frames there should be; None where it is unknown.
        notes: What a user should be told, such as that the frame rate was assumed.

    Attributes:
        truncated: Why the last iteration ended before the end of the video, and at
            which frame; None where it did not.

    Examples:
        >>> from aullm_mm.video import open_video
        >>> clip = open_video(np.zeros((3, 8, 8), np.uint8), fps=50)
        >>> [(frame.index, frame.seconds) for frame in clip]
        [(0, 0.0), (1, 0.02), (2, 0.04)]
        >>> [frame.index for frame in clip.iter_from(2)], clip.truncated
        ([2], None)
    """

    def __init__(self, name: str, kind: str, path: Path | None, fps: float,
                 size: tuple[int, int], expected_frames: int | None,
                 notes: tuple[str, ...] = ()) -> None:
        self.name, self.kind, self.path = name, kind, path
        self.fps, self.size = fps, size
        self.expected_frames = expected_frames
        self.notes = notes
        self.truncated: str | None = None

    def __iter__(self) -> Iterator[Frame]:
        """Read all frames."""
        return self.iter_from(0)

    def iter_from(self, index: int) -> Iterator[Frame]:
        """Read the frames from one on; none if the video ends before it.

        Args:
            index: Number of the first frame that is wanted.

        Yields:
            The same frames, with the same times, as a whole iteration gives.

        Raises:
            ValueError: If the index is negative, or a picture cannot be used.
        """
        if index < 0:
            raise ValueError(f'the first frame must be 0 or more, got {index}')
        self.truncated = None
        return self._read(index)

    def _read(self, start: int) -> Iterator[Frame]:
        raise NotImplementedError

    def __repr__(self) -> str:
        """Kind, name and size, for people."""
        height, width = self.size
        return (f'{type(self).__name__}({self.name!r}, {self.kind}, {width}x{height}, '
                f'{self.fps:g} fps, {self.expected_frames} frames)')


def check_fps(fps: float | None) -> None:
    """Refuse a frame rate that is none.

    Args:
        fps: Frames per second; None for not given.

    Raises:
        ValueError: If it is not a finite number above 0.

    Examples:
        >>> check_fps(200.0)
    """
    if fps is not None and not (math.isfinite(fps) and fps > 0):
        raise ValueError(f'fps must be a finite number above 0, got {fps}: give the '
                         'frames per second of the recording')


def check_size(height: int, width: int, name: str) -> None:
    """Refuse pictures that no camera of the field takes.

    Args:
        height: Pixels.
        width: Pixels.
        name: What is refused, for the message.

    Raises:
        ValueError: If the picture has no pixel, or more than 100 million.

    Examples:
        >>> check_size(480, 640, 'clip.mp4')
    """
    if not 0 < height * width <= MAX_PIXELS:
        raise ValueError(f'{name} is {width}x{height} pixels; between 1 and '
                         f'{MAX_PIXELS} pixels can be read: make it smaller')


def to_bgr(image: np.ndarray, name: str) -> np.ndarray:
    """Return a picture as 8-bit BGR, or say what is wrong with it.

    Args:
        image: ``(H, W)`` gray, ``(H, W, 1)`` gray or ``(H, W, 3)`` BGR, uint8.
        name: What it is, for the message.

    Shapes:
        returns: ``(H, W, 3)`` uint8.

    Raises:
        ValueError: If it is no such picture.

    Examples:
        >>> to_bgr(np.zeros((4, 5), np.uint8), 'picture').shape
        (4, 5, 3)
    """
    image = np.asarray(image)
    if image.dtype != np.uint8:
        raise ValueError(f'{name} has values of type {image.dtype}; expected uint8: '
                         'scale it to 0..255 and convert it')
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] != 3):
        raise ValueError(f'{name} has shape {image.shape}; expected (H, W) gray or '
                         '(H, W, 3) BGR')
    check_size(*image.shape[:2], name)
    return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) if image.ndim == 2 else image
