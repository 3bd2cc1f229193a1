# Copyright (c) AULLM-MM contributors.
from .augmentation import AugmentMotion
from .cache_clip import CacheClip
from .canonical_flow import CanonicalFaceFlow
from .flow import OnsetApexFlow
from .formatting import FormatMotion, PackAUInputs
from .loading import LoadMicroExpressionFrames, ResizeFrames
from .registration import RegisterToOnset
from .sampling import OnsetApexPair, SampleOnsetToOffset

__all__ = [
    'AugmentMotion', 'CacheClip', 'CanonicalFaceFlow', 'FormatMotion',
    'LoadMicroExpressionFrames',
    'OnsetApexFlow', 'OnsetApexPair', 'PackAUInputs', 'RegisterToOnset',
    'ResizeFrames', 'SampleOnsetToOffset'
]
