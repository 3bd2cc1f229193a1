# Copyright (c) AULLM-MM contributors.
"""Readers of official corpus releases; one module a corpus."""
from aullm_mm.datasets.corpora.align import align_corpus, format_alignment
from aullm_mm.datasets.corpora.check import FrameCheck, check_frames
from aullm_mm.datasets.corpora.prepare import (CORPORA, ensure_annotations, find_corpus,
                                               prepare_corpus, read_corpus)
from aullm_mm.datasets.corpora.report_text import format_report

__all__ = ['CORPORA', 'FrameCheck', 'align_corpus', 'check_frames',
           'ensure_annotations', 'find_corpus', 'format_alignment', 'format_report',
           'prepare_corpus', 'read_corpus']
