# Copyright (c) AULLM-MM contributors.
"""Leaks that names do not show: the same frames on both sides of a split."""
from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Iterable, Mapping

from aullm_mm.datasets.annotations import ClipRecord
from aullm_mm.datasets.protocols import Split


def frame_fingerprints(
    records: Iterable[ClipRecord], roots: Mapping[str, Path]
) -> dict[str, str]:
    """Hash of the onset frame's file of each clip; unreadable ones are left out.

    Two clips of one person may share a frame; clips of different people cannot.

    Args:
        records: Clips.
        roots: Root folder of each corpus.

    Returns:
        SHA-256 by clip key.
    """
    prints = {}
    for record in records:
        path = Path(roots[record.corpus]) / record.frame_path(record.onset)
        if path.is_file():
            prints[record.key] = hashlib.sha256(path.read_bytes()).hexdigest()
    return prints


def check_no_shared_frames(split: Split, prints: Mapping[str, str]) -> None:
    """Raise if a tested clip is trained on under another name.

    Corpora overlap: a release may hold the clips of another, and a copy may lie in a
    second folder. Names then differ, but the onset frames are the same bytes.

    Args:
        split: The split.
        prints: Hash by clip key, of :func:`frame_fingerprints`.

    Raises:
        ValueError: Naming both clips.
    """
    seen = {prints.get(r.key): r.key for r in (*split.train, *split.val)}
    tested = {prints.get(r.key): r.key for r in split.test}
    same = sorted((seen[k], tested[k]) for k in seen.keys() & tested.keys() - {None})
    if same:
        pairs = '; '.join(f'{a} is {b}' for a, b in same[:3])
        raise ValueError(
            f'{len(same)} clip(s) are trained on and tested under two names, by the '
            f'bytes of their onset frames: {pairs}. Leave one of the corpora out.')
