# Copyright (c) AULLM-MM contributors.
"""Semi-synthetic corpora with known AUs, in official corpus layouts."""
from .corpus import describe_existing, make_corpus
from .parameters import LAYOUTS, CorpusParameters

__all__ = ['LAYOUTS', 'CorpusParameters', 'describe_existing', 'make_corpus']
