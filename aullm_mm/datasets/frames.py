# Copyright (c) AULLM-MM contributors.
"""Reading single frames, with every defect named."""
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

COLORS = {'gray': cv2.IMREAD_GRAYSCALE, 'rgb': cv2.IMREAD_COLOR}
# A decoder fills what a truncated file lacks with grey; the end marker tells.
END_MARKERS = {b'\xff\xd8': b'\xff\xd9', b'\x89P': b'IEND'}


def read_frame(path: Path | str, color: str = 'gray') -> np.ndarray:
    """Read one frame.

    Args:
        path: Image file.
        color: ``'gray'`` or ``'rgb'``. Defaults to ``'gray'``.

    Shapes:
        - output: :math:`(H, W)` or :math:`(H, W, 3)`, uint8

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is empty, truncated or no image.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f'Frame {path} is missing: unpack the corpus again, or run '
            f'tools/prepare_corpus.py to drop or repair its clip.')
    data = path.read_bytes()
    if not data:
        raise ValueError(f'Frame {path} is empty (0 bytes): unpack the corpus again.')
    end = END_MARKERS.get(data[:2])
    if end is not None and end not in data[-64:]:
        raise ValueError(
            f'Frame {path} is truncated ({len(data)} bytes, its end is missing): '
            f'unpack the corpus again.')
    image = cv2.imdecode(np.frombuffer(data, np.uint8), COLORS[color])
    if image is None:
        raise ValueError(
            f'Frame {path} is no image that OpenCV can read: unpack the corpus again.')
    return image if color == 'gray' else np.ascontiguousarray(image[..., ::-1])


def nearest_frame(
    folder: Path, template: str, number: int, first: int, last: int, reach: int = 5
) -> Path:
    """File of a frame, or of the nearest one where the release lacks it.

    Releases lack single frames; their report counts them. Onset and offset are moved
    to existing frames when the table is made, so only inner frames need it.

    Args:
        folder: Frame folder of the clip.
        template: File name with the frame number as ``{}``.
        number: The frame wanted.
        first: Lowest frame that may stand in.
        last: Highest frame that may stand in.
        reach: How far away at the most. Defaults to 5.

    Raises:
        FileNotFoundError: If neither it nor a near frame is there.
    """
    steps = sorted(range(-reach, reach + 1), key=abs)
    for candidate in (number + step for step in steps):
        path = folder / template.format(candidate)
        if first <= candidate <= last and path.is_file():
            return path
    raise FileNotFoundError(
        f'Frame {folder / template.format(number)} is missing, and so are those beside '
        f'it: unpack the corpus again, or run tools/prepare_corpus.py to drop or '
        f'repair its clip.')


def choose_frames(
    onset: int, apex: int, offset: int, max_frames: int | None = None
) -> np.ndarray:
    """Frame numbers to load: all of a clip, or evenly spaced ones.

    Onset, apex and offset are always among them.

    Args:
        onset: First frame, as numbered in the release.
        apex: Frame of the peak.
        offset: Last frame, inclusive.
        max_frames: How many at the most; None for all. Defaults to None.

    Examples:
        >>> choose_frames(10, 13, 20, max_frames=4).tolist()
        [10, 13, 17, 20]
        >>> choose_frames(10, 13, 14).tolist()
        [10, 11, 12, 13, 14]
    """
    count = offset - onset + 1
    if max_frames is None or count <= max_frames:
        return np.arange(onset, offset + 1)
    numbers = np.rint(np.linspace(onset, offset, max_frames)).astype(int)
    inner = np.abs(numbers[1:-1] - apex)
    if apex not in (onset, offset) and inner.size:
        numbers[1 + int(inner.argmin())] = apex
    return numbers
