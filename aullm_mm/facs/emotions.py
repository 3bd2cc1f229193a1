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

_NEGATIVE = ('negative', 'anger', 'contempt', 'disgust', 'fear', 'repression',
             'sadness')
#: The field's coarse schemes: name of a class -> emotions that belong to it. An emotion
#: that no class names is left out of the scheme (None).
#: 3: the composite protocol of MEGC 2019 ("others" is left out; SMIC and CAS(ME)^2 code
#: these classes directly). 5: the scheme usual for CASME II and for SAMM, whose third
#: and fourth class differ. 7: six basic emotions and others, as CAS(ME)^3 codes.
EMOTION_SCHEMES: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType({
    '3': {'negative': _NEGATIVE, 'positive': ('positive', 'happiness'),
          'surprise': ('surprise',)},
    '5': {'happiness': ('happiness',), 'surprise': ('surprise',),
          'disgust': ('disgust',), 'repression': ('repression',),
          'others': ('others', 'anger', 'contempt', 'fear', 'sadness')},
    '5-samm': {'happiness': ('happiness',), 'surprise': ('surprise',),
               'anger': ('anger',), 'contempt': ('contempt',),
               'others': ('others', 'disgust', 'fear', 'repression', 'sadness')},
    '7': {'happiness': ('happiness',), 'surprise': ('surprise',),
          'disgust': ('disgust',), 'fear': ('fear',), 'anger': ('anger',),
          'sadness': ('sadness',), 'others': ('others', 'contempt', 'repression')},
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


def emotion_classes(scheme: str) -> tuple[str, ...]:
    """Return the classes of a scheme, in the order of labels.

    Args:
        scheme: A key of :data:`EMOTION_SCHEMES`.

    Raises:
        ValueError: If there is no such scheme.

    Examples:
        >>> emotion_classes('3')
        ('negative', 'positive', 'surprise')
    """
    if scheme not in EMOTION_SCHEMES:
        raise ValueError(f'unknown emotion scheme {scheme!r}: choose one of '
                         f'{list(EMOTION_SCHEMES)}')
    return tuple(EMOTION_SCHEMES[scheme])


def emotion_class(emotion: str | None, scheme: str) -> str | None:
    """Return the class of an emotion in one of the field's schemes.

    Args:
        emotion: The emotion as coded, or None where there is none.
        scheme: A key of :data:`EMOTION_SCHEMES`.

    Returns:
        The class, or None where the scheme leaves the emotion out.

    Raises:
        ValueError: If there is no such scheme.

    Examples:
        >>> emotion_class('Disgust', '3'), emotion_class('others', '3')
        ('negative', None)
    """
    names = emotion_classes(scheme)
    label = canonical_emotion(emotion or '')
    held = (name for name in names if label in EMOTION_SCHEMES[scheme][name])
    return next(held, None)
