# Copyright (c) AULLM-MM contributors.
"""Takes videos in, has them analysed one after the other, and keeps nothing long."""
from __future__ import annotations

import os
import secrets
import shutil
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any, Callable

from .containers import HEAD_BYTES, check_container
from .faults import LOGGER, Refused, explain_fault
from .jobs import Cancelled, Job, JobOptions, Report, display_name
from .settings import WebSettings

#: Bytes of a video that one request brings at most.
PIECE_BYTES = 4 * 2**20
_SWEEP_SECONDS = 1.0
# Left free on the disk.
_SPARE_BYTES = 100 * 10**6
_END_SECONDS = 20.0


class Desk:
    """Jobs from their first byte on.

    A video is a file in ``folder`` while it is received, waits and is analysed; it is
    removed as soon as its job ends, however it ends. Results are in memory only.

    Args:
        analyse: Makes the report of a job; called in one thread, one job at a time.
        folder: Private folder for the videos.
        settings: Limits and times.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     desk = Desk(lambda job: Report({}, 0), Path(folder), WebSettings())
        ...     desk.open('me.mp4', 90, JobOptions()).state
        ...     desk.close()
        'receiving'
    """

    def __init__(
        self, analyse: Callable[[Job], Report], folder: Path, settings: WebSettings
    ) -> None:
        self.settings = settings
        self._analyse, self._folder = analyse, folder
        self._jobs: dict[str, Job] = {}
        self._queue: deque[Job] = deque()
        self._lock = threading.Condition()
        self._closed = threading.Event()
        self._worker = threading.Thread(target=self._work, daemon=True)
        self._worker.start()
        threading.Thread(target=self._keep_order, daemon=True).start()

    def open(self, name: Any, size: Any, options: JobOptions) -> Job:
        """Announce a video.

        Args:
            name: Its name, for people.
            size: Its length in bytes.
            options: What the user chose.

        Raises:
            Refused: If it is too large, too many wait, or the disk is full.
        """
        name = display_name(name)
        self._check_size(name, size)
        with self._lock:
            self._check_room(size)
            job = Job(name, size, options, self._folder / secrets.token_hex(16))
            job.path.touch(mode=0o600)
            self._jobs[job.id] = job
            return job

    def receive(self, job_id: str, start: int, piece: bytes) -> Job:
        """Take the next bytes of a video; the last ones put it into the queue.

        Args:
            job_id: The job.
            start: How many bytes were sent before.
            piece: The bytes.

        Raises:
            Refused: If the job is gone or the bytes do not fit.
        """
        with self._lock:
            job = self.find(job_id)
            if job.state != 'receiving' or start != job.received or not piece:
                raise Refused(409, 'order', (
                    'These bytes are not the next ones of a video that is being '
                    'received: send it again.'))
            if start + len(piece) > job.size:
                self._end(job, 'cancelled')
                raise Refused(
                    413, 'too large', f'{job.name} is larger than was announced.')
            self._write(job, piece)
            return job

    def find(self, job_id: str) -> Job:
        """A job, which its user thereby still wants.

        Args:
            job_id: Its id.

        Raises:
            Refused: If there is none, or it is not kept any more.
        """
        job = self._jobs.get(job_id)
        if job is None:
            raise Refused(404, 'gone', (
                'There is no such video or result, or it is not kept any more.'))
        job.seen = time.monotonic()
        return job

    def ahead(self, job: Job) -> int:
        """How many videos are done before a waiting one."""
        with self._lock:
            return self._queue.index(job) + 1 if job in self._queue else 0

    def drop(self, job_id: str) -> None:
        """Stop a job, or forget its result.

        Args:
            job_id: Its id.

        Raises:
            Refused: If there is none.
        """
        with self._lock:
            job = self.find(job_id)
            if job.active:
                self._give_up(job)
            else:
                del self._jobs[job_id]

    def sweep(self) -> None:
        """Give up what nobody asks for, and forget what was kept long enough."""
        now, limits = time.monotonic(), self.settings
        with self._lock:
            for job in list(self._jobs.values()):
                keep = limits.idle_seconds if job.report is None else (
                    60 * limits.keep_minutes)
                if job.active and now - job.seen > limits.idle_seconds:
                    self._give_up(job)
                elif job.ended is not None and now - job.ended > keep:
                    del self._jobs[job.id]
            kept = [job for job in self._jobs.values() if job.report is not None]
            kept.sort(key=lambda job: job.ended)
            for job in kept[:-limits.keep_results]:
                del self._jobs[job.id]

    def close(self) -> None:
        """Stop everything and remove every video."""
        with self._lock:
            self._closed.set()
            for job in self._jobs.values():
                if job.active:
                    self._give_up(job)
            self._lock.notify_all()
        self._worker.join(_END_SECONDS)

    def _check_size(self, name: str, size: Any) -> None:
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise Refused(400, 'request', 'size must be the length in bytes')
        if size == 0:
            raise Refused(400, 'input', f'{name} is empty (0 bytes): copy it again.')
        if size > self.settings.max_bytes:
            raise Refused(413, 'too large', (
                f'{name} has {size / 1e6:.1f} MB, at most {self.settings.max_mb:g} MB '
                f'are taken: cut it, or start the program with a larger --max-mb.'))

    def _check_room(self, size: int) -> None:
        active = [job for job in self._jobs.values() if job.active]
        if len(active) > self.settings.max_waiting:
            raise Refused(503, 'busy', (
                f'Busy: {len(active)} videos are being worked on or wait. Try again '
                f'in a few minutes.'))
        coming = size + sum(job.size - job.received for job in active)
        if shutil.disk_usage(self._folder).free < coming + _SPARE_BYTES:
            raise Refused(507, 'computer', (
                'The disk of this computer has no room for the video.'))

    def _write(self, job: Job, piece: bytes) -> None:
        try:
            if not job.received:
                check_container(piece[:HEAD_BYTES], job.name)
            with job.path.open('ab') as stream:
                stream.write(piece)
        except (ValueError, OSError) as fault:
            self._end(job, 'failed', error=explain_fault(fault, job))
            return
        job.received += len(piece)
        if job.received == job.size:
            job.state = 'waiting'
            self._queue.append(job)
            self._lock.notify_all()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            outcome: dict[str, Any] = dict(state='cancelled')
            try:
                outcome = dict(state='done', report=self._analyse(job))
            except Cancelled:
                pass
            except Exception as fault:
                outcome = dict(state='failed', error=explain_fault(fault, job))
            with self._lock:
                self._end(job, **outcome)

    def _next(self) -> Job | None:
        with self._lock:
            self._lock.wait_for(lambda: self._queue or self._closed.is_set())
            if self._closed.is_set():
                return None
            job = self._queue.popleft()
            job.state = 'working'
            return job

    def _give_up(self, job: Job) -> None:
        """Stop a job now, or, while it is at work, at its next frame."""
        job.unwanted.set()
        if job in self._queue:
            self._queue.remove(job)
        if job.state != 'working':
            self._end(job, 'cancelled')

    def _end(self, job: Job, state: str, **what: Any) -> None:
        """Remove the video first, so that a job that has ended has none."""
        try:
            os.unlink(job.path)
        except FileNotFoundError:
            pass
        except OSError as fault:
            LOGGER.error('A video could not be removed.', exc_info=fault)
        if job.unwanted.is_set():
            state, what = 'cancelled', {}
        job.end(state, **what)

    def _keep_order(self) -> None:
        while not self._closed.wait(_SWEEP_SECONDS):
            self.sweep()
