# Copyright (c) AULLM-MM contributors.
"""What a transform needs of those before it."""
from __future__ import annotations

from typing import Any, Mapping


def required(results: Mapping[str, Any], key: str, transform: str) -> Any:
    """Look up what an earlier transform must have made.

    Args:
        results: The clip on its way through the pipeline.
        key: What is needed.
        transform: Who needs it, for the message.

    Raises:
        ValueError: If it is not there, saying where it gets lost.

    Examples:
        >>> required({'imgs': 1}, 'imgs', 'OnsetApexPair')
        1
    """
    if key not in results:
        raise ValueError(
            f'Clip {results.get("clip_id", "")}: {transform} needs {key!r}, which no '
            f'transform before it makes or keeps. Load it first, or add it to the keys '
            f'of CacheClip.')
    return results[key]
