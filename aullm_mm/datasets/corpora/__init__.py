# Copyright (c) AULLM-MM contributors.
"""Readers of official corpus releases; one module a corpus."""
from aullm_mm.datasets.corpora.prepare import (CORPORA, ensure_annotations,
                                               prepare_corpus, read_corpus)
from aullm_mm.datasets.corpora.report import format_report

__all__ = ['CORPORA', 'ensure_annotations', 'format_report', 'prepare_corpus',
           'read_corpus']
