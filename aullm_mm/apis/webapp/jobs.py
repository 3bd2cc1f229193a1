# Copyright (c) AULLM-MM contributors.
"""One video that somebody dropped, from its first byte to its result."""
from __future__ import annotations

import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping

from aullm_mm.apis.inferencer import InferenceOptions, WatchOptions

#: States in which there is still something to do.
ACTIVE = ('receiving', 'waiting', 'working')
LONGEST_NAME = 100
FPS_RANGE = (1, 10000)


class Cancelled(Exception):
    """Nobody wants the result any more."""


@dataclass(frozen=True)
class JobOptions:
    """What the user chose.

    Attributes:
        llm: Whether the LLM deduces. Defaults to True.
        explain: Whether the answers are explained. Defaults to True.
        all_faces: Whether every face is followed, or the largest one. Defaults to the
            largest.
        fps: Frames per second of the recording, over what the file says. Defaults to
            None.

    Raises:
        ValueError: If the frame rate is none.

    Examples:
        >>> JobOptions(all_faces=True).inference().faces.max_faces is None
        True
        >>> JobOptions.from_plain({'fps': 0})
        Traceback (most recent call last):
        ...
        ValueError: the frame rate must be from 1 to 10000 frames a second, got 0
    """

    llm: bool = True
    explain: bool = True
    all_faces: bool = False
    fps: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for name in ('llm', 'explain', 'all_faces'):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f'{name} must be true or false')
        number = isinstance(self.fps, (int, float)) and not isinstance(self.fps, bool)
        low, high = FPS_RANGE
        if self.fps is not None and not (number and low <= self.fps <= high):
            raise ValueError(
                f'the frame rate must be from {low} to {high} frames a second, got '
                f'{str(self.fps)[:20]}')

    @classmethod
    def from_plain(cls, values: Any) -> JobOptions:
        """Options as the page sends them.

        Args:
            values: Plain dict of some of the attributes.

        Raises:
            ValueError: If it is none, or names what is no option.
        """
        known = set(cls.__dataclass_fields__)
        if not isinstance(values, dict) or set(values) - known:
            raise ValueError(f'options must be an object with some of {sorted(known)}')
        return cls(**values)

    def inference(self) -> InferenceOptions:
        """The same as options of the inferencer."""
        faces = WatchOptions(None if self.all_faces else 1)
        return InferenceOptions(fps=self.fps, faces=faces, trace=self.explain)


@dataclass(frozen=True)
class Report:
    """A result in every form that can be had.

    Attributes:
        files: Content by ending: ``'html'``, ``'json'``, ``'csv'``.
        movements: How many were found.
    """

    files: Mapping[str, bytes]
    movements: int


@dataclass
class Job:
    """One video.

    Attributes:
        name: What its user calls it; for people, never a path.
        size: Its length in bytes, as announced.
        options: What the user chose.
        path: The file here.
        id: Name of the job that nobody can guess.
        state: One of ``ACTIVE``, ``'done'``, ``'failed'`` or ``'cancelled'``.
        received: Bytes so far.
        stage: What is being done: ``'watching'``, ``'deciding'``, ``'drawing'``.
        done: How much of that.
        total: Of how much; None if it is not known.
        seen: When its user last asked, by ``time.monotonic``.
        ended: When it ended, or None.
        error: ``kind`` and ``text``, where it failed.
        report: The result, where it is done.

    Examples:
        >>> job = Job('clip.mp4', 9, JobOptions(), Path('x'))
        >>> job.step('watching', 3, 50)
        >>> job.status()['done'], len(job.id)
        (3, 32)
    """

    name: str
    size: int
    options: JobOptions
    path: Path
    id: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    state: str = 'receiving'
    received: int = 0
    stage: str | None = None
    done: int = 0
    total: int | None = None
    seen: float = field(default_factory=time.monotonic)
    ended: float | None = None
    error: Mapping[str, str] | None = None
    report: Report | None = None
    unwanted: threading.Event = field(default_factory=threading.Event)

    @property
    def active(self) -> bool:
        """Whether there is still something to do."""
        return self.state in ACTIVE

    def step(self, stage: str, done: int, total: int | None) -> None:
        """Note how far the work is.

        Raises:
            Cancelled: If nobody wants the result any more.
        """
        if self.unwanted.is_set():
            raise Cancelled
        self.stage, self.done, self.total = stage, done, total

    def end(self, state: str, error: Mapping[str, str] | None = None,
            report: Report | None = None) -> None:
        """Note what became of it."""
        self.error, self.report, self.ended = error, report, time.monotonic()
        self.state = state

    def status(self) -> dict[str, Any]:
        """What the page is told, as plain data."""
        return dict(
            id=self.id, name=self.name, state=self.state, size=self.size,
            received=self.received, stage=self.stage, done=self.done,
            total=self.total, error=self.error, stopping=self.unwanted.is_set(),
            movements=None if self.report is None else self.report.movements)


def display_name(text: Any) -> str:
    """Name of a file, fit to be shown.

    Args:
        text: Whatever the browser says.

    Examples:
        >>> display_name('C:\\\\films\\\\me.mp4'), display_name('../../etc/\\npass')
        ('me.mp4', 'pass')
    """
    last = re.split(r'[\\/]', str(text))[-1]
    shown = ''.join(sign for sign in last if sign.isprintable()).strip()
    return shown[:LONGEST_NAME] or 'video'
