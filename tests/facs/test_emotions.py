# Copyright (c) AULLM-MM contributors.
"""Emotions as coded, and their classes in the schemes of the field."""
import pytest

from aullm_mm.facs.emotions import (EMOTION_SCHEMES, EMOTIONS, emotion_class,
                                    emotion_classes)


@pytest.mark.parametrize('scheme', EMOTION_SCHEMES)
def test_no_emotion_is_in_two_classes(scheme):
    named = [e for group in EMOTION_SCHEMES[scheme].values() for e in group]
    assert len(named) == len(set(named))


@pytest.mark.parametrize('scheme', ['5', '5-samm', '7'])
def test_schemes_with_others_place_every_emotion(scheme):
    assert all(emotion_class(e, scheme) in emotion_classes(scheme) for e in EMOTIONS)


def test_megc_leaves_others_out_and_takes_its_own_classes():
    assert emotion_class('others', '3') is None and emotion_class(None, '3') is None
    assert [emotion_class(e, '3') for e in ('Positive', 'repression', 'happy')] == [
        'positive', 'negative', 'positive']


def test_unknown_scheme_is_named():
    with pytest.raises(ValueError, match="unknown emotion scheme '4': choose one of"):
        emotion_class('disgust', '4')
