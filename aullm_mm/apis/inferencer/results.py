# Copyright (c) AULLM-MM contributors.
"""The result of one input, as plain data with documented keys."""
from __future__ import annotations

from typing import Any, Mapping, Sequence

import numpy as np

from aullm_mm.facs import action_unit

SCHEMA = 1
#: Points of the energy curve that a result keeps at most.
SERIES_POINTS = 2000


def moment(frame: int, seconds: float) -> dict[str, Any]:
    """A frame of the video and its time.

    Args:
        frame: Number of the frame, from 0.
        seconds: Its time.

    Examples:
        >>> moment(5, 0.2)
        {'frame': 5, 'seconds': 0.2}
    """
    return dict(frame=int(frame), seconds=round(float(seconds), 4))


def decided_aus(
    aus: Sequence[int], scores: Sequence[float], thresholds: Sequence[float],
    sides: Sequence[str | None], present: Sequence[bool] | None = None
) -> list[dict[str, Any]]:
    """The AUs of a movement.

    Args:
        aus: AU numbers.
        scores: Their probabilities.
        thresholds: From which probability each counts as present.
        sides: Side of the person's face, or None where it is not known.
        present: Decisions, where they were made already. Defaults to None: by scores.

    Examples:
        >>> decided_aus([12], [0.8], [0.5], [None])[0]['present']
        True
    """
    if present is None:
        present = [score > limit for score, limit in zip(scores, thresholds)]
    return [dict(
        au=int(au), name=action_unit(au).name, score=round(float(score), 4),
        threshold=float(limit), present=bool(there), side=side)
        for au, score, limit, there, side in zip(
            aus, scores, thresholds, present, sides)]


def face_summary(track: int, frames: np.ndarray) -> dict[str, Any]:
    """Where a face was found.

    Args:
        track: Its number.
        frames: Numbers of the frames with it, ascending.

    Examples:
        >>> face_summary(0, np.array([0, 1, 2, 5, 6]))['missing']
        [[3, 4]]
    """
    frames = np.asarray(frames)
    gaps = np.flatnonzero(np.diff(frames) > 1)
    return dict(
        track=int(track), frames=len(frames), first=int(frames[0]),
        last=int(frames[-1]),
        missing=[[int(frames[i]) + 1, int(frames[i + 1]) - 1] for i in gaps])


def thinned_series(
    track: int, seconds: np.ndarray, energy: np.ndarray, points: int = SERIES_POINTS
) -> dict[str, Any]:
    """The energy curve with few enough points to draw; each is the largest of its run.

    Args:
        track: Number of the face.
        seconds: Times.
        energy: Energy of each frame; NaN where it is not known.
        points: How many to keep at most. Defaults to 2000.

    Examples:
        >>> thinned_series(0, np.arange(6.0), np.arange(6.0), points=3)['energy']
        [1.0, 3.0, 5.0]
    """
    step = max(1, -(-len(seconds) // points))
    starts = np.arange(0, len(seconds), step)
    filled = np.nan_to_num(np.asarray(energy, np.float64), nan=0.0)
    peaks = np.maximum.reduceat(filled, starts) if len(starts) else filled
    return dict(
        track=int(track), step=int(step),
        seconds=[round(float(s), 4) for s in np.asarray(seconds)[starts]],
        energy=[round(float(e), 4) for e in peaks])


def missing_text(frames: np.ndarray, count: int) -> str | None:
    """Say in which frames no face was found, or None where it was found in all.

    Args:
        frames: Numbers of the frames with a face.
        count: Number of frames of the video.

    Examples:
        >>> missing_text(np.array([0, 1, 4]), 6)
        'No face was found in 3 of 6 frames: 2-3, 5.'
    """
    without = np.setdiff1d(np.arange(count), frames)
    if not len(without):
        return None
    runs = np.split(without, np.flatnonzero(np.diff(without) > 1) + 1)
    shown = [f'{r[0]}-{r[-1]}' if len(r) > 1 else f'{r[0]}' for r in runs[:8]]
    more = f' and {len(runs) - 8} more runs' if len(runs) > 8 else ''
    return (f'No face was found in {len(without)} of {count} frames: '
            f'{", ".join(shown)}{more}.')


def csv_rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row a detected movement and present AU.

    Args:
        result: Result of one input.

    Examples:
        >>> csv_rows(dict(source=dict(name='a.mp4'), movements=[]))
        []
    """
    rows = []
    for movement in result['movements']:
        times = {f'{name}_{kind}': movement[name][key]
                 for name in ('onset', 'apex', 'offset')
                 for kind, key in (('frame', 'frame'), ('s', 'seconds'))}
        rows += [dict(
            source=result['source']['name'], movement=movement['id'],
            face=movement['track'], kind=movement['kind'], **times,
            au=f'AU{unit["au"]}', name=unit['name'], side=unit['side'] or '',
            score=unit['score'], threshold=unit['threshold'])
            for unit in movement['aus'] if unit['present']]
    return rows
