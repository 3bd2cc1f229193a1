# Copyright (c) AULLM-MM contributors.
"""Which emotion prototypes a set of AUs is closest to."""
from __future__ import annotations

from typing import Iterable

from aullm_mm.facs.emotions import EMOTION_PROTOTYPES


def closest_prototypes(aus: Iterable[int], count: int = 3) -> list[dict]:
    r"""Prototypes that share most with an AU set, by Jaccard similarity.

    .. math:: J(A, P) = |A \cap P| / |A \cup P|

    It is a likeness of AU sets. A person's emotion does not follow from it.

    Args:
        aus: AU numbers.
        count: How many emotions at most. Defaults to 3.

    Returns:
        Emotions that share an AU, the most similar first, each with its best prototype
        (AU numbers) and the similarity; equal ones by name.

    Examples:
        >>> closest_prototypes([6, 12], count=1)
        [{'emotion': 'happiness', 'prototype': [6, 12], 'similarity': 1.0}]
        >>> closest_prototypes([])
        []
    """
    found = set(aus)
    rows = []
    for emotion, prototypes in EMOTION_PROTOTYPES.items():
        best = max(prototypes, key=lambda p: len(found & p) / len(found | p))
        similarity = round(len(found & best) / len(found | best), 3)
        if similarity > 0:
            rows.append(dict(
                emotion=emotion, prototype=sorted(best), similarity=similarity))
    return sorted(rows, key=lambda r: (-r['similarity'], r['emotion']))[:count]
