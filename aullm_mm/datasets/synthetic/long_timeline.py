# Copyright (c) AULLM-MM contributors.
"""What happens when in a long semi-synthetic video: movements and blinks.

Everything is drawn in seconds, so that one seed gives the same events at every frame
rate.
"""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .coding_table import draw_movements
from .domain import STATISTICS
from .movements import Movement
from .statistics import draw_au_sets
from .timecourse import activation

# Seconds from onset to offset, log-uniform: what the field calls micro (at most half
# a second) and what is plainly longer.
DURATIONS = {'micro': (0.18, 0.5), 'macro': (0.7, 2.0)}
MACRO_INTENSITY = (0.45, 0.9)  # of the full movement
NEUTRAL = 1.0  # least seconds between two movements, and before the first
SIDED_SHARE = 0.25
BLINK_PAUSE = 0.6  # least seconds between two blinks


@dataclass(frozen=True)
class LongVideoParameters:
    """What determines a long video.

    Attributes:
        seed: Seed of everything, the person included; at least 0.
        seconds: Length of the video.
        fps: Frames a second.
        amplitude: Factor on the micro-expressions, 1 is the generator's usual one.
        nuisance: Factor on head motion, light, noise and twitches.
        micro_rate: Micro-expressions a minute.
        macro_rate: Longer and larger expressions a minute.
        blink_rate: Blinks a minute.
        size: Height and width of the picture in pixels; the head takes most of it.

    Raises:
        ValueError: If a value is out of its range, or the movements asked for do not
            fit into the seconds.

    Examples:
        >>> LongVideoParameters(seconds=60.0, fps=25.0).frames
        1500
    """

    seed: int = 0
    seconds: float = 30.0
    fps: float = 30.0
    amplitude: float = 1.0
    nuisance: float = 1.0
    micro_rate: float = 12.0
    macro_rate: float = 4.0
    blink_rate: float = 17.0
    size: int = 320

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        limits = {'seed': 0, 'seconds': 1.0, 'fps': 1.0, 'amplitude': 0, 'nuisance': 0,
                  'micro_rate': 0, 'macro_rate': 0, 'blink_rate': 0, 'size': 160}
        for name, low in limits.items():
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= low):
                raise ValueError(f'{name} must be at least {low}, got {value}')

    @property
    def frames(self) -> int:
        """Number of frames."""
        return round(self.seconds * self.fps)

    def count(self, kind: str) -> int:
        """Return how many movements of a kind the video has.

        Args:
            kind: ``'micro'`` or ``'macro'``.
        """
        rate = self.micro_rate if kind == 'micro' else self.macro_rate
        return round(rate * self.seconds / 60.0)


@dataclass(frozen=True)
class Event:
    """One movement of a long video.

    Attributes:
        kind: ``'micro'`` or ``'macro'``.
        onset: Second at which it begins.
        apex: Second of its peak; of a held one, the middle of the hold.
        offset: Second at which it has ended, apart from what fades late.
        hold: Seconds for which it stays at its peak.
        movements: The AUs.

    Examples:
        >>> event = Event('micro', 1.0, 1.2, 1.4, 0.0, (Movement(4, None, 0.2),))
        >>> round(event.offset - event.onset, 3)
        0.4
    """

    kind: str
    onset: float
    apex: float
    offset: float
    hold: float
    movements: tuple[Movement, ...]


def draw_events(rng: np.random.Generator, parameters: LongVideoParameters
                ) -> list[Event]:
    """Draw the movements of a long video, with neutral face between them.

    Args:
        rng: Source of randomness.
        parameters: What the video is made with.

    Returns:
        The movements, in order.

    Raises:
        ValueError: If they do not fit into the video.

    Examples:
        >>> events = draw_events(np.random.default_rng(0), LongVideoParameters())
        >>> sorted({event.kind for event in events}), len(events)
        (['macro', 'micro'], 8)
    """
    kinds = [kind for kind in DURATIONS for _ in range(parameters.count(kind))]
    kinds = [kinds[index] for index in rng.permutation(len(kinds))]
    lengths = [float(np.exp(rng.uniform(*np.log(DURATIONS[kind])))) for kind in kinds]
    spare = parameters.seconds - sum(lengths) - NEUTRAL * (len(kinds) + 1)
    if spare < 0:
        raise ValueError(
            f'{len(kinds)} movements do not fit into {parameters.seconds} s: lower '
            'micro_rate or macro_rate, or make the video longer')
    gaps = NEUTRAL + spare * rng.dirichlet(np.full(len(kinds) + 1, 2.0))
    onsets = np.cumsum(gaps[:-1]) + np.cumsum([0.0, *lengths[:-1]])[:len(kinds)]
    au_sets = draw_au_sets(rng, max(len(kinds), 1), STATISTICS['even'])
    return [_event(rng, *each, parameters.amplitude)
            for each in zip(kinds, onsets.tolist(), lengths, au_sets)]


def _event(rng: np.random.Generator, kind: str, onset: float, length: float,
           aus: tuple[int, ...], amplitude: float) -> Event:
    sided = bool(rng.random() < SIDED_SHARE)
    movements = tuple(draw_movements(rng, aus, sided, amplitude))
    hold = 0.0
    if kind == 'macro':
        hold = float(rng.uniform(0.0, 0.5)) * length
        movements = tuple(Movement(m.au, m.side, float(rng.uniform(*MACRO_INTENSITY)))
                          for m in movements)
    rise = float(rng.uniform(0.35, 0.55)) * (length - hold)
    return Event(kind, onset, onset + rise + hold / 2, onset + length, hold, movements)


def event_course(rng: np.random.Generator, event: Event, seconds: np.ndarray
                 ) -> np.ndarray:
    """Draw the time course of one AU of a movement.

    The AUs of one expression do not move quite in step; what is left of one at the
    offset fades within a few tenths of a second.

    Args:
        rng: Source of randomness.
        event: The movement.
        seconds: ``(T,)`` when to tell it.

    Shapes:
        returns: ``(T,)`` strength of 0 to 1.

    Examples:
        >>> event = Event('micro', 1.0, 1.2, 1.4, 0.0, ())
        >>> rng = np.random.default_rng(0)
        >>> event_course(rng, event, np.array([0.9, 1.2, 3.9])).round(1).tolist()
        [0.0, 1.0, 0.0]
    """
    jitter = 0.03 * (event.offset - event.onset - event.hold)
    onset = event.onset + abs(rng.normal(0.0, jitter))
    peak = event.apex - event.hold / 2 + rng.normal(0.0, jitter)
    offset = event.offset - event.hold - abs(rng.normal(0.0, jitter))
    rest = float(np.clip(rng.normal(0.05, 0.08), 0.0, 0.3))
    # Time stands still while the peak is held.
    moments = seconds - np.clip(seconds - peak, 0.0, event.hold)
    course = activation(moments, onset, peak, offset, rest=rest,
                        power=float(np.exp(rng.normal(0.0, 0.15))))
    fade = np.exp(-np.maximum(moments - offset, 0.0) / rng.uniform(0.1, 0.25))
    return np.where(moments > offset, rest * fade, course)


def draw_blink_starts(rng: np.random.Generator, parameters: LongVideoParameters
                      ) -> np.ndarray:
    """Draw when the lids begin to close.

    Args:
        rng: Source of randomness.
        parameters: What the video is made with.

    Shapes:
        returns: ``(blinks,)`` seconds, rising.

    Examples:
        >>> rng = np.random.default_rng(0)
        >>> len(draw_blink_starts(rng, LongVideoParameters(blink_rate=0.0)))
        0
    """
    if not parameters.blink_rate:
        return np.zeros(0)
    mean = max(60.0 / parameters.blink_rate - BLINK_PAUSE, 0.05)
    most = int(parameters.seconds / BLINK_PAUSE) + 1
    starts = np.cumsum(BLINK_PAUSE + rng.exponential(mean, most))
    return starts[starts < parameters.seconds - BLINK_PAUSE]
