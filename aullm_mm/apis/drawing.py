# Copyright (c) AULLM-MM contributors.
"""Pictures of a test run: predictions beside frames, and the learned AU graph."""
from __future__ import annotations

import pickle
from pathlib import Path
from typing import Sequence

import numpy as np
import torch
from matplotlib.figure import Figure
from mmengine.config import Config
from mmengine.registry import init_default_scope

from aullm_mm.datasets.frames import read_frame
from aullm_mm.datasets.transforms.motion import (
    dense_flow,
    fit_similarity,
    rigid_flow,
)
from aullm_mm.models.graphs.prior import build_prior
from aullm_mm.registry import DATASETS
from aullm_mm.visualization import draw_au_graph, draw_predictions

STRENGTH_KEY = 'cls_head.graph.strength'
EDGE_KEYS = ('cls_head.graph.edge_index', 'cls_head.graph.edge_type')


def read_predictions(path: str) -> dict[str, dict]:
    """Predictions of ``tools/test.py --dump`` by clip id.

    Args:
        path: The pickle file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it holds no predictions of named clips.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(
            f'{path} does not exist: run python tools/test.py CONFIG --dump {path}')
    with open(path, 'rb') as file:
        rows = pickle.load(file)
    try:
        return {row['clip_id']: row for row in rows}
    except (KeyError, TypeError):
        raise ValueError(
            f'{path} holds no predictions of clips with an id; make it with '
            f'tools/test.py --dump.') from None


def spread_over_subjects(clip_ids: Sequence[str], count: int) -> list[str]:
    """The first clip of each subject in turn, so that no clip is picked for its score.

    Examples:
        >>> spread_over_subjects(['c/s1/a', 'c/s1/b', 'c/s2/a'], 2)
        ['c/s1/a', 'c/s2/a']
    """
    by_subject: dict[str, list[str]] = {}
    for clip_id in sorted(clip_ids):
        by_subject.setdefault(clip_id.rsplit('/', 1)[0], []).append(clip_id)
    queues = [list(clips) for clips in by_subject.values()]
    chosen = []
    while len(chosen) < count and any(queues):
        chosen += [queue.pop(0) for queue in queues if queue]
    return chosen[:count]


def draw_test_predictions(cfg: Config, predictions: str, count: int = 4) -> Figure:
    """Draw some clips of the test split with their scores.

    Args:
        cfg: The config of the run.
        predictions: Pickle file of ``tools/test.py --dump``.
        count: How many clips. Defaults to 4.
    """
    rows = read_predictions(predictions)
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    settings = dict(cfg.test_dataloader.dataset, fill_cache=False)
    dataset = DATASETS.build(settings)
    infos = {i['clip_id']: i for i in map(dataset.get_data_info, range(len(dataset)))}
    chosen = spread_over_subjects([c for c in rows if c in infos], count)
    return draw_predictions(
        [_clip_to_draw(infos[c], rows[c], dataset.aus) for c in chosen])


def _clip_to_draw(info: dict, row: dict, aus: Sequence[int]) -> dict:
    folder, template = Path(info['frame_dir']), info['frame_template']
    paths = [folder / template.format(info[k]) for k in ('onset', 'apex')]
    colour = [read_frame(path, 'rgb') for path in paths]
    onset, apex = [read_frame(path, 'gray') for path in paths]
    flow = dense_flow(onset, apex)
    return dict(
        title=info['clip_id'], onset=colour[0], apex=colour[1], aus=list(aus),
        flow=flow - rigid_flow(fit_similarity(flow), *onset.shape),
        scores=np.asarray(row['pred_score']), labels=np.asarray(row['gt_label']))


def draw_learned_graph(cfg: Config, checkpoint: str) -> Figure:
    """Draw the strengths of the AU relations that a checkpoint learned.

    Args:
        cfg: The config of the run.
        checkpoint: Checkpoint file.

    Raises:
        ValueError: If the model has no AU graph.
    """
    head = cfg.model.cls_head
    state = torch.load(checkpoint, map_location='cpu', weights_only=False)['state_dict']
    if STRENGTH_KEY not in state:
        raise ValueError(f'{checkpoint} has no AU graph ({STRENGTH_KEY}) to draw.')
    index, kinds = _edges(head, state)
    count = index.shape[1] // 2
    both_ways = state[STRENGTH_KEY].tanh().unflatten(0, (2, count))
    edges = [
        (int(i), int(j), int(t)) for i, j, t in zip(*index[:, :count], kinds[:count])
    ]
    return draw_au_graph(head.aus, edges, both_ways.mean(dim=0).numpy())


def _edges(
    head: dict, state: dict[str, torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Edges (2, R) and relation types (R,): of the checkpoint, or of the config."""
    if EDGE_KEYS[0] in state:  # those that were found in the training clips
        return tuple(state[key] for key in EDGE_KEYS)
    graph = head.get('graph') or {}
    prior = build_prior(
        head.aus, graph.get('prior', 'both'), graph.get('prior_seed', 0))
    return prior.index, prior.type
