# Copyright (c) AULLM-MM contributors.
"""Videos that are folders, pairs, lists or arrays of pictures."""
from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Iterator, Sequence

import cv2
import numpy as np

from .base import DEFAULT_FPS, Frame, Video, check_fps, to_bgr
from .files import quiet_decoders

#: Endings of picture files, in lower case.
PICTURE_ENDINGS = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp')
# A decoder fills what a truncated file lacks with gray; the end marker tells.
END_MARKERS = {b'\xff\xd8': b'\xff\xd9', b'\x89P': b'IEND'}


def read_picture(path: str | os.PathLike) -> np.ndarray:
    """Read a picture file, turned as its metadata say.

    Args:
        path: The file.

    Shapes:
        returns: ``(H, W, 3)`` uint8 BGR.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is empty, truncated, no picture or absurdly large.

    Examples:
        >>> read_picture('no such picture.png')
        Traceback (most recent call last):
        ...
        FileNotFoundError: no such picture.png: there is no such picture
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'{path}: there is no such picture')
    data = path.read_bytes()
    if is_cut_off(data):
        raise ValueError(f'{path} is truncated ({len(data)} bytes, its end is '
                         'missing): copy it again')
    image = None
    if data:
        try:
            with quiet_decoders():
                image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        except cv2.error:  # more pixels than OpenCV agrees to decode
            image = None
    if image is None:
        raise ValueError(f'{path} is no picture that OpenCV can read ({len(data)} '
                         'bytes): copy it again, or leave it out')
    return to_bgr(image, str(path))


def is_cut_off(data: bytes) -> bool:
    """Whether a JPEG or PNG file lacks its end.

    Args:
        data: Content of the file.

    Examples:
        >>> done = cv2.imencode('.png', np.zeros((9, 9), np.uint8))[1].tobytes()
        >>> is_cut_off(done), is_cut_off(done[:-20])
        (False, True)
    """
    end = END_MARKERS.get(data[:2])
    return end is not None and end not in data[-64:]


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Key that sorts numbers in names by their value.

    Args:
        name: A file name.

    Examples:
        >>> sorted(['img10.png', 'img2.png', 'img1.jpg'], key=natural_key)
        ['img1.jpg', 'img2.png', 'img10.png']
    """
    return tuple((0, int(part), '') if part.isdecimal() else (1, 0, part.lower())
                 for part in re.split(r'(\d+)', name) if part)


def list_pictures(folder: str | os.PathLike) -> list[Path]:
    """Picture files of a folder in their natural order; hidden files are left out.

    Args:
        folder: The folder.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If no picture is in it.

    Examples:
        >>> list_pictures('no such folder')
        Traceback (most recent call last):
        ...
        FileNotFoundError: no such folder: there is no such folder
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f'{folder}: there is no such folder')
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith('.')]
    found = [entry for entry in entries
             if entry.suffix.lower() in PICTURE_ENDINGS and entry.is_file()]
    if not found:
        inside = sum(entry.is_dir() for entry in entries)
        hint = (f'it holds {inside} folders: give one of those' if inside else
                'nothing in it ends in ' + ', '.join(PICTURE_ENDINGS))
        raise ValueError(f'no picture is in the folder {folder}: {hint}')
    return sorted(found, key=lambda entry: (natural_key(entry.name), entry.name))


class _Stills(Video):
    """Pictures one after another at an even rate."""

    def __init__(self, name: str, kind: str, path: Path | None, count: int,
                 fps: float | None) -> None:
        check_fps(fps)
        if not count:
            raise ValueError(f'{name} holds no frame: give at least one picture')
        notes = () if fps is not None or kind == 'pair' else (
            f'no frame rate was given for {name}: {DEFAULT_FPS:g} frames a second were '
            'assumed; give fps if it is another',)
        super().__init__(name, kind, path, fps or DEFAULT_FPS, (0, 0), count, notes)
        self.size = self._picture(0).shape[:2]

    def _picture(self, index: int) -> np.ndarray:
        raise NotImplementedError

    def _label(self, index: int) -> str:
        return f'frame {index} of {self.name}'

    def _read(self, start: int) -> Iterator[Frame]:
        for index in range(start, self.expected_frames):
            image = self._picture(index)
            if image.shape[:2] != self.size:
                raise ValueError(
                    f'{self._label(index)} is {image.shape[1]}x{image.shape[0]} '
                    f'pixels, the first picture {self.size[1]}x{self.size[0]}: the '
                    'pictures of a clip must be of one size')
            yield Frame(index, index / self.fps, image)


class PictureFiles(_Stills):
    """A video of picture files.

    Args:
        files: The files, in order.
        name: How it is called in reports.
        kind: ``'frames'``, or ``'pair'`` for an onset and an apex.
        path: Folder of the files; None where they lie anywhere.
        fps: Frames per second. Defaults to 200, which is then noted.

    Raises:
        FileNotFoundError: If the first file is missing.
        ValueError: If there is none, or the first one cannot be used.

    Examples:
        >>> PictureFiles((), 'clip')
        Traceback (most recent call last):
        ...
        ValueError: clip holds no frame: give at least one picture
    """

    def __init__(self, files: Sequence[str | os.PathLike], name: str,
                 kind: str = 'frames', path: Path | None = None,
                 fps: float | None = None) -> None:
        self.files = tuple(Path(file) for file in files)
        super().__init__(name, kind, path, len(self.files), fps)

    def _picture(self, index: int) -> np.ndarray:
        try:
            return read_picture(self.files[index])
        except (FileNotFoundError, ValueError) as error:
            raise type(error)(f'frame {index} of {self.name}: {error}') from None

    def _label(self, index: int) -> str:
        return f'frame {index} of {self.name} ({self.files[index].name})'


class Pictures(_Stills):
    """A video of pictures in memory.

    Args:
        images: Array ``(T, H, W)`` gray or ``(T, H, W, 3)`` BGR, or a list of pictures;
            uint8. It is not copied.
        name: How it is called in reports. Defaults to ``'array'``.
        kind: ``'array'``, or ``'pair'`` for an onset and an apex.
        fps: Frames per second. Defaults to 200, which is then noted.

    Raises:
        ValueError: If there is no picture, or the first one cannot be used.

    Examples:
        >>> Pictures(np.zeros((2, 4, 6, 3), np.uint8), fps=30.0).size
        (4, 6)
    """

    def __init__(self, images: np.ndarray | Sequence[np.ndarray], name: str = 'array',
                 kind: str = 'array', fps: float | None = None) -> None:
        self.images = images
        super().__init__(name, kind, None, len(images), fps)

    def _picture(self, index: int) -> np.ndarray:
        return to_bgr(self.images[index], self._label(index))
