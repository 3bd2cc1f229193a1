# Copyright (c) AULLM-MM contributors.
"""Counts of the real CASME II coding table, and draws that keep them."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from aullm_mm.facs.relations import load_relations

# Rows with one, two, ... AUs; rows that code an AU; rows by emotion. The table
# gives at most 2 for each AU outside the first eleven.
AUS_PER_CLIP = MappingProxyType({1: 160, 2: 75, 3: 20, 4: 2})
AU_COUNTS = MappingProxyType({
    4: 129, 7: 38, 12: 35, 14: 27, 1: 27, 17: 25, 2: 21, 10: 17, 15: 16,
    9: 13, 6: 13, 5: 2, 16: 2, 18: 2, 20: 1, 23: 1, 24: 2, 25: 2, 26: 2,
    38: 2, 11: 1})
EMOTION_COUNTS = MappingProxyType({
    'others': 99, 'disgust': 63, 'happiness': 33, 'repression': 27,
    'surprise': 25, 'sadness': 8, 'fear': 2})
TOTAL_ROWS = 257
SIDED_ROWS, UNCERTAIN_ROWS, UNKNOWN_APEX_ROWS = 50, 5, 3
# What an emotion's rows usually code, as weights; rarest emotions choose first.
EMOTION_AUS = MappingProxyType({
    'fear': {1: 2, 2: 2, 4: 2, 5: 8, 20: 9},
    'sadness': {1: 8, 15: 3, 17: 1},
    'surprise': {1: 6, 2: 9, 5: 4, 25: 2, 26: 2},
    'repression': {14: 5, 15: 7, 17: 7, 24: 5, 23: 4},
    'happiness': {12: 9, 6: 7, 14: 1, 25: 1},
    'disgust': {9: 9, 10: 8, 7: 2, 4: 1.5, 16: 2, 38: 2},
    'others': {4: 1, 7: 1, 14: 1, 17: 1, 18: 2}})
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
    rng: np.random.Generator, clips: int
) -> list[tuple[int, ...]]:
    """Draw the AUs of every clip with the real table's counts.

    Rows with many AUs are drawn first. Each row draws its AUs one by one,
    weighted by what is left of each AU's count and by its relations to those
    already in the row; so the counts hold exactly as far as rows allow.

    Args:
        rng: Source of randomness.
        clips: Number of clips.

    Returns:
        One tuple of distinct AUs a clip, in random order.

    Examples:
        >>> sets = draw_au_sets(np.random.default_rng(0), 256)
        >>> 120 < sum(4 in aus for aus in sets) < 135
        True
    """
    sizes = [size for size, count in scale_counts(AUS_PER_CLIP, clips).items()
             for _ in range(count)]
    left = scale_counts(AU_COUNTS, sum(sizes))
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
    rng: np.random.Generator, au_sets: Sequence[tuple[int, ...]]
) -> list[str]:
    """Give every clip an emotion that fits its AUs, with the real counts.

    Args:
        rng: Source of randomness.
        au_sets: AUs of every clip.

    Returns:
        One emotion a clip.

    Examples:
        >>> emotions = draw_emotions(np.random.default_rng(0), [(12,)] * 10)
        >>> emotions.count('happiness')
        1
    """
    counts = scale_counts(EMOTION_COUNTS, len(au_sets))
    emotions = [''] * len(au_sets)
    for emotion in EMOTION_AUS:
        for _ in range(counts[emotion]):
            weights = {
                index: float(np.prod([EMOTION_AUS[emotion].get(au, 0.03)
                                      for au in aus]))
                for index, aus in enumerate(au_sets) if not emotions[index]}
            emotions[pick(rng, weights)] = emotion
    return emotions
