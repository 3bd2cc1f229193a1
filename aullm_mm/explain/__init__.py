# Copyright (c) AULLM-MM contributors.
"""Why a model gives the answer it gives: the deduction trace and its checks."""
from .reading import ModelReader
from .regions import FACE_REGIONS, region_masks
from .text import numbers_of, values_of, write_text
from .trace import trace_clips

__all__ = [
    'FACE_REGIONS', 'ModelReader', 'numbers_of', 'region_masks', 'trace_clips',
    'values_of', 'write_text'
]
