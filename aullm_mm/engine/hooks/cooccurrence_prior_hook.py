# Copyright (c) AULLM-MM contributors.
"""Rules from what the training clips of a fold show together."""
from __future__ import annotations

import numpy as np
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from aullm_mm.registry import HOOKS

from ..unwrap import unwrap


def training_labels(dataset) -> np.ndarray:
    """Labels of all clips of a dataset, without reading a frame.

    Args:
        dataset: A dataset whose ``get_data_info(i)`` has a ``label`` over all AUs, also
            inside of MMEngine's wrappers.

    Shapes:
        - output: (clips, N)

    Raises:
        ValueError: If the dataset does not have such labels.

    Examples:
        >>> class Toy:
        ...     def get_data_info(self, index):
        ...         return dict(label=np.array([1., 0.]))
        ...     def __len__(self):
        ...         return 3
        >>> training_labels(Toy()).shape
        (3, 2)
    """
    try:
        rows = [dataset.get_data_info(i)['label'] for i in range(len(dataset))]
        labels = np.stack(rows)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f'CooccurrencePriorHook needs a training dataset whose '
            f"get_data_info(i)['label'] is one row of AU labels, as that of "
            f'MicroExpressionDataset; {type(dataset).__name__} gave {error!r}.'
        ) from error
    return labels


@HOOKS.register_module()
class CooccurrencePriorHook(Hook):
    """Give the AU graph the co-occurrences of the training clips, and of no others.

    It acts on a graph with ``prior='co-occurrence'`` before the first step. Edges that
    a checkpoint brought along (``resume``, ``load_from``) are kept, since the learned
    strengths belong to them; where the training clips would give other edges, it warns.
    In cross-validation every fold trains a model of its own, so each has its own edges.
    """

    def before_train(self, runner: Runner) -> None:
        """Set the edges, or keep those of the checkpoint."""
        graph = _graph(runner)
        if graph is None or not getattr(graph, 'from_labels', False):
            return
        labels = training_labels(runner.train_dataloader.dataset)
        if graph.has_support:
            self._compare(runner, graph, labels)
            return
        graph.learn_support(labels)
        edges = graph.edge_strengths()
        edges = edges[:len(edges) // 2]  # the others are the same backwards
        runner.logger.info(
            f'Rules from the co-occurrences of {len(labels)} training clips: '
            + ', '.join(f'AU{i}{_mark(s)}AU{j}' for i, j, s in edges))

    @staticmethod
    def _compare(runner: Runner, graph: nn.Module, labels: np.ndarray) -> None:
        if not graph.supported_by(labels):
            runner.logger.warning(
                'The rules of the checkpoint are kept, though the training clips of '
                'this run would give others: the checkpoint was trained on other '
                'clips.')


def _mark(strength: float) -> str:
    return '+' if strength > 0.2 else '-' if strength < 0 else '~'


def _graph(runner: Runner) -> nn.Module | None:
    model = unwrap(runner.model)
    return getattr(getattr(model, 'cls_head', None), 'graph', None)
