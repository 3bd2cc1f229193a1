# Copyright (c) AULLM-MM contributors.
"""Values that JSON can hold."""
from __future__ import annotations

import math
from typing import Any


def nan_to_none(value: Any) -> Any:
    """Replace NaN, which JSON does not have, by None, however deep it lies.

    Args:
        value: Dicts, lists, tuples and plain values.

    Examples:
        >>> nan_to_none({'f1': [0.5, float('nan')]})
        {'f1': [0.5, None]}
    """
    if isinstance(value, dict):
        return {key: nan_to_none(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [nan_to_none(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
