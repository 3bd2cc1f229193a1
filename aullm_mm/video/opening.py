# Copyright (c) AULLM-MM contributors.
"""From whatever a user has to a video."""
from __future__ import annotations

import os
from pathlib import Path
from typing import Sequence, Union

import numpy as np

from .base import Video
from .files import VideoFile
from .pictures import PICTURE_ENDINGS, PictureFiles, Pictures, list_pictures

Source = Union[str, os.PathLike, np.ndarray, Sequence]


def open_video(source: Source, fps: float | None = None, name: str | None = None
               ) -> Video:
    """Open a video file, a folder of frames, an onset/apex pair, an array or pictures.

    Args:
        source: A video file; a folder of pictures, read in natural order; a sequence
            of picture files or of pictures, two of which are an onset and an apex; or
            an array ``(T, H, W)`` gray or ``(T, H, W, 3)`` BGR, uint8.
        fps: Frames per second. Defaults to what a file says, and to 200 for pictures,
            which :attr:`Video.notes` then tells. For a file it replaces the time
            stamps.
        name: How it is called in reports. Defaults to the name of file or folder.

    Returns:
        The video; its first frame could be read.

    Raises:
        FileNotFoundError: If there is no such file or folder.
        ValueError: If it is no video, or its first frame cannot be used.
        TypeError: If it is none of the above.

    Examples:
        >>> clip = open_video(np.zeros((5, 48, 64), np.uint8), fps=25)
        >>> clip
        Pictures('array', array, 64x48, 25 fps, 5 frames)
        >>> open_video([np.zeros((9, 9), np.uint8)] * 2).kind
        'pair'
    """
    if isinstance(source, Video):
        return source
    if isinstance(source, (str, os.PathLike)):
        return _from_path(Path(source), fps, name)
    if isinstance(source, np.ndarray):
        _check_array(source)
        return Pictures(source, name or 'array', fps=fps)
    if isinstance(source, Sequence) and not isinstance(source, (bytes, bytearray)):
        return _from_sequence(source, fps, name)
    raise TypeError(f'a {type(source).__name__} is no video: give a file, a folder, a '
                    'pair of pictures, an array or a list of pictures')


def _from_path(path: Path, fps: float | None, name: str | None) -> Video:
    if path.is_dir():
        return PictureFiles(list_pictures(path), name or path.resolve().name,
                            path=path, fps=fps)
    if path.is_file() and path.suffix.lower() in PICTURE_ENDINGS:
        raise ValueError(f'{path} is a single picture, in which nothing moves: give '
                         'its folder, or the onset and the apex as a pair')
    if not path.exists():
        raise FileNotFoundError(f'{path}: there is no such file or folder')
    return VideoFile(path, fps, name)


def _check_array(array: np.ndarray) -> None:
    if array.ndim == 3 and array.shape[2] == 3 or array.ndim not in (3, 4):
        raise ValueError(f'an array of shape {array.shape} is no video: expected '
                         '(T, H, W) gray or (T, H, W, 3) BGR')


def _from_sequence(source: Sequence, fps: float | None, name: str | None) -> Video:
    files = [isinstance(item, (str, os.PathLike)) for item in source]
    pair = len(source) == 2
    if any(files) and not all(files):
        raise ValueError('a list of pictures must hold files only or arrays only')
    if not any(files):
        return Pictures(source, name or ('pair' if pair else 'pictures'),
                        'pair' if pair else 'array', fps)
    paths = [Path(item) for item in source]
    for path in paths:
        if path.suffix.lower() not in PICTURE_ENDINGS:
            raise ValueError(f'{path} is no picture file: a list must hold pictures ('
                             f'{", ".join(PICTURE_ENDINGS)}); open videos one by one')
    ends = [paths[0].name, paths[-1].name]
    label = (' + ' if pair else ' to ').join(ends)
    return PictureFiles(paths, name or label, 'pair' if pair else 'frames', fps=fps)
