# Copyright (c) AULLM-MM contributors.
"""The learned AU graph of a checkpoint, whatever its edges come from."""
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from mmengine.config import Config

from aullm_mm.apis import drawing
from aullm_mm.models.graphs import AURelationGNN

AUS = (1, 2, 4, 12)


def saved(prior, path):
    """Config and checkpoint of a graph, and the graph."""
    gnn = AURelationGNN(AUS, 16, 24, prior=prior, name_embedding=False)
    if prior == 'co-occurrence':
        gnn.learn_support(np.random.default_rng(0).integers(2, size=(40, 4)))
    state = {f'cls_head.graph.{k}': v for k, v in gnn.state_dict().items()}
    torch.save(dict(state_dict=state), path)
    head = dict(aus=AUS, graph=dict(prior=prior))
    return Config(dict(model=dict(cls_head=head))), gnn


@pytest.mark.parametrize('prior', ['both', 'random', 'co-occurrence'])
def test_edges_are_those_of_the_trained_graph(prior, tmp_path, monkeypatch):
    cfg, gnn = saved(prior, tmp_path / 'a.pth')
    drawn = []
    monkeypatch.setattr(
        drawing, 'draw_au_graph', lambda aus, edges, strengths: drawn.extend(edges))
    drawing.draw_learned_graph(cfg, str(tmp_path / 'a.pth'))
    half = gnn.edge_index.shape[1] // 2
    want = zip(*gnn.edge_index[:, :half].tolist(), gnn.edge_type[:half].tolist())
    assert drawn == list(want)


def test_a_graph_of_co_occurrences_is_drawn(tmp_path):
    cfg, _ = saved('co-occurrence', tmp_path / 'a.pth')
    figure = drawing.draw_learned_graph(cfg, str(tmp_path / 'a.pth'))
    assert isinstance(figure, Figure)


def test_a_checkpoint_without_a_graph_is_named(tmp_path):
    torch.save(dict(state_dict={}), tmp_path / 'b.pth')
    cfg = Config(dict(model=dict(cls_head=dict(aus=AUS))))
    with pytest.raises(ValueError, match='b.pth has no AU graph'):
        drawing.draw_learned_graph(cfg, str(tmp_path / 'b.pth'))
