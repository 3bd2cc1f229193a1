# Copyright (c) AULLM-MM contributors.
"""Emotion names of the corpora and the AU prototypes of basic emotions."""
from __future__ import annotations

from types import MappingProxyType
from typing import Mapping

#: Emotions that micro-expression corpora label, in the spelling used here.
EMOTIONS = ('anger', 'contempt', 'disgust', 'fear', 'happiness', 'others',
            'repression', 'sadness', 'surprise')

#: Where the AU sets of :data:`EMOTION_PROTOTYPES` come from.
PROTOTYPE_SOURCE = ('EMFACS prototypes (Friesen and Ekman), as public '
                    'micro-expression code quotes them')

#: AU sets whose joint appearance stands for an emotion; every set of an emotion is
#: an alternative. They describe full-blown expressions: a micro-expression often
#: shows a part of one, and one AU set carries several emotion labels in the corpora.
EMOTION_PROTOTYPES: Mapping[str, tuple[frozenset[int], ...]] = MappingProxyType({
    'happiness': (frozenset({6, 12}), frozenset({12})),
    'sadness': (frozenset({1, 4, 15}), frozenset({1, 4, 15, 17}), frozenset({6, 15})),
    'surprise': (frozenset({1, 2, 5, 26}),),
    'fear': (frozenset({1, 2, 4, 5, 7, 20, 26}), frozenset({5, 20})),
    'anger': (frozenset({4, 5, 7, 23}), frozenset({4, 5, 7, 24})),
    'disgust': (frozenset({9, 15, 16}), frozenset({9, 15, 17}), frozenset({10, 17}),
                frozenset({9, 10})),
    'contempt': (frozenset({12, 14}),),
})

_ALIASES = MappingProxyType({
    'other': 'others', 'happy': 'happiness', 'happyiness': 'happiness',
    'sad': 'sadness', 'angry': 'anger', 'surprised': 'surprise',
})


def canonical_emotion(text: str) -> str:
    """Return a corpus's emotion label in one spelling.

    Labels outside :data:`EMOTIONS` (``'positive'``, for instance) stay as they are,
    in lower case: what a corpus calls an emotion is its own decision.

    Args:
        text: The label as coded.

    Examples:
        >>> canonical_emotion(' Other ')
        'others'
    """
    label = text.strip().lower()
    return _ALIASES.get(label, label)
