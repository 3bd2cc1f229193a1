# Copyright (c) AULLM-MM contributors.
"""Clips that reach a metric twice count once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def unique_clips(results: Sequence[dict], metric: str) -> list[dict]:
    """Drop repetitions of a clip id; clips without one are all kept.

    Args:
        results (Sequence[dict]): One dict a clip, with ``clip_id``, ``subject`` and
            ``labels``.
        metric (str): Name of the metric, for messages.

    Returns:
        list[dict]: The first of each clip.

    Raises:
        ValueError: If there is no clip, or one clip id has two labels or subjects.

    Examples:
        >>> clip = dict(clip_id='casme2/sub01/a', subject='casme2/sub01', labels=[1])
        >>> len(unique_clips([clip, clip], 'AUMetric'))
        1
    """
    if not results:
        raise ValueError(f'{metric} got no clip to judge: is the dataset empty?')
    unique: dict[Any, dict] = {}
    for position, clip in enumerate(results):
        key = ('unnamed', position) if clip['clip_id'] is None else clip['clip_id']
        first = unique.setdefault(key, clip)
        if first['labels'] != clip['labels'] or first['subject'] != clip['subject']:
            raise ValueError(
                f'{metric}: two different clips share the clip_id {key!r} (labels '
                f'{first["labels"]} and {clip["labels"]}, subjects '
                f'{first["subject"]!r} and {clip["subject"]!r}). Use an id that '
                'includes corpus and subject.'
            )
    return list(unique.values())
