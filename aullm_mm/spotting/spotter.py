# Copyright (c) AULLM-MM contributors.
"""Candidate movements of a face: onset, apex and offset."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .blinks import eye_closure, find_blinks, over_blinks, within, without_blinks
from .candidates import Candidate, find_candidates
from .limits import SpottingLimits
from .peaks import Peaks
from .regions import LID_REGIONS, REGION_NAMES
from .series import Piece, Series, pieces
from .signals import smooth

SMOOTH_SECONDS = 0.025
# Lengths up to which movements are looked for, shortest first: this much of the
# longest micro-expression, and of the longest movement of all.
MICRO_BAND, MACRO_BANDS = 1.5, (0.4, 1.0)
# A long movement takes the place of short ones within it if it goes so much further.
OUTWEIGHS = 2.0
# A movement during a blink has to stand out so much more.
BLINK_FACTOR = 2.0
# A region is named if it moves at least this much of what the strongest does.
NAMED_SHARE = 0.5
# Way down of both upper lids that makes a blink, in inter-ocular distances.
LID_DROP = 0.006
UPPER_LIDS = tuple(region for region in LID_REGIONS if 'upper' in REGION_NAMES[region])
LID_NAMES = tuple(REGION_NAMES[region] for region in LID_REGIONS)


@dataclass(frozen=True)
class Interval:
    """A spotted movement.

    Attributes:
        onset: Frame at which it begins: its index in the series.
        apex: Frame at which it is strongest.
        offset: Frame at which it has ended, inclusive.
        score: Height above the noise, in standard deviations; of a blink, how much
            less the eyes look as usual (0 to 1).
        regions: Names of the regions that move, strongest first.
        kind: ``'micro'``, ``'macro'`` (longer) or ``'blink'``.

    Examples:
        >>> Interval(3, 7, 12, 9.5, ('left upper lid',), 'micro').frames
        10
    """

    onset: int
    apex: int
    offset: int
    score: float
    regions: tuple[str, ...]
    kind: str

    @property
    def frames(self) -> int:
        """Number of frames, both ends included."""
        return self.offset - self.onset + 1


def spot(series: Series, limits: SpottingLimits = SpottingLimits()) -> list[Interval]:
    """Find movements and blinks in a series.

    Blinks are found by the look of the eyes; what they pull along is taken out of the
    skin's motion, and the lids are not asked meanwhile. Movements are then looked for
    by :func:`~aullm_mm.spotting.candidates.find_candidates` up to three lengths, from
    short to long. A longer one takes the place of the short ones within it if it goes
    at least twice as far; otherwise the short ones stay.

    Args:
        series: Of a ``MotionMeter``.
        limits: What counts as a movement.

    Returns:
        Movements and blinks by onset.

    Examples:
        >>> rng = np.random.default_rng(0)
        >>> motion = rng.normal(0.0, 3e-4, (300, len(REGION_NAMES), 2))
        >>> motion[150:161, 0, 1] -= 0.01 * np.hanning(11)
        >>> series = Series(np.arange(300) / 30, motion, np.ones((300, 2)),
        ...                 np.ones(300, bool))
        >>> found, = spot(series)
        >>> found.kind, found.regions, abs(found.apex - 155) <= 1
        ('micro', ('right inner brow',), True)
    """
    found: list[Interval] = []
    for piece in pieces(series):
        frames = _nearest_frames(piece, series)
        for interval in _spot_piece(piece, limits):
            if piece.core[0] <= piece.seconds[interval.apex] <= piece.core[1]:
                ends = (int(frames[at]) for at in (
                    interval.onset, interval.apex, interval.offset))
                found.append(Interval(
                    *ends, interval.score, interval.regions, interval.kind))
    return sorted(found, key=lambda interval: (interval.onset, interval.offset))


def _nearest_frames(piece: Piece, series: Series) -> np.ndarray:
    """(n,) frame of the series that is nearest to each value of a piece."""
    middles = (series.seconds[1:] + series.seconds[:-1]) / 2
    return np.searchsorted(middles, piece.seconds)


def _spot_piece(piece: Piece, limits: SpottingLimits) -> list[Interval]:
    """Movements and blinks in positions of the piece."""
    rate, count = piece.rate, len(piece.seconds)
    closure = eye_closure(piece.eyes, rate)
    blinks = find_blinks(closure, rate, limits)
    motion, lids = _clean(piece, closure, blinks)
    usable = ~(within(count, blinks)[:, None] & lids)
    found = [_interval(candidate, limits, rate)
             for candidate in _all_bands(motion, rate, limits, usable, blinks)]
    rows = zip(blinks.onsets.tolist(), blinks.apexes.tolist(), blinks.offsets.tolist(),
               blinks.heights.tolist())
    return [movement for movement in found if movement] + [
        Interval(round(onset), apex, round(offset), round(height, 2), LID_NAMES,
                 'blink') for onset, apex, offset, height in rows]


def _clean(piece: Piece, closure: np.ndarray, blinks: Peaks
           ) -> tuple[np.ndarray, np.ndarray]:
    """Channels (n, 2 R) without blinks, and which of them are of the lids (2 R,)."""
    count = len(piece.seconds)
    motion = smooth(piece.motion.reshape(count, -1), piece.rate, SMOOTH_SECONDS)
    lids = np.isin(np.arange(motion.shape[1]) // 2, LID_REGIONS)
    motion[:, ~lids] = without_blinks(motion[:, ~lids], closure, blinks)
    motion[:, lids] = over_blinks(motion[:, lids], within(count, blinks))
    return motion, lids


def _stands_out(candidate: Candidate, blinks: Peaks, least_score: float) -> bool:
    meets = (blinks.onsets <= candidate.apex) & (candidate.apex <= blinks.offsets)
    return candidate.score >= least_score * (BLINK_FACTOR if meets.any() else 1.0)


def _all_bands(motion: np.ndarray, rate: float, limits: SpottingLimits,
               usable: np.ndarray, blinks: Peaks) -> list[Candidate]:
    """Movements of every length, but none that is a part of another."""
    kept = [candidate for candidate in find_candidates(
        motion, rate, MICRO_BAND * limits.longest, limits.least_score,
        limits.least_motion, limits.noise_window, usable)
        if _stands_out(candidate, blinks, limits.least_score)]
    for share in MACRO_BANDS:
        longer = find_candidates(
            motion, rate, share * limits.longest_macro, limits.least_macro_score,
            limits.least_macro_motion, limits.noise_window, usable)
        for candidate in sorted(longer, key=lambda c: -c.height):
            if limits.kind((candidate.offset - candidate.onset) / rate) == 'micro':
                continue
            inside = [other for other in kept if candidate.meets(other)]
            if all(OUTWEIGHS * other.height <= candidate.height for other in inside):
                kept = [other for other in kept if other not in inside] + [candidate]
    return kept


def _is_lid_drop(candidate: Candidate) -> bool:
    """Whether little but both upper lids moves, and they go down: a blink too small
    for the look of the eyes.
    """
    down = {peak.channel // 2: peak.height for peak in candidate.peaks
            if peak.channel % 2 == 1 and peak.sign > 0}
    upper = [down.get(region, 0.0) for region in UPPER_LIDS]
    skin = [peak.height for peak in candidate.peaks
            if peak.channel // 2 not in LID_REGIONS]
    return min(upper) >= max(LID_DROP, 2.0 * max(skin, default=0.0))


def _interval(candidate: Candidate, limits: SpottingLimits, rate: float
              ) -> Interval | None:
    seconds = (candidate.offset - candidate.onset) / rate
    if seconds < limits.shortest:
        return None
    kind = 'blink' if _is_lid_drop(candidate) else limits.kind(seconds)
    if kind == 'macro' and candidate.height < limits.least_macro_motion:
        return None
    named = dict.fromkeys(
        peak.channel // 2 for peak in sorted(candidate.peaks, key=lambda p: -p.height)
        if peak.height >= NAMED_SHARE * candidate.height)
    return Interval(
        round(candidate.onset), candidate.apex, round(candidate.offset),
        round(candidate.score, 2), tuple(REGION_NAMES[region] for region in named),
        kind)
