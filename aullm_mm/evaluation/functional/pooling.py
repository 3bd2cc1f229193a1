# Copyright (c) AULLM-MM contributors.
"""Predictions of many folds as one set, matched by clip id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .thresholds import choose_thresholds


@dataclass(frozen=True)
class Predictions:
    """Labels and scores of clips, in a fixed order.

    Args:
        clip_ids: Id of each clip, distinct.
        subjects: Subject of each clip.
        corpora: Corpus of each clip.
        labels: 1 present, 0 absent, -1 unknown.
        scores: Probabilities in [0, 1].

    Shapes:
        - labels, scores: :math:`(clips, N)`
    """

    clip_ids: tuple[str, ...]
    subjects: tuple[str, ...]
    corpora: tuple[str, ...]
    labels: np.ndarray
    scores: np.ndarray

    def where(self, keep: Sequence[bool]) -> 'Predictions':
        """The clips for which ``keep`` is true."""
        keep = np.asarray(keep, dtype=bool)
        texts = (self.clip_ids, self.subjects, self.corpora)
        kept = (tuple(np.array(t, dtype=object)[keep]) for t in texts)
        return Predictions(*kept, self.labels[keep], self.scores[keep])


def predictions_of(clips: Sequence[dict]) -> Predictions:
    """Turn the clips of one result into arrays.

    Args:
        clips: ``clip_id``, ``subject``, ``corpus``, ``label`` and ``score`` each.

    Examples:
        >>> clip = dict(clip_id='c/s/a', subject='c/s', corpus='c',
        ...             label=[1], score=[.9])
        >>> predictions_of([clip]).scores.tolist()
        [[0.9]]
    """
    texts = (tuple(c[k] for c in clips) for k in ('clip_id', 'subject', 'corpus'))
    labels = np.array([c['label'] for c in clips], dtype=float)
    scores = np.array([c['score'] for c in clips], dtype=float)
    return Predictions(*texts, labels, scores)


def pool(parts: Sequence[Predictions]) -> Predictions:
    """Pool the test predictions of all folds, sorted by clip id.

    Args:
        parts: Predictions of each fold.

    Raises:
        ValueError: If a clip is predicted in two folds, or there is none.

    Examples:
        >>> one = Predictions(('b',), ('s',), ('c',), np.ones((1, 1)), np.ones((1, 1)))
        >>> two = Predictions(('a',), ('t',), ('c',), np.ones((1, 1)), np.ones((1, 1)))
        >>> pool([one, two]).clip_ids
        ('a', 'b')
    """
    ids = [clip for part in parts for clip in part.clip_ids]
    if not ids:
        raise ValueError('there is no prediction to pool')
    twice = sorted({clip for clip in ids if ids.count(clip) > 1}) if len(
        set(ids)) < len(ids) else []
    if twice:
        raise ValueError(f'{len(twice)} clip(s) are tested in two folds: '
                         f'{", ".join(twice[:5])}')
    order = np.argsort(ids)
    texts = ([text for part in parts for text in getattr(part, name)]
             for name in ('clip_ids', 'subjects', 'corpora'))
    arrays = (np.concatenate([getattr(part, name) for part in parts])[order]
              for name in ('labels', 'scores'))
    return Predictions(*(tuple(t[i] for i in order) for t in texts), *arrays)


def with_half_as_threshold(scores: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    r"""Stretch scores so that their thresholds become one half.

    .. math::
        s' = \tfrac{s}{2t} \; (s < t), \qquad
        s' = \tfrac12 + \tfrac{s - t}{2 (1 - t)} \; (s \ge t)

    So folds that chose thresholds of their own can be judged together. The order of
    scores within a fold stays.

    Args:
        scores: Probabilities.
        thresholds: One an AU.

    Shapes:
        - scores: :math:`(clips, N)`; thresholds: :math:`(N,)`

    Examples:
        >>> scores = np.array([[.1], [.2], [1.]])
        >>> with_half_as_threshold(scores, np.array([.2])).tolist()
        [[0.25], [0.5], [1.0]]
    """
    low, high = np.maximum(thresholds, 1e-12), np.maximum(1 - thresholds, 1e-12)
    below = np.minimum(scores / (2 * low), np.nextafter(0.5, 0))
    above = 0.5 + (scores - thresholds) / (2 * high)
    return np.where(scores < thresholds, below, np.clip(above, 0.5, 1))


def at_inner_thresholds(test: Predictions, val: Predictions) -> Predictions:
    """Test predictions of a fold, judged at thresholds of its validation subjects.

    Args:
        test: Test predictions of a fold.
        val: Predictions on clips of training subjects that were held out.

    Raises:
        ValueError: If a subject is in both.
    """
    shared = sorted(set(test.subjects) & set(val.subjects))
    if shared:
        raise ValueError(
            f'thresholds would be chosen on {len(shared)} test subject(s): '
            f'{", ".join(shared)}')
    thresholds = choose_thresholds(val.labels, val.scores)
    scores = with_half_as_threshold(test.scores, thresholds)
    return Predictions(
        test.clip_ids, test.subjects, test.corpora, test.labels, scores)
