# Copyright (c) AULLM-MM contributors.
"""A split as a file: which clips are trained on, chosen on and tested on."""
from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Sequence

from aullm_mm.datasets.annotations import ClipRecord
from aullm_mm.utils.atomic import write_text_atomic
from aullm_mm.datasets.protocols import Split

FORMAT = 'aullm_mm.split'
PARTS = ('train', 'val', 'test')


def save_split(split: Split, path: str | os.PathLike, **about: str) -> Path:
    """Write a split; the same split always gives the same bytes.

    Args:
        split: The split.
        path: File to write, replaced in one step.
        about: What else to note, for example ``protocol`` and ``fold``.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = save_split(Split((), (), ()), f'{folder}/split.json')
        ...     load_split(path, []).test
        ()
    """
    parts = {part: sorted(r.key for r in getattr(split, part)) for part in PARTS}
    document = {'format': FORMAT, 'version': 1, **about, **parts}
    return write_text_atomic(path, json.dumps(document, indent=1) + '\n')


def load_split(path: str | os.PathLike, records: Sequence[ClipRecord]) -> Split:
    """Read a split and look its clips up.

    Args:
        path: File of :func:`save_split`.
        records: Clips of the corpora; those that the split does not name are left out.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no split, names a clip that is not there, or has a subject
            on two sides.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'No split file {path}.')
    try:
        document = json.loads(path.read_text(encoding='utf-8'))
        parts = {part: list(document[part]) for part in PARTS}
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            f'{path} is no split file: JSON with the lists {PARTS} of clip '
            f'keys is expected.') from None
    by_key = {record.key: record for record in records}
    absent = sorted({key for keys in parts.values() for key in keys} - by_key.keys())
    if absent:
        raise ValueError(
            f'{path} names {len(absent)} clip(s) that the annotation tables lack: '
            f'{", ".join(absent[:5])}. The tables changed since it was made.')
    return Split(**{p: tuple(by_key[k] for k in keys) for p, keys in parts.items()})


def split_hash(split: Split) -> str:
    """A short hash of who is in which part.

    Examples:
        >>> split_hash(Split((), (), ()))[:4]
        'f865'
    """
    parts = [sorted(r.key for r in getattr(split, part)) for part in PARTS]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
