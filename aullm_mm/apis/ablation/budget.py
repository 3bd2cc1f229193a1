# Copyright (c) AULLM-MM contributors.
"""How long a comparison may start new trainings, and that it runs once only."""
from __future__ import annotations

import contextlib
import fcntl
import math
import re
import time
from collections.abc import Iterator
from pathlib import Path

SECONDS = {'s': 1, 'm': 60, 'h': 3600}


def parse_duration(text: str) -> float:
    """Seconds of a time as ``90s``, ``30m``, ``2h`` or ``1h30m``.

    Args:
        text: The time.

    Raises:
        ValueError: If it is none.

    Examples:
        >>> parse_duration('90s'), parse_duration('1.5h'), parse_duration('1h30m')
        (90.0, 5400.0, 5400.0)
    """
    parts = re.findall(r'(\d+(?:\.\d+)?)([smh])', text)
    if not parts or ''.join(map(''.join, parts)) != text:
        raise ValueError(f'{text!r} is no time: write 90s, 30m, 2h or 1h30m.')
    return sum(float(number) * SECONDS[unit] for number, unit in parts)


class Deadline:
    """The moment from which on nothing new is started.

    Args:
        seconds: From now; None for never.

    Examples:
        >>> Deadline(0).passed, Deadline(None).passed
        (True, False)
    """

    def __init__(self, seconds: float | None) -> None:
        self.at = math.inf if seconds is None else time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        """Whether it is over."""
        return time.monotonic() >= self.at


@contextlib.contextmanager
def locked(work_dir: Path) -> Iterator[None]:
    """Keep a second run out of a folder.

    Args:
        work_dir: The folder; made where it is missing.

    Raises:
        ValueError: If another run is at work there.
    """
    work_dir.mkdir(parents=True, exist_ok=True)
    with open(work_dir / '.lock', 'w', encoding='utf-8') as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ValueError(f'another run is at work in {work_dir}: wait for it, or '
                             f'name another --work-dir.') from None
        yield
