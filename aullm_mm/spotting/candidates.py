# Copyright (c) AULLM-MM contributors.
"""Candidate movements in the channels of a face, up to one length."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .peaks import find_movements, measure_peak
from .signals import baseline, noise_level

# A channel is asked if its peak has this share of the score that a movement needs:
# channels that move together may make up for it.
CHANNEL_SHARE = 0.6
# Peaks of two channels are one movement if they share this much of their time.
SAME_MOVEMENT = 0.25


@dataclass(frozen=True)
class ChannelPeak:
    """A peak of one channel: one region, one axis.

    Attributes:
        channel: Number of the channel.
        sign: 1 for a movement right or down, -1 for left or up.
        onset: Where it begins, in values.
        apex: Where it is highest.
        offset: Where it ends.
        height: How far it goes, inter-ocular distances.
        noise: Standard deviation of the channel's noise there.
    """

    channel: int
    sign: float
    onset: float
    apex: int
    offset: float
    height: float
    noise: float

    @property
    def score(self) -> float:
        """Height over noise."""
        return self.height / self.noise


@dataclass(frozen=True)
class Candidate:
    """A movement of several channels.

    Attributes:
        onset: Where it begins, in values.
        apex: Where it is strongest.
        offset: Where it ends.
        score: Height of the sum of its channels over the noise of that sum.
        height: How far the channel that moves most goes, inter-ocular distances.
        peaks: Its channels' peaks, the strongest score first.
    """

    onset: float
    apex: int
    offset: float
    score: float
    height: float
    peaks: tuple[ChannelPeak, ...]

    def meets(self, other: Candidate) -> bool:
        """Return whether two movements share time.

        Args:
            other: The other one.
        """
        return self.onset <= other.offset and other.onset <= self.offset


def find_candidates(
    motion: np.ndarray, rate: float, longest: float, least_score: float,
    least_motion: float, noise_window: float, usable: np.ndarray | None = None,
) -> list[Candidate]:
    """Find movements of at most one length.

    What is slower than twice that length is taken out first. Each channel's noise is
    then measured, its peaks of either sign are found, peaks at one time are grouped,
    and each group's channels are added up by their heights over their noise variances
    (a matched filter), from which apex, onset, offset and score are read.

    Args:
        motion: ``(n, C)`` channels, inter-ocular distances.
        rate: Values a second.
        longest: Longest movement in seconds.
        least_score: Least score.
        least_motion: Least way of the channel that moves most; also the least noise
            is taken to be this over ``least_score``.
        noise_window: Seconds over which noise is measured.
        usable: ``(n, C)`` bool, where an apex may lie; None for everywhere.

    Returns:
        Movements, in no order; their onsets and offsets may overlap.

    Examples:
        >>> rng = np.random.default_rng(0)
        >>> motion = rng.normal(0.0, 3e-4, (300, 4))
        >>> motion[100:113, 2] += 0.01 * np.hanning(13)
        >>> found, = find_candidates(motion, 30.0, 0.75, 8.0, 0.002, 20.0)
        >>> abs(found.apex - 106) <= 1, found.peaks[0].channel
        (True, 2)
    """
    away = motion - baseline(motion, rate, 2.0 * longest)
    noise = np.maximum(
        noise_level(away, rate, noise_window), least_motion / least_score)
    reach = 2.0 * longest * rate
    peaks = [peak for peak in _channel_peaks(
        away, noise, CHANNEL_SHARE * least_score, reach, usable)
        if peak.offset - peak.onset <= longest * rate]
    found = [_add_up(group, away, rate, reach, noise_window)
             for group in _groups(peaks)]
    return [c for c in found if c.score >= least_score and c.height >= least_motion
            and c.offset - c.onset <= longest * rate]


def _channel_peaks(
    away: np.ndarray, noise: np.ndarray, least_score: float, reach: float,
    usable: np.ndarray | None
) -> list[ChannelPeak]:
    found = []
    for channel in range(away.shape[1]):
        for sign in (1.0, -1.0):
            peaks = find_movements(sign * away[:, channel],
                                   least_score * noise[:, channel], reach)
            rows = zip(peaks.onsets.tolist(), peaks.apexes.tolist(),
                       peaks.offsets.tolist(), peaks.heights.tolist())
            found += [
                ChannelPeak(channel, sign, *row, float(noise[row[1], channel]))
                for row in rows if usable is None or usable[row[1], channel]]
    return found


def _groups(peaks: list[ChannelPeak]) -> list[list[ChannelPeak]]:
    """Peaks that are one movement, one a channel, the strongest first."""
    left = sorted(peaks, key=lambda peak: -peak.score)
    groups = []
    while left:
        first, group, apart = left[0], {}, []
        for peak in left:
            shared = _shared(first, peak)
            if shared >= SAME_MOVEMENT:
                group.setdefault(peak.channel, peak)
            elif shared <= 0.0:
                apart.append(peak)
        groups.append(list(group.values()))
        left = apart
    return groups


def _shared(a: ChannelPeak, b: ChannelPeak) -> float:
    both = min(a.offset, b.offset) - max(a.onset, b.onset)
    return both / max(max(a.offset, b.offset) - min(a.onset, b.onset), 1e-9)


def _add_up(
    group: list[ChannelPeak], away: np.ndarray, rate: float, reach: float,
    noise_window: float
) -> Candidate:
    weights = np.array([peak.sign * peak.height / peak.noise ** 2 for peak in group])
    total = away[:, [peak.channel for peak in group]] @ weights
    low = int(group[0].onset)
    apex = low + int(total[low:int(np.ceil(group[0].offset)) + 1].argmax())
    peak = measure_peak(total, apex, reach)
    noise = noise_level(total[:, None], rate, noise_window)[apex, 0]
    # No more than the channels would have if their noises were independent.
    most = float(np.sqrt(sum(each.score ** 2 for each in group)))
    score = min(float(peak.heights[0]) / max(float(noise), 1e-12), most)
    return Candidate(
        float(peak.onsets[0]), apex, float(peak.offsets[0]), score,
        max(each.height for each in group), tuple(group))
