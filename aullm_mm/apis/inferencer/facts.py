# Copyright (c) AULLM-MM contributors.
"""What a result says of its input, and what a user should be told."""
from __future__ import annotations

from dataclasses import asdict
from typing import Any, Sequence

import numpy as np

from aullm_mm.video import Video

from .movements import Movement
from .options import InferenceOptions
from .results import missing_text
from .watching import Watched

#: Below so many frames a second a micro-expression is only a few frames.
SLOW_CAMERA = 50


def source_facts(video: Video, watched: Watched) -> dict[str, Any]:
    """Facts of the input.

    Args:
        video: The input.
        watched: What the first pass found.
    """
    height, width = video.size
    frames = len(watched.seconds)
    path = None if video.path is None else str(video.path)
    return dict(
        name=video.name, kind=video.kind, path=path, frames=frames,
        fps=round(float(video.fps), 4), width=int(width), height=int(height),
        seconds=round(float(watched.seconds[-1] + 1 / video.fps), 4),
        truncated=watched.truncated)


def watch_key(video: Video, options: InferenceOptions) -> dict[str, Any]:
    """What the first pass depends on, as plain values.

    Args:
        video: The input, a file.
        options: How it is read.
    """
    stat = video.path.stat()
    return dict(
        path=str(video.path.resolve()), stamp=(stat.st_size, stat.st_mtime_ns),
        fps=video.fps, size=video.size, frames=video.expected_frames,
        faces=asdict(options.faces))


def no_face_message(
    video: Video, watched: Watched, options: InferenceOptions
) -> str:
    """Say that no frame shows a face that can be used, and why.

    Args:
        video: The input.
        watched: What the first pass found.
        options: How it was read.
    """
    reasons = ', '.join(f'{reason} in {count}' for reason, count in sorted(
        watched.reasons.items(), key=lambda item: -item[1]))
    return (
        f'{video.name}: no face that can be used was found in any of its '
        f'{len(watched.seconds)} frames ({reasons}). The face must be seen from the '
        f'front, upright and whole, with at least {options.faces.min_eye_distance:g} '
        f'pixels between the eyes (min_eye_distance).')


def warnings_of(
    video: Video, watched: Watched, movements: Sequence[Movement],
    options: InferenceOptions
) -> list[str]:
    """What a user should know of how the result came about.

    Args:
        video: The input.
        watched: What the first pass found.
        movements: Movements that were found.
        options: How the input was read.
    """
    notes = list(video.notes)
    if watched.truncated:
        notes.append(
            f'The video is cut short ({watched.truncated}); what is before it was '
            f'used.')
    frames = np.unique(np.concatenate([face['frames'] for face in watched.faces]))
    missing = missing_text(frames, len(watched.seconds))
    if missing:
        reasons = ', '.join(f'{k} ({v})' for k, v in sorted(watched.reasons.items()))
        notes.append(f'{missing} Reasons: {reasons}.')
    if not movements:
        notes.append(
            'No movement stood out of the noise. least_score and least_motion say how '
            'far one must.')
    if video.fps < SLOW_CAMERA and video.kind == 'file':
        notes.append(
            f'At {video.fps:g} frames a second a micro-expression lasts '
            f'{max(1, round(options.limits.shortest * video.fps))} to '
            f'{round(options.limits.longest * video.fps)} frames: short ones are '
            f'easily missed.')
    return notes
