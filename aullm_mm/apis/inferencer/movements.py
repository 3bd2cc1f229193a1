# Copyright (c) AULLM-MM contributors.
"""From what a video showed to the movements in it, and to their frames."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Sequence

import numpy as np

from aullm_mm.faces.align import FaceAligner, Pose, smooth_poses
from aullm_mm.spotting import Series, SpottingLimits, spot
from aullm_mm.video import Video

from .clip_input import ClipInput
from .watching import Watched

SPOT_MODES = ('auto', 'always', 'never')
#: A video of at most so many seconds is taken for one movement by ``'auto'``.
ONE_MOVEMENT = 1.0
# The picture that the recognizer is given: x0, x1, y0, y1 in inter-ocular distances,
# with room for the face detector, and pixels of one of these.
CLIP_BOUNDS, CLIP_SCALE = (-1.6, 1.6, -1.5, 2.1), 100


@dataclass(frozen=True)
class Movement:
    """A movement of one face.

    Attributes:
        face: Number of the face.
        onset: Frame at which it begins.
        apex: Frame at which it is strongest.
        offset: Frame at which it has ended, inclusive.
        kind: ``'micro'``, ``'macro'``, ``'blink'``, or ``'given'``: not spotted.
        score: Height above the noise, in standard deviations; None for a given one.
    """

    face: int
    onset: int
    apex: int
    offset: int
    kind: str
    score: float | None = None


def face_series(watched: Watched, face: Mapping[str, np.ndarray]) -> Series:
    """Motion of a face over all frames of the video, NaN where it was not found.

    Args:
        watched: What the first pass found.
        face: Arrays of the face.
    """
    rows = np.full((len(watched.seconds), face['rows'].shape[1]), np.nan, np.float32)
    rows[face['frames']] = face['rows']
    return Series.from_rows(watched.seconds, rows)


def wants_spotting(mode: str, video: Video, watched: Watched) -> bool:
    """Whether movements are to be looked for, or the whole is one movement.

    Args:
        mode: One of ``SPOT_MODES``; ``'auto'`` spots in what is longer than a second.
        video: The video.
        watched: What the first pass found.

    Raises:
        ValueError: If the mode is not known.
    """
    if mode not in SPOT_MODES:
        raise ValueError(f'spot must be one of {SPOT_MODES}, got {mode!r}')
    if mode == 'auto':
        seconds = watched.seconds[-1] - watched.seconds[0]
        return video.kind != 'pair' and seconds > ONE_MOVEMENT
    return mode == 'always'


def spotted_movements(
    series: Series, face: int, limits: SpottingLimits
) -> list[Movement]:
    """Movements and blinks of a face, by onset.

    Args:
        series: Its motion.
        face: Its number.
        limits: What counts as a movement.
    """
    return [
        Movement(face, i.onset, i.apex, i.offset, i.kind, i.score)
        for i in spot(series, limits)]


def given_movement(
    series: Series, face: int, onset: int | None = None, apex: int | None = None,
    offset: int | None = None
) -> Movement:
    """The whole clip, or a named part of it, as one movement.

    Args:
        series: Motion of the face.
        face: Its number.
        onset: First frame. Defaults to the first with the face.
        apex: Frame of the peak. Defaults to the one that is farthest from the onset.
        offset: Last frame, inclusive. Defaults to the last with the face.

    Raises:
        ValueError: If the frames are not in order or not of the video, or the face is
            in fewer than two of them.

    Examples:
        >>> from aullm_mm.spotting import REGION_NAMES
        >>> motion = np.zeros((5, len(REGION_NAMES), 2))
        >>> motion[3] = 0.1
        >>> series = Series(
        ...     np.arange(5) / 25, motion, np.ones((5, 2)), np.ones(5, bool))
        >>> given_movement(series, face=0).apex
        3
    """
    count, found = len(series), np.flatnonzero(series.found)
    onset = int(found[0]) if onset is None else onset
    offset = int(found[-1]) if offset is None else offset
    inside = found[(found >= onset) & (found <= offset)]
    named = (onset, offset) if apex is None else (onset, apex, offset)
    if onset < 0 or offset >= count or sorted(named) != list(named):
        raise ValueError(
            f'onset <= apex <= offset must be frames of the video (0 to {count - 1}); '
            f'got onset {onset}, apex {apex}, offset {offset}')
    if len(inside) < 2:
        raise ValueError(
            f'the face was found in {len(inside)} of the frames {onset} to {offset}; a '
            f'movement needs at least two: an onset and an apex')
    if apex is None:
        away = series.motion[inside] - series.motion[inside[0]]
        apex = int(inside[np.hypot(*np.moveaxis(away, -1, 0)).sum(axis=1).argmax()])
        apex = max(apex, onset + 1)
    return Movement(face, onset, apex, offset, 'given')


def read_clips(
    video: Video, watched: Watched, movements: Sequence[Movement], make: ClipInput
) -> Iterator[tuple[int, np.ndarray, dict[str, Any]]]:
    """Second pass: the frames that the recognizer needs of each movement.

    Args:
        video: The video.
        watched: What the first pass found.
        movements: The movements.
        make: Turns frames into the recognizer's input.

    Yields:
        The movement's place in the list, its aligned frames
        :math:`(T, h, w, 3)` BGR, and what ``make`` gave; as soon as its last frame was
        read.

    Raises:
        ValueError: If the recognizer's transforms do not take the frames.
    """
    wanted = [_wanted(movement, make) for movement in movements]
    poses = [_poses(watched, m, numbers) for m, numbers in zip(movements, wanted)]
    pictures: list[list[np.ndarray]] = [[] for _ in movements]
    crop = clip_aligner()
    if not movements:
        return
    last = max(int(numbers[-1]) for numbers in wanted)
    for frame in video.iter_from(min(int(numbers[0]) for numbers in wanted)):
        for i, numbers in enumerate(wanted):
            at = np.searchsorted(numbers, frame.index)
            if at == len(numbers) or numbers[at] != frame.index:
                continue
            pictures[i].append(crop(frame.image, poses[i][at]))
            if len(pictures[i]) == len(numbers):
                yield i, *_pack(video, movements[i], numbers, pictures[i], make)
                pictures[i] = []
        if frame.index >= last:
            return


def clip_aligner() -> FaceAligner:
    """What brings a face into the picture that the recognizer is given."""
    x0, x1, y0, y1 = CLIP_BOUNDS
    size = round(CLIP_SCALE * (y1 - y0)), round(CLIP_SCALE * (x1 - x0))
    return FaceAligner(size=size, bounds=CLIP_BOUNDS)


def _wanted(movement: Movement, make: ClipInput) -> np.ndarray:
    count = movement.offset - movement.onset + 1
    return movement.onset + make.numbers(count, movement.apex - movement.onset)


def _poses(
    watched: Watched, movement: Movement, numbers: np.ndarray
) -> list[Pose]:
    """Smoothed poses of the face in some frames, the nearest where it was not found."""
    face = watched.faces[movement.face]
    margin = max(8, movement.offset - movement.onset)
    near = np.flatnonzero((face['frames'] >= movement.onset - margin)
                          & (face['frames'] <= movement.offset + margin))
    smooth = smooth_poses(
        [Pose((x, y), scale, roll) for x, y, scale, roll in face['poses'][near]],
        face['seconds'][near])
    frames = face['frames'][near]
    return [smooth[int(np.abs(frames - number).argmin())] for number in numbers]


def _pack(
    video: Video, movement: Movement, numbers: np.ndarray, pictures: list[np.ndarray],
    make: ClipInput
) -> tuple[np.ndarray, dict[str, Any]]:
    frames = np.stack(pictures)
    apex = int(np.abs(numbers - movement.apex).argmin())
    name = f'{video.name}, frames {movement.onset} to {movement.offset}'
    return frames, make(frames, apex, clip_id=name, fps=video.fps)
