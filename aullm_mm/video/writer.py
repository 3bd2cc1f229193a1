# Copyright (c) AULLM-MM contributors.
"""Writing a video file, whole or not at all."""
from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Mapping

import cv2
import numpy as np

from .base import check_fps, check_size, to_bgr
from .files import quiet_decoders

#: Ending -> codec. Browsers play webm (VP8); mp4 (MPEG-4) is written 20 times faster.
CODECS: Mapping[str, str] = MappingProxyType(
    {'.mp4': 'mp4v', '.webm': 'VP80', '.avi': 'MJPG'})


class VideoWriter:
    """Write frames to a file that appears when all of them are written.

    Frames go to a temporary file beside it, which is renamed at the end of the
    ``with`` block and removed after an error. Where the height or width is odd, the
    last row or column is repeated, since the codecs want even ones.

    Args:
        path: File to write: ``.mp4``, ``.webm`` or ``.avi``; an existing one is
            replaced. Its folder is made where it is missing.
        fps: Frames per second.
        size: Height and width of the frames in pixels.

    Raises:
        ValueError: If the ending, the frame rate or the size cannot be written.
        OSError: If the folder cannot be written to, or OpenCV lacks the codec.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with VideoWriter(f'{folder}/a.mp4', 25, (48, 64)) as video:
        ...         for _ in range(3):
        ...             video.write(np.zeros((48, 64, 3), np.uint8))
        ...     sorted(os.listdir(folder))
        ['a.mp4']
    """

    def __init__(self, path: str | os.PathLike, fps: float, size: tuple[int, int]
                 ) -> None:
        self.path, self.fps = Path(path), fps
        self.size = tuple(int(side) for side in size)
        check_fps(fps)
        check_size(*self.size, str(path))
        if self.path.suffix.lower() not in CODECS:
            raise ValueError(f'{path}: cannot write {self.path.suffix or "no ending"!r}'
                             f'; choose one of {", ".join(CODECS)}')
        self.frames = 0
        self._temporary: Path | None = None
        self._writer: cv2.VideoWriter | None = None

    def __enter__(self) -> VideoWriter:
        """Open the temporary file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=self.path.parent, prefix=f'.{self.path.stem}.',
            suffix=self.path.suffix.lower())
        os.close(handle)
        self._temporary = Path(name)
        codec = CODECS[self._temporary.suffix]
        height, width = (side + side % 2 for side in self.size)
        with quiet_decoders():
            self._writer = cv2.VideoWriter(
                name, cv2.VideoWriter_fourcc(*codec), self.fps, (width, height))
        if not self._writer.isOpened():
            self._drop()
            raise OSError(f'{self.path} cannot be written: OpenCV has no encoder for '
                          f'{codec} here; choose another ending of {", ".join(CODECS)}')
        return self

    def write(self, image: np.ndarray) -> None:
        """Add a frame.

        Args:
            image: ``(H, W, 3)`` BGR or ``(H, W)`` gray, uint8.

        Raises:
            ValueError: If it is no picture of the size of the video, or the video is
                not open.
        """
        if self._writer is None:
            raise ValueError('frames are written inside a "with" block only')
        image = to_bgr(image, f'frame {self.frames}')
        if image.shape[:2] != self.size:
            raise ValueError(f'frame {self.frames} is {image.shape[:2]} high and wide, '
                             f'the video {self.size}')
        bottom, right = (side % 2 for side in self.size)
        if bottom or right:
            image = cv2.copyMakeBorder(image, 0, bottom, 0, right,
                                       cv2.BORDER_REPLICATE)
        self._writer.write(np.ascontiguousarray(image))
        self.frames += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        """Rename the file, or remove it after an error.

        Raises:
            ValueError: If no frame was written.
            OSError: If the disk is full.
        """
        self._writer.release()
        self._writer = None
        if kind is not None:
            self._drop()
        elif not self.frames:
            self._drop()
            raise ValueError(f'{self.path}: no frame was written')
        elif not self._temporary.stat().st_size:
            self._drop()
            raise OSError(f'{self.path} cannot be written: is the disk full?')
        else:
            os.chmod(self._temporary, 0o644)  # mkstemp makes private files
            os.replace(self._temporary, self.path)

    def _drop(self) -> None:
        self._temporary.unlink(missing_ok=True)
