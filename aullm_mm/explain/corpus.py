# Copyright (c) AULLM-MM contributors.
"""All clips of a corpus as a model takes them, whichever AUs the corpus codes."""
from __future__ import annotations

from typing import Any, Mapping, Sequence

from aullm_mm.datasets import MicroExpressionDataset


def uncached(pipeline: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A pipeline whose cached part runs each time and leaves no files.

    Args:
        pipeline: Configs of transforms.

    Examples:
        >>> steps = [dict(type='CacheClip', transforms=[dict(type='ResizeFrames')])]
        >>> uncached([*steps, dict(type='PackAUInputs')])
        [{'type': 'ResizeFrames'}, {'type': 'PackAUInputs'}]
    """
    return [step for outer in pipeline for step in (
        outer['transforms'] if outer['type'] == 'CacheClip' else [outer])]


def open_corpus(
    corpus: str, data_root: str, aus: Sequence[int],
    pipeline: Sequence[Mapping[str, Any]] = ()
) -> MicroExpressionDataset:
    """Every clip of a corpus; labels are of those AUs that it codes.

    Args:
        corpus: Name of the corpus.
        data_root: Its folder.
        aus: AUs of the model.
        pipeline: Its test pipeline.

    Raises:
        FileNotFoundError: If the corpus is not there.
        ValueError: If it codes none of the AUs.
    """
    settings = dict(
        corpus=corpus, data_root=data_root, part='all', pipeline=list(pipeline),
        test_mode=True, fill_cache=False)
    records = MicroExpressionDataset(
        aus=aus, lazy_init=True, **settings).all_records()
    coded = {au.number for record in records for au in record.aus}
    return MicroExpressionDataset(
        aus=[au for au in aus if au in coded] or aus, **settings)
