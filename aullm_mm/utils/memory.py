# Copyright (c) AULLM-MM contributors.
"""Keeping freed memory, so that every step need not ask the system for it again."""
from __future__ import annotations

import ctypes
import sys

# Parameters of glibc's mallopt, from malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGEST = 1 << 30


def keep_freed_memory() -> bool:
    """Tell glibc to keep large freed blocks instead of handing them back.

    A training step allocates and frees the same large tensors again and again; on a CPU
    the page faults of handing them back and forth cost as much as the arithmetic of a
    small network.

    Returns:
        bool: Whether the C library understood (glibc on Linux does).
    """
    if not sys.platform.startswith('linux'):
        return False
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)
    if mallopt is None:  # musl
        return False
    return bool(
        mallopt(M_MMAP_THRESHOLD, LARGEST) and mallopt(M_TRIM_THRESHOLD, LARGEST))
