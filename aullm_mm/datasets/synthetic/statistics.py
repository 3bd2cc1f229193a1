# Copyright (c) AULLM-MM contributors.
"""Counts of a real coding table, and draws that keep them."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from aullm_mm.facs.relations import load_relations


@dataclass(frozen=True)
class TableCounts:
    """Counts of the coding table that is imitated.

    Attributes:
        aus_per_clip: Rows by their number of AUs.
        aus: Rows that code an AU, by AU.
        emotions: Rows by emotion.
        emotion_aus: What an emotion's rows usually code, as weights; the
            emotions choose their rows in this order.
        sided: Rows that are asked for a one-sided AU; a few of them have none
            that could be.
        unsure: Rows whose coder was unsure of an AU.
        no_apex: Rows without an apex.

    Examples:
        >>> TableCounts({1: 4, 2: 1}, {4: 6}, {}, {}, 0, 0, 0).rows
        5
    """

    aus_per_clip: Mapping[int, int]
    aus: Mapping[int, int]
    emotions: Mapping[str, int]
    emotion_aus: Mapping[str, Mapping[int, float]]
    sided: int
    unsure: int
    no_apex: int

    @property
    def rows(self) -> int:
        """Number of rows of the table."""
        return sum(self.aus_per_clip.values())


# AUs that seldom come alone are used up by the rows with several AUs.
SOCIABILITY = MappingProxyType({6: 6.0, 2: 5.0, 1: 2.0, 7: 2.0, 9: 1.5})
# Pairs of AUs without a relation, and the factor of each source for one.
NEUTRAL, VOTE, MOST_VOTES = 0.3, 6.0, 2


def scale_counts(counts: Mapping, total: int) -> dict:
    """Scale counts to another total, keeping their proportions.

    Largest remainders are rounded up; no entry is raised above its share by
    more than one.

    Args:
        counts: Count by key.
        total: Wanted sum.

    Returns:
        Whole count by key, summing to ``total``.

    Examples:
        >>> scale_counts({'a': 3, 'b': 1}, 8)
        {'a': 6, 'b': 2}
    """
    shares = {key: count * total / sum(counts.values())
              for key, count in counts.items()}
    whole = {key: int(share) for key, share in shares.items()}
    missing = total - sum(whole.values())
    by_rest = sorted(shares, key=lambda key: whole[key] - shares[key])
    for key in by_rest[:missing]:
        whole[key] += 1
    return whole


def au_affinity() -> dict[tuple[int, int], float]:
    """Return how readily two AUs come together, from the AU relations.

    Sources that say synergy count for the pair, those that say antagonism
    against it.

    Returns:
        Weight by pair (both orders); pairs without a relation are left out.

    Examples:
        >>> au_affinity()[1, 2] > au_affinity()[12, 15]
        True
    """
    votes: dict[tuple[int, int], int] = {}
    for relation in load_relations():
        pair = (relation.first, relation.second)
        vote = {'synergy': 1, 'antagonism': -1}.get(relation.sign, 0)
        votes[pair] = votes.get(pair, 0) + vote
    affinity = {}
    for pair, vote in votes.items():
        vote = min(max(vote, -MOST_VOTES), MOST_VOTES)
        affinity[pair] = affinity[pair[::-1]] = NEUTRAL * VOTE ** vote
    return affinity


def draw_au_sets(
    rng: np.random.Generator, clips: int, counts: TableCounts
) -> list[tuple[int, ...]]:
    """Draw the AUs of every clip with the real table's counts.

    Rows with many AUs are drawn first. Each row draws its AUs one by one,
    weighted by what is left of each AU's count and by its relations to those
    already in the row; so the counts hold exactly as far as rows allow.

    Args:
        rng: Source of randomness.
        clips: Number of clips.
        counts: Counts of the real table.

    Returns:
        One tuple of distinct AUs a clip, in random order.

    Examples:
        >>> counts = TableCounts({1: 3, 2: 1}, {4: 3, 7: 2}, {}, {}, 0, 0, 0)
        >>> sets = draw_au_sets(np.random.default_rng(0), 8, counts)
        >>> sum(4 in aus for aus in sets), sum(7 in aus for aus in sets)
        (6, 4)
    """
    per_clip = scale_counts(counts.aus_per_clip, clips)
    sizes = [size for size, count in per_clip.items() for _ in range(count)]
    left = scale_counts(counts.aus, sum(sizes))
    affinity = au_affinity()
    sets = []
    for size in sorted(sizes, reverse=True):
        chosen: list[int] = []
        while len(chosen) < size:
            weights = {
                au: count * (SOCIABILITY.get(au, 1.0) if size > 1 else 1.0)
                * float(np.prod([affinity.get((au, other), NEUTRAL)
                                 for other in chosen]))
                for au, count in left.items() if au not in chosen}
            if not any(weights.values()):
                break  # a tiny corpus: only AUs that the row already has
            au = pick(rng, weights)
            left[au] -= 1
            chosen.append(au)
        sets.append(tuple(chosen))
    return [sets[index] for index in rng.permutation(len(sets))]


def pick(rng: np.random.Generator, weights: Mapping) -> object:
    """Draw one key with probability proportional to its weight.

    Args:
        rng: Source of randomness.
        weights: Weight by key, not all zero.

    Returns:
        The key.

    Examples:
        >>> pick(np.random.default_rng(0), {'a': 0.0, 'b': 2.0})
        'b'
    """
    keys = list(weights)
    values = np.array([weights[key] for key in keys], np.float64)
    return keys[int(rng.choice(len(keys), p=values / values.sum()))]


def draw_emotions(
    rng: np.random.Generator, au_sets: Sequence[tuple[int, ...]],
    counts: TableCounts
) -> list[str]:
    """Give every clip an emotion that fits its AUs, with the real counts.

    Args:
        rng: Source of randomness.
        au_sets: AUs of every clip.
        counts: Counts of the real table.

    Returns:
        One emotion a clip.

    Examples:
        >>> usual = {'fear': {5: 8}, 'others': {4: 1}}
        >>> counts = TableCounts({}, {}, {'fear': 1, 'others': 3}, usual, 0, 0, 0)
        >>> rng = np.random.default_rng(0)
        >>> draw_emotions(rng, [(5,), (4,), (4,), (4,)], counts)
        ['fear', 'others', 'others', 'others']
    """
    wanted = scale_counts(counts.emotions, len(au_sets))
    emotions = [''] * len(au_sets)
    for emotion, usual in counts.emotion_aus.items():
        weights = {
            index: float(np.prod([usual.get(au, 0.03) for au in aus]))
            for index, aus in enumerate(au_sets) if not emotions[index]}
        for _ in range(wanted[emotion]):
            index = pick(rng, weights)
            emotions[index] = emotion
            del weights[index]
    return emotions
