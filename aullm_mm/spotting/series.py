# Copyright (c) AULLM-MM contributors.
"""What a meter saw in one face over time, and even pieces of it."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .regions import REGION_NAMES
from .signals import baseline

# A face that is lost for less is interpolated; for longer, the series is cut.
BRIDGE_SECONDS = 0.25
# Finer than this nothing is gained: the fastest movement takes 0.05 s.
MOST_RATE = 100.0
# Pieces that are worked on at once, and how far they reach into their neighbours.
PIECE_SECONDS, MARGIN_SECONDS = 60.0, 12.0
SLOW_SECONDS = 4.0


@dataclass(frozen=True)
class Series:
    """One face over time.

    Attributes:
        seconds: ``(T,)`` time of each frame, rising.
        motion: ``(T, R, 2)`` place of each region, x right and y down, in
            inter-ocular distances; only its changes mean something.
        eyes: ``(T, 2)`` likeness of each eye to its usual look, 1 for the usual one.
        found: ``(T,)`` bool, False where the face was not seen.

    Raises:
        ValueError: If the shapes do not fit, time does not rise, or a frame with a
            face has a value that is not finite.

    Examples:
        >>> still = Series(np.arange(9) / 25, np.zeros((9, 3, 2)), np.ones((9, 2)),
        ...                np.ones(9, bool))
        >>> len(still), float(still.energy().max())
        (9, 0.0)
    """

    seconds: np.ndarray
    motion: np.ndarray
    eyes: np.ndarray
    found: np.ndarray

    def __post_init__(self) -> None:
        """Check that everything fits."""
        count = len(self.seconds)
        if (self.motion.ndim != 3 or self.motion.shape[::2] != (count, 2)
                or self.eyes.shape != (count, 2) or self.found.shape != (count,)):
            raise ValueError(
                'seconds (T,), motion (T, R, 2), eyes (T, 2) and found (T,) must fit, '
                f'got {np.shape(self.seconds)}, {self.motion.shape}, '
                f'{self.eyes.shape} and {self.found.shape}')
        if count and not (np.diff(self.seconds) > 0).all():
            raise ValueError('the seconds of the frames must rise')
        seen = self.motion[self.found], self.eyes[self.found]
        if not all(np.isfinite(values).all() for values in seen):
            raise ValueError('a frame that is marked as found has a value that is '
                             'not finite: mark it as not found')

    @classmethod
    def from_rows(cls, seconds: ArrayLike, rows: ArrayLike) -> Series:
        """Make a series of the rows of a meter.

        Args:
            seconds: ``(T,)`` time of each frame.
            rows: ``(T, 2 R + 2)`` rows of a ``MotionMeter``; NaN where the face was
                not found.

        Raises:
            ValueError: If the rows have another length, or as for the class.

        Examples:
            >>> row = np.zeros(2 * len(REGION_NAMES) + 2)
            >>> series = Series.from_rows([0.0, 0.1], [row, row * np.nan])
            >>> series.found.tolist()
            [True, False]
        """
        length = 2 * len(REGION_NAMES) + 2
        rows = np.asarray(rows, np.float32)
        if len(rows) and rows.shape[1:] != (length,):
            raise ValueError(
                f'a row of a MotionMeter has {length} values, got {rows.shape[1:]}')
        rows = rows.reshape(-1, length)
        return cls(np.asarray(seconds, np.float64),
                   rows[:, :-2].reshape(-1, len(REGION_NAMES), 2), rows[:, -2:],
                   np.isfinite(rows).all(axis=1))

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.seconds)

    def energy(self) -> np.ndarray:
        """Return how far each region is from where it usually is, for a timeline.

        Shapes:
            returns: ``(T, R)`` float32, inter-ocular distances; NaN where the face
            was not found.
        """
        energy = np.full(self.motion.shape[:2], np.nan, np.float32)
        for piece in pieces(self):
            flat = piece.motion.reshape(len(piece.seconds), -1)
            away = flat - baseline(flat, piece.rate, SLOW_SECONDS)
            away = np.hypot(*np.moveaxis(away.reshape(piece.motion.shape), -1, 0))
            at = piece.frames(self)
            for region, values in enumerate(away.T):
                energy[at, region] = np.interp(
                    self.seconds[at], piece.seconds, values)
        energy[~self.found] = np.nan
        return energy


@dataclass(frozen=True)
class Piece:
    """An even piece of a series without gaps.

    Attributes:
        seconds: ``(n,)`` time, evenly spaced.
        motion: ``(n, R, 2)`` as in the series, interpolated.
        eyes: ``(n, 2)`` as in the series, interpolated.
        core: First and last second that are this piece's own; the rest overlaps with
            its neighbours.
    """

    seconds: np.ndarray
    motion: np.ndarray
    eyes: np.ndarray
    core: tuple[float, float]

    @property
    def rate(self) -> float:
        """Values a second."""
        return 1.0 / float(self.seconds[1] - self.seconds[0])

    def frames(self, series: Series) -> np.ndarray:
        """Return the frames of the series that lie in the core.

        Args:
            series: Of which this is a piece.
        """
        first, last = self.core
        return np.flatnonzero((series.seconds >= first) & (series.seconds <= last))


def pieces(series: Series) -> Iterator[Piece]:
    """Cut a series at its gaps, and into pieces of about a minute.

    So the memory that spotting needs does not grow with the series.

    Args:
        series: What was measured.

    Yields:
        Pieces of at least three frames, in order.

    Examples:
        >>> found = np.ones(200, bool)
        >>> found[80:120] = False
        >>> series = Series(np.arange(200) / 25, np.zeros((200, 3, 2)),
        ...                 np.ones((200, 2)), found)
        >>> [[round(float(s), 2) for s in piece.core] for piece in pieces(series)]
        [[0.0, 3.16], [4.8, 7.96]]
    """
    seen = np.flatnonzero(series.found)
    if not len(seen):
        return
    cuts = np.flatnonzero(np.diff(series.seconds[seen]) > BRIDGE_SECONDS) + 1
    for run in np.split(seen, cuts):
        first, last = series.seconds[run[[0, -1]]].tolist()
        count = max(1, round((last - first) / PIECE_SECONDS))
        edges = np.linspace(first, last, count + 1)
        for core in zip(edges[:-1], edges[1:]):
            low, high = np.searchsorted(
                series.seconds[run], [core[0] - MARGIN_SECONDS,
                                      core[1] + MARGIN_SECONDS])
            if high - low >= 3:
                yield _even(series, run[low:high], core)


def _even(series: Series, frames: np.ndarray, core: tuple[float, float]) -> Piece:
    times = series.seconds[frames]
    rate = min(1.0 / float(np.median(np.diff(times))), MOST_RATE)
    count = max(3, int((times[-1] - times[0]) * rate + 0.5) + 1)
    even = np.linspace(times[0], times[-1], count)
    values = np.concatenate(
        [series.motion[frames].reshape(len(frames), -1), series.eyes[frames]], axis=1)
    spread = np.stack([np.interp(even, times, column) for column in values.T], axis=1)
    motion = spread[:, :-2].reshape(count, -1, 2)
    return Piece(even, motion, spread[:, -2:], core)
