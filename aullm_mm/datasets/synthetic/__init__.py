# Copyright (c) AULLM-MM contributors.
"""Semi-synthetic corpora with known AUs, in official corpus layouts."""
from .corpus import describe_existing, make_corpus
from .domain import LAYOUTS, STATISTICS
from .parameters import CorpusParameters
from .presets import PRESETS, describe_presets, make_parameters

__all__ = ['LAYOUTS', 'PRESETS', 'STATISTICS', 'CorpusParameters',
           'describe_existing', 'describe_presets', 'make_corpus', 'make_parameters']
