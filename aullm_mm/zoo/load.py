# Copyright (c) AULLM-MM contributors.
"""The scheme ``aullm-mm://`` of MMEngine's checkpoint loader."""
from __future__ import annotations

from typing import Any

from mmengine.runner import CheckpointLoader

from .store import read_weights

SCHEME = 'aullm-mm://'
IDENTITY_KEY = 'aullm_mm'  # where CheckpointIdentityHook looks
ZOO_KEY = 'zoo'  # marks weights that may be adapted to another AU list or LLM


# Forced, so that importing the package anew is no error.
@CheckpointLoader.register_scheme(prefixes=SCHEME, force=True)
def load_from_zoo(filename: str, map_location: Any = None) -> dict:
    """A zoo model as the checkpoint that MMEngine's Runner loads.

    ``CheckpointIdentityHook`` adapts it to the model's own AU list and LLM. Subjects
    of semi-synthetic corpora are left out: they bear the names of a real corpus's
    subjects, but are not these people.

    Args:
        filename: ``'aullm-mm://NAME'``.
        map_location: Ignored: weights come on the CPU and are copied into the model.

    Raises:
        FileNotFoundError: If there is no such model.
        ValueError: If a file of it is damaged.

    Examples:
        >>> load_from_zoo('aullm-mm://no_such')
        Traceback (most recent call last):
        ...
        FileNotFoundError: ...no_such.json: the zoo has no model 'no_such'. ...
    """
    state_dict, meta = read_weights(filename.removeprefix(SCHEME))
    identity = dict(aus=meta['aus'], llm=meta['llm'])
    if meta.get('emotions'):
        identity['emotions'] = meta['emotions']
    if not meta['training'].get('semi_synthetic'):
        identity['subjects'] = meta['training'].get('subjects', [])
    zoo = dict(name=meta['name'], edges=meta['edges'])
    return {'state_dict': state_dict, 'meta': {IDENTITY_KEY: identity, ZOO_KEY: zoo}}
