# Copyright (c) AULLM-MM contributors.
"""Finds a model of the Hugging Face hub, in the local cache if it is there."""
from __future__ import annotations

import re
from pathlib import Path

from .fingerprint import weight_files

_HUB_ID = re.compile(r'[\w.-]+(/[\w.-]+)?')
_PATTERNS = ['*.json', '*.safetensors', '*.txt', '*.model', '*.jinja']
_WAIT = 5.0  # seconds to wait for the hub's first answer


def hub_folder(name: str) -> Path | None:
    """Snapshot folder of a hub id, from the local cache or else downloaded.

    The hub is asked only when the cache has no weights of that name and
    ``HF_HUB_OFFLINE`` is not set, and is given five seconds to answer.

    Args:
        name: Hub id, ``owner/model`` or ``model``.

    Returns:
        The folder; None when there is no such model or no way to it.

    Examples:
        >>> hub_folder('no/such/model') is None
        True
    """
    if not _HUB_ID.fullmatch(name):
        return None
    from huggingface_hub import constants, snapshot_download
    cached = _cached_snapshot(name)
    if cached is not None and weight_files(cached):
        return cached
    if constants.HF_HUB_OFFLINE or not _hub_answers(name):
        return None
    return Path(snapshot_download(name, allow_patterns=_PATTERNS))


def _cached_snapshot(name: str) -> Path | None:
    from huggingface_hub import snapshot_download
    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (OSError, ValueError):  # not there, or no hub id after all
        return None


def _hub_answers(name: str) -> bool:
    from huggingface_hub import HfApi
    try:
        HfApi().model_info(name, timeout=_WAIT)
    except Exception:  # the HTTP library behind the hub changes with its version
        return False
    return True
