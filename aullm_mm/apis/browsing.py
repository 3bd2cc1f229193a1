# Copyright (c) AULLM-MM contributors.
"""Clips of a config's dataset, read as a training reads them, for people to look at."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.registry import init_default_scope

from aullm_mm.datasets import MicroExpressionDataset
from aullm_mm.datasets.frames import nearest_frame, read_frame
from aullm_mm.datasets.transforms.motion import dense_flow, fit_similarity, rigid_flow
from aullm_mm.engine.hooks.au_visualization_hook import spread
from aullm_mm.registry import DATASETS

PARTS = ('train', 'val', 'test')
_NEEDED = ('clip_id', 'frame_dir', 'frame_template', 'onset', 'apex', 'offset')


def browse_clips(
    cfg: Config, part: str = 'train', number: int = 12
) -> Iterator[dict[str, Any]]:
    """Read clips of a part of a config's dataset, evenly spread over it.

    The frames are read from the corpus; ``inputs`` is what the whole pipeline of the
    part makes of the clip, augmentation included.

    Args:
        cfg: The config.
        part: ``'train'``, ``'val'`` or ``'test'``. Defaults to ``'train'``.
        number: How many clips. Defaults to 12.

    Yields:
        For each clip what ``draw_clip_sheet`` draws, and its ``clip_id``.

    Raises:
        ValueError: If the part is not known, the config has none such, or its dataset
            does not name frames.
        FileNotFoundError: If the corpus or a frame is not there.
    """
    if part not in PARTS:
        raise ValueError(f'part must be one of {PARTS}, got {part!r}.')
    if number < 1:
        raise ValueError(f'number must be at least 1, got {number}.')
    loader = cfg.get(f'{part}_dataloader')
    if not loader:
        raise ValueError(f'this config has no {part}_dataloader.')
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    settings = dict(loader.dataset)
    if settings['type'] in (MicroExpressionDataset, 'MicroExpressionDataset'):
        settings['fill_cache'] = False  # a few clips, not the whole corpus
    dataset = DATASETS.build(settings)
    for index in sorted(spread(len(dataset), number)):
        info = dataset.get_data_info(index)
        yield read_clip(info, dataset[index]['inputs'], dataset.metainfo)


def read_clip(
    info: Mapping[str, Any], inputs: Any, metainfo: Mapping[str, Any]
) -> dict[str, Any]:
    """One clip to draw.

    Args:
        info: What the dataset knows of the clip.
        inputs: What its pipeline gives the model.
        metainfo: ``metainfo`` of the dataset, with ``aus``.

    Raises:
        ValueError: If the dataset does not name frames; the message says what it lacks.
    """
    missing = [key for key in (*_NEEDED, 'label') if key not in info]
    if missing or 'aus' not in metainfo:
        raise ValueError(
            f'clips to look at need a dataset as MicroExpressionDataset; this one '
            f'lacks {", ".join(missing) or "aus in its metainfo"}.')
    paths = [_frame(info, key) for key in ('onset', 'apex')]
    onset, apex = (read_frame(path, 'gray') for path in paths)
    flow = dense_flow(onset, apex)
    return dict(
        clip_id=info['clip_id'], title=info['clip_id'], inputs=np.asarray(inputs),
        onset=read_frame(paths[0], 'rgb'), apex=read_frame(paths[1], 'rgb'),
        flow=flow - rigid_flow(fit_similarity(flow), *onset.shape),
        aus=metainfo['aus'], labels=info['label'],
        facts=_facts(info, onset.shape, metainfo.get('emotions', ())))


def _frame(info: Mapping[str, Any], key: str) -> Path:
    return nearest_frame(Path(info['frame_dir']), info['frame_template'], info[key],
                         info['onset'], info['offset'])


def _facts(
    info: Mapping[str, Any], size: tuple[int, int], emotions: tuple[str, ...]
) -> list[str]:
    facts = [f'subject {info.get("subject", "not known")}',
             f'frames {info["onset"]} to {info["offset"]}, apex {info["apex"]}']
    if info.get('fps'):
        frames = info['offset'] - info['onset'] + 1
        facts.append(f'{info["fps"]:g} frames a second, {frames / info["fps"]:.2f} s')
    facts.append(f'{size[1]} × {size[0]} pixels')
    if emotions and info.get('emotion_label', -1) >= 0:
        facts.append(f'emotion {emotions[info["emotion_label"]]}')
    return facts
