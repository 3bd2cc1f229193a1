# Copyright (c) AULLM-MM contributors.
"""How many cores this process may use."""
from __future__ import annotations

import os


def available_cores() -> int:
    """Cores that this process is allowed to run on, at least one.

    Examples:
        >>> available_cores() >= 1
        True
    """
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:  # not on macOS
        return max(1, os.cpu_count() or 1)
