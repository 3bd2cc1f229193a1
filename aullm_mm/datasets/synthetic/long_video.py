# Copyright (c) AULLM-MM contributors.
"""Long semi-synthetic videos with known movements, to judge spotting.

One person moves the head, blinks, and shows micro-expressions and longer expressions
between stretches of neutral face. The same seed gives the same person and events at
every frame rate. Not a byte of it is a real micro-expression.
"""
from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d

from aullm_mm.video.files import quiet_decoders

from .geometry import Framing, smooth_noise
from .head_motion import head_transforms
from .long_timeline import (Event, LongVideoParameters, draw_blink_starts, draw_events,
                            event_course)
from .movements import displacement_field, draw_style, fold_field
from .nuisances import FRAME_RATE, Nuisances, draw_twitches, noise_bank
from .rendering import Motion, render_frames, turning_fields
from .studio import CASME2_STUDIO, Studio
from .subjects import Subject, make_subject
from .timecourse import blink_course

# Root mean squares of the head's motion about its mean place, in inter-ocular
# distances and radians: posture, and the sway that is left when one sits still.
SHIFT, SWAY, GROWTH = 0.05, 0.006, 0.015
ROLL, TURN = 0.025, 0.03
POSTURE_SECONDS, SWAY_SECONDS = (1.0, 2.5), (0.2, 0.4)
TWITCH_SECONDS = (0.1, 0.5)
LIGHT_SECONDS = 0.5
JPEG_QUALITY = 95
VIDEO_NAMES = {'mp4': 'video.mp4', 'avi': 'video.avi', 'png': 'frames'}


@dataclass(frozen=True)
class LongVideo:
    """A long video, planned and ready to be rendered.

    Attributes:
        parameters: What it is made with.
        subject: The person.
        motion: Movements, twitches and turns of the head, frame by frame.
        nuisances: Head motion, light, blinks and noise, frame by frame.
        truth: What happens in it, as ``truth.json`` has it.
    """

    parameters: LongVideoParameters
    subject: Subject
    motion: Motion
    nuisances: Nuisances
    truth: dict

    def frames(self) -> Iterator[np.ndarray]:
        """Render the video, frame by frame.

        Yields:
            ``(H, W, 3)`` uint8 BGR.
        """
        studio = self.subject.studio
        rng = studio.rng(self.parameters.seed, 23)
        bank = noise_bank(rng, studio)
        return render_frames(self.subject, self.motion, self.nuisances, bank, rng)


def plan_long_video(parameters: LongVideoParameters) -> LongVideo:
    """Draw everything that happens in a long video.

    Args:
        parameters: What to make.

    Returns:
        The plan; rendering it is deterministic too.

    Raises:
        ValueError: If the movements do not fit into the video.

    Examples:
        >>> video = plan_long_video(LongVideoParameters(
        ...     seconds=4.0, micro_rate=15.0, macro_rate=0.0))
        >>> len(video.truth['movements']), video.truth['frames']
        (1, 120)
    """
    studio = _studio(parameters.size)
    subject = make_subject(parameters.seed, 1 + parameters.seed % 26, studio)
    events = draw_events(studio.rng(parameters.seed, 20), parameters)
    at = np.arange(parameters.frames) / parameters.fps
    grid = np.arange(int(parameters.seconds * FRAME_RATE) + 2)
    blinks = _draw_blinks(studio.rng(parameters.seed, 21), parameters, len(grid))
    nuisances = _nuisances(parameters, studio, grid, at, sum(blinks, 0.0 * grid))
    motion = _motion(parameters, subject, events, nuisances, at)
    return LongVideo(parameters, subject, motion, nuisances,
                     _truth(parameters, events, blinks))


def write_long_video(
    folder: str | os.PathLike, parameters: LongVideoParameters, kind: str = 'mp4'
) -> Path:
    """Write a long video and its ``truth.json`` into a new folder.

    Args:
        folder: Folder to make; must not exist.
        parameters: What to make.
        kind: ``'mp4'`` (MPEG-4), ``'avi'`` (motion JPEG, finer) or ``'png'`` (a
            folder of frames, lossless).

    Returns:
        Path of the video, or of its folder of frames.

    Raises:
        FileExistsError: If the folder exists.
        ValueError: If the kind is unknown or the movements do not fit.
        OSError: If OpenCV cannot write such a video here.
    """
    if kind not in VIDEO_NAMES:
        raise ValueError(f'kind must be one of {", ".join(VIDEO_NAMES)}, got {kind!r}')
    video = plan_long_video(parameters)
    folder = Path(folder)
    folder.mkdir(parents=True)
    path = folder / VIDEO_NAMES[kind]
    writer = _write_pictures if kind == 'png' else _write_file
    writer(path, video.frames(), parameters)
    text = json.dumps(video.truth, indent=1) + '\n'
    # Written last: a folder with a truth is whole.
    (folder / 'truth.json').write_text(text, 'utf-8')
    return path


def _write_pictures(path: Path, frames: Iterable[np.ndarray],
                    parameters: LongVideoParameters) -> None:
    path.mkdir()
    for number, frame in enumerate(frames):
        (path / f'{number:06d}.png').write_bytes(cv2.imencode('.png', frame)[1])


def _write_file(path: Path, frames: Iterable[np.ndarray],
                parameters: LongVideoParameters) -> None:
    code = cv2.VideoWriter_fourcc(*('mp4v' if path.suffix == '.mp4' else 'MJPG'))
    with quiet_decoders():
        writer = cv2.VideoWriter(
            str(path), code, parameters.fps, (parameters.size, parameters.size))
    if not writer.isOpened():
        raise OSError(f'OpenCV cannot write {path}: choose another kind of video')
    writer.set(cv2.VIDEOWRITER_PROP_QUALITY, JPEG_QUALITY)
    for frame in frames:
        writer.write(frame)
    writer.release()


def _studio(size: int) -> Studio:
    framing = Framing(size, size, 0.28 * size, (0.5 * size, 0.42 * size))
    return Studio(framing=framing, flicker=CASME2_STUDIO.flicker, salt=(77,))


def _draw_blinks(rng: np.random.Generator, parameters: LongVideoParameters, count: int
                 ) -> list[np.ndarray]:
    starts = draw_blink_starts(rng, parameters) * FRAME_RATE
    return [blink_course(rng, count, int(start)) for start in starts]


def _wander(rng: np.random.Generator, count: int, seconds: float) -> np.ndarray:
    """A stationary random course of unit deviation that keeps for some seconds."""
    pad = int(4 * seconds * FRAME_RATE)
    course = gaussian_filter1d(
        rng.standard_normal(count + 2 * pad), seconds * FRAME_RATE)[pad:pad + count]
    # What white noise keeps of its deviation under a Gaussian of this width.
    return course * np.sqrt(2.0 * np.sqrt(np.pi) * seconds * FRAME_RATE)


def _nuisances(parameters: LongVideoParameters, studio: Studio, grid: np.ndarray,
               at: np.ndarray, blink: np.ndarray) -> Nuisances:
    """Everything but the movements, drawn on a fine grid and read at the frames."""
    rng, count = studio.rng(parameters.seed, 22), len(grid)
    strength, framing = parameters.nuisance, studio.framing

    def course(seconds: tuple[float, float]) -> np.ndarray:
        return np.interp(at, grid / FRAME_RATE,
                         _wander(rng, count, rng.uniform(*seconds)))

    slow = [course(POSTURE_SECONDS) for _ in range(6)]
    shift = framing.inter_ocular * np.stack(
        [SHIFT * slow[i] + SWAY * course(SWAY_SECONDS) for i in range(2)])
    drift = head_transforms(framing, strength * shift, strength * ROLL * slow[2],
                  strength * GROWTH * slow[3])
    twitches, _ = draw_twitches(rng, 2, strength, framing)
    twitch_course = np.stack([course(TWITCH_SECONDS) for _ in twitches])
    beat = np.sin(2 * np.pi * rng.uniform(0.5, 12.0) * at + rng.uniform(0, 6))
    light = rng.uniform(0.0, 1.0, 3) * (studio.flicker, studio.slow, studio.tilt)
    wander = [course((LIGHT_SECONDS, LIGHT_SECONDS)) for _ in range(2)]
    gain = 1.0 + strength * (light[0] * beat + light[1] * wander[0])
    lids = 0.02 * strength * course(TWITCH_SECONDS)
    return Nuisances(
        drift=drift, gain=gain, tilt=strength * light[2] * wander[1],
        tilt_field=smooth_noise(rng, (3, 3), framing),
        blink=np.clip(np.interp(at, grid / FRAME_RATE, blink) + lids, -0.15, 1.0),
        twitches=twitches, twitch_course=twitch_course,
        turn=strength * TURN * np.stack(slow[4:]), uncoded=(),
        noise=strength * float(rng.uniform(*studio.noise)), quality=JPEG_QUALITY)


def _motion(parameters: LongVideoParameters, subject: Subject, events: list[Event],
            nuisances: Nuisances, at: np.ndarray) -> Motion:
    rng, framing = subject.studio.rng(parameters.seed, 24), subject.studio.framing
    fields, folds, courses = [], [], []
    for event in events:
        for movement in event.movements:
            person = subject.studio.rng(parameters.seed, 2, movement.au)
            style = draw_style(person, rng)
            fields.append(displacement_field(
                movement.au, subject.shape, style, movement.side, framing))
            folds.append(fold_field(
                movement.au, subject.shape, movement.side, style.balance, framing))
            courses.append(movement.intensity * event_course(rng, event, at))
    moved = np.reshape(fields, (-1, 2, *framing.size)), np.reshape(
        courses, (-1, len(at)))
    everything = (moved[0], nuisances.twitches, turning_fields(subject.depth, framing))
    strengths = (moved[1], nuisances.twitch_course, nuisances.turn)
    return Motion(
        np.concatenate(everything).astype(np.float32),
        np.concatenate(strengths).astype(np.float32),
        np.reshape(folds, (-1, *framing.size)).astype(np.float32),
        moved[1].astype(np.float32))


def _truth(parameters: LongVideoParameters, events: list[Event],
           blinks: list[np.ndarray]) -> dict:
    def when(second: float) -> dict:
        frame = min(round(second * parameters.fps), parameters.frames - 1)
        return {'frame': frame, 'seconds': round(second, 4)}

    movements = [
        {'kind': event.kind, 'onset': when(event.onset), 'apex': when(event.apex),
         'offset': when(event.offset), 'aus': [asdict(m) for m in event.movements]}
        for event in events]
    shut = []
    for course in blinks:
        moved = np.flatnonzero(course > 0)
        ends = zip(('onset', 'apex', 'offset'), (moved[0], course.argmax(), moved[-1]))
        shut.append({name: when(float(at) / FRAME_RATE) for name, at in ends})
    return {'semi_synthetic': True, **asdict(parameters), 'frames': parameters.frames,
            'movements': movements, 'blinks': shut}
