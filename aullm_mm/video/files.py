# Copyright (c) AULLM-MM contributors.
"""Video files, read by OpenCV, by their time stamps."""
from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

import cv2

from .base import DEFAULT_FPS, Frame, Video, check_fps, check_size

# Frames whose time stamps are looked at when a file is opened.
PROBE = 24
# Containers without a real frame rate name their tick (1000, 90000) instead.
FPS_RANGE = (1.0, 999.0)
# Frame counts of containers are estimates: this share and number may be missing.
TOLERANCE, FEW = 0.01, 2
_LIBAV_LEVEL = 'OPENCV_FFMPEG_LOGLEVEL'
_LIBAV_QUIET = '-8'


@contextmanager
def quiet_decoders() -> Iterator[None]:
    """Keep OpenCV and its decoders from writing about damaged files.

    What they would write, the errors of this module say. The decoders read their level
    from the environment when a file is opened and keep it; a level that the user has
    set stays.

    Examples:
        >>> with quiet_decoders():
        ...     cv2.VideoCapture('no such file.mp4').isOpened()
        False
    """
    logging = getattr(cv2.utils, 'logging', None)
    level = logging.getLogLevel() if logging else None
    ours = _LIBAV_LEVEL not in os.environ
    if ours:
        os.environ[_LIBAV_LEVEL] = _LIBAV_QUIET
    if logging:
        logging.setLogLevel(logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        if logging:
            logging.setLogLevel(level)
        if ours:
            os.environ.pop(_LIBAV_LEVEL, None)


class StampClock:
    """Seconds of frames, from time stamps that may be faulty.

    A stamp that does not lie after the one before it (missing, constant, running
    backwards, begun anew) counts as one frame at the nominal rate later, and those
    that follow are counted on from there.

    Args:
        fps: Nominal frames per second.
        use_stamps: Whether stamps count at all. Defaults to True.

    Attributes:
        repaired: How many stamps were replaced.

    Examples:
        >>> clock = StampClock(10.0)
        >>> [round(clock(ms), 3) for ms in (500, 600, 800, 0, 300)], clock.repaired
        ([0.0, 0.1, 0.3, 0.4, 0.7], 1)
    """

    def __init__(self, fps: float, use_stamps: bool = True) -> None:
        self.step = 1.0 / fps
        self.use_stamps = use_stamps
        self.repaired = 0
        self._count = 0
        self._offset = 0.0
        self._last = 0.0

    def __call__(self, milliseconds: float) -> float:
        """Return the seconds of the next frame since the first one.

        Args:
            milliseconds: Its time stamp.
        """
        seconds = self._seconds(milliseconds / 1000)
        self._count += 1
        self._last = seconds
        return seconds

    def _seconds(self, stamp: float) -> float:
        if not self.use_stamps:
            return self._count * self.step
        if not self._count:
            self._offset = -stamp
        elif not stamp + self._offset > self._last:
            self._offset = self._last + self.step - stamp
            self.repaired += 1
        return stamp + self._offset


class VideoFile(Video):
    """A video file: whatever OpenCV reads.

    Times are the time stamps of the file, so that a variable frame rate is right;
    where stamps are missing or stand still, frames are counted at the nominal rate.
    Pictures are turned as the file says. Reading begins at the first frame always,
    and frames that are not wanted are only decoded: seeking by number is not exact for
    every codec and container.

    Args:
        path: The file.
        fps: Frames per second of the recording, which then replaces the time stamps:
            for slow motion that is stored at another rate. Defaults to None: the file
            says it.
        name: How it is called in reports. Defaults to the file's name.

    Attributes:
        timing: ``'time stamps'``, or ``'frame rate'`` where frames are counted.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is empty, no video, has no frame or absurdly large ones.

    Examples:
        >>> VideoFile('no such file.mp4')
        Traceback (most recent call last):
        ...
        FileNotFoundError: no such file.mp4: there is no such video file
    """

    def __init__(self, path: str | os.PathLike, fps: float | None = None,
                 name: str | None = None) -> None:
        check_fps(fps)
        self._path = Path(path)
        capture = _open(self._path)
        nominal, count = (capture.get(key) for key in (
            cv2.CAP_PROP_FPS, cv2.CAP_PROP_FRAME_COUNT))
        size, stamps = _probe(capture, self._path)
        capture.release()
        steps = [after - before for before, after in zip(stamps, stamps[1:])]
        advancing = sum(step > 0 for step in steps) > len(steps) / 2
        self.timing = 'time stamps' if advancing and fps is None else 'frame rate'
        rate, notes = _rate(fps, nominal, steps if advancing else [], self._path)
        # Of the file itself, whatever rate the user gives.
        self._file_fps = nominal if nominal > 0 else rate
        super().__init__(name or self._path.name, 'file', self._path, rate, size,
                         int(count) if 0 < count < 1e9 else None, notes)

    def _read(self, start: int) -> Iterator[Frame]:
        capture = _open(self._path)
        clock = StampClock(self.fps, self.timing == 'time stamps')
        index, last, problem = 0, 0.0, None
        try:
            while capture.grab():
                stamp = capture.get(cv2.CAP_PROP_POS_MSEC)
                seconds, last = clock(stamp), max(last, stamp)
                if index >= start:
                    ok, image = capture.retrieve()
                    problem = _problem(image if ok else None, self.size)
                    if problem:
                        break
                    yield Frame(index, seconds, image)
                index += 1
        except cv2.error as error:
            problem = f'its decoder failed ({" ".join(str(error).split())})'
        finally:
            capture.release()
        self.truncated = self._why(index, last / 1000, problem)

    def _why(self, frames: int, last: float, problem: str | None) -> str | None:
        """Why the file ended too early, None where it did not."""
        if problem:
            return f'{self.name} ends after {frames} frames: {problem}'
        wanted = self.expected_frames
        if wanted is None or frames >= wanted - max(FEW, TOLERANCE * wanted):
            return None
        # A count that was estimated from a variable rate may be far off: the time
        # stamp tells whether the end was reached.
        if last >= (wanted - 1) / self._file_fps * (1 - TOLERANCE):
            return None
        return (f'{self.name} ends after {frames} of {wanted} frames: the rest is '
                'missing or damaged')


def _open(path: Path) -> cv2.VideoCapture:
    if not path.is_file():
        raise FileNotFoundError(f'{path}: there is no such video file')
    if not path.stat().st_size:
        raise ValueError(f'{path} is empty (0 bytes): copy it again')
    with quiet_decoders():
        capture = cv2.VideoCapture(str(path))
    if not capture.isOpened():
        raise ValueError(f'{path} is not a video that OpenCV can read, or its end is '
                         'missing: check it with a player, or convert it to mp4')
    capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
    check_size(int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
               int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), str(path))
    return capture


def _probe(capture: cv2.VideoCapture, path: Path
           ) -> tuple[tuple[int, int], list[float]]:
    """Size of the first frame, and the time stamps of the first few."""
    ok, image = capture.read()
    if not ok or image is None:
        raise ValueError(f'{path} holds no frame that can be decoded: check it with a '
                         'player, or record it again')
    stamps = [capture.get(cv2.CAP_PROP_POS_MSEC)]
    while len(stamps) < PROBE and capture.grab():
        stamps.append(capture.get(cv2.CAP_PROP_POS_MSEC))
    return image.shape[:2], stamps


def _rate(given: float | None, nominal: float, steps: list[float], path: Path
          ) -> tuple[float, tuple[str, ...]]:
    """Frames per second, and what to tell about it."""
    if given is not None:
        return given, ()
    if FPS_RANGE[0] <= nominal <= FPS_RANGE[1]:
        return nominal, ()
    if steps:
        return 1000 / sorted(steps)[len(steps) // 2], ()
    return DEFAULT_FPS, (f'{path.name} names no frame rate: {DEFAULT_FPS:g} frames a '
                         'second were assumed; give fps if it is another',)


def _problem(image: object, size: tuple[int, int]) -> str | None:
    if image is None:
        return 'the next one cannot be decoded'
    if image.shape[:2] != size:
        return (f'the next one is {image.shape[1]}x{image.shape[0]} pixels, the first '
                f'one {size[1]}x{size[0]}')
    return None
