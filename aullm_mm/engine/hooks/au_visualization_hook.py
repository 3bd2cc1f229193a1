# Copyright (c) AULLM-MM contributors.
"""Pictures of validation clips and of the learned graph while a model is trained."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from aullm_mm.registry import HOOKS
from aullm_mm.visualization.au_graph import draw_au_graph
from aullm_mm.visualization.clip_scores import draw_clip_scores
from aullm_mm.visualization.flow_colours import input_picture
from aullm_mm.visualization.hand_over import add_figure, add_text

from ..unwrap import unwrap


@HOOKS.register_module()
class AUVisualizationHook(Hook):
    """Draw some clips with their scores, the learned graph and, once, the prompt.

    It acts in the first validation and in every ``interval``-th after it, always on the
    same clips, evenly spread over the validation set, and shows of each what the model
    is given. It works with every visualizer of MMEngine and changes no random number.
    Parts that a model lacks are left out.

    Args:
        interval: Validations from one drawing to the next. Defaults to 10.
        clips: How many clips are drawn. Defaults to 4.

    Raises:
        ValueError: If ``interval`` or ``clips`` is below 1.

    Examples:
        >>> AUVisualizationHook(interval=0)
        Traceback (most recent call last):
        ...
        ValueError: interval and clips must be at least 1, got 0 and 4.
    """

    def __init__(self, interval: int = 10, clips: int = 4) -> None:
        if interval < 1 or clips < 1:
            raise ValueError(
                f'interval and clips must be at least 1, got {interval} and {clips}.')
        self.interval, self.clips = interval, clips
        self.validations, self.seen = 0, 0
        self.chosen: set[int] = set()

    def before_val_epoch(self, runner: Runner) -> None:
        """Choose the clips, if this validation is one to draw."""
        draws, self.seen = self.validations % self.interval == 0, 0
        self.validations += 1
        self.chosen = set()
        if draws:
            count = len(runner.val_dataloader.dataset)
            self.chosen = spread(count, self.clips)

    def after_val_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
        outputs: Sequence[Any] | None = None
    ) -> None:
        """Draw the chosen clips of a batch."""
        outputs = outputs or ()
        for place, sample in enumerate(outputs):
            if self.seen + place in self.chosen:
                self._draw(runner, data_batch['inputs'][place], sample)
        self.seen += len(outputs)

    def after_val_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        """Draw the graph, and the first time hand over the prompt."""
        if not self.chosen:
            return
        head = getattr(unwrap(runner.model), 'cls_head', None)
        graph = learned_graph(head)
        if graph is not None:
            figure = draw_au_graph(head.aus, *graph)
            add_figure(runner.visualizer, 'au_graph', figure, runner.epoch)
        describe = getattr(head, 'describe_prompt', lambda: None)
        if self.validations == 1 and (prompt := describe()):
            add_text(runner.visualizer, 'prompt', prompt, runner.epoch)

    def _draw(self, runner: Runner, inputs: Any, sample: Any) -> None:
        head = getattr(unwrap(runner.model), 'cls_head', None)
        aus = getattr(head, 'aus', None) or (
            runner.visualizer.dataset_meta or {}).get('aus')
        if aus is None:
            raise ValueError(
                'AUVisualizationHook does not know the AU list: use a head with aus, '
                'or a dataset whose metainfo has aus.')
        name = str(sample.get('clip_id', f'clip {self.seen}'))
        labels = sample.gt_label.tolist() if 'gt_label' in sample else None
        figure = draw_clip_scores(
            name, input_picture(np.asarray(inputs)), aus,
            sample.pred_score.tolist(), labels)
        add_figure(runner.visualizer, f'val/{name}', figure, runner.epoch)


def spread(count: int, wanted: int) -> set[int]:
    """Positions evenly spread over a number of things.

    Args:
        count: How many things there are.
        wanted: How many to take, at most all.

    Examples:
        >>> sorted(spread(10, 3)), sorted(spread(2, 4))
        ([0, 4, 9], [0, 1])
    """
    places = np.linspace(0, count - 1, min(wanted, count))
    return set(places.astype(int).tolist())


def learned_graph(
    head: nn.Module | None
) -> tuple[list[tuple[int, int, int]], list[float]] | None:
    """Undirected edges of a head's AU graph, and their mean strength both ways.

    Args:
        head: A head; None, or one without a graph of known edges, gives None.

    Examples:
        >>> learned_graph(None) is None
        True
    """
    graph = getattr(head, 'graph', None)
    index = getattr(graph, 'edge_index', None)
    if index is None or not index.shape[1] or bool((index < 0).any()):
        return None
    half = index.shape[1] // 2  # the second half are the same edges backwards
    both = graph.strength.detach().tanh().unflatten(0, (2, half)).mean(dim=0)
    kinds = graph.edge_type[:half].tolist()
    edges = [(i, j, kind) for (i, j), kind in zip(index[:, :half].t().tolist(), kinds)]
    return edges, both.tolist()
