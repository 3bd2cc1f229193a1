# Copyright (c) AULLM-MM contributors.
"""Semi-synthetic corpora with known AUs, in official corpus layouts."""
from .casme2_layout import describe_existing, make_corpus
from .parameters import CorpusParameters

__all__ = ['CorpusParameters', 'describe_existing', 'make_corpus']
