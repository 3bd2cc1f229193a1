# Copyright (c) AULLM-MM contributors.
"""Rules from the training clips: which labels are read, and what a resume keeps."""
import logging
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import ConcatDataset, RepeatDataset

from aullm_mm.apis.runs import test_run as run_test
from aullm_mm.apis.runs import train_run
from aullm_mm.engine.hooks import CooccurrencePriorHook
from aullm_mm.engine.hooks.cooccurrence_prior_hook import training_labels
from aullm_mm.models.graphs import AURelationGNN
from aullm_mm.registry import DATASETS

CONFIG = Path(__file__).resolve().parents[2] / (
    'configs/ablations/prior_cooccurrence_casme2.py')
AUS = (1, 2, 4, 12)


class Toy:
    """A dataset of labels."""

    metainfo, full_init = {}, staticmethod(lambda: None)

    def __init__(self, labels):
        self.labels = np.asarray(labels, dtype=np.float32)

    def __len__(self):
        return len(self.labels)

    def get_data_info(self, index):
        return dict(label=self.labels[index])


def toy_runner(labels, graph=None, test=None):
    graph = graph or AURelationGNN(
        AUS, 16, 24, prior='co-occurrence', name_embedding=False)
    return SimpleNamespace(
        model=SimpleNamespace(cls_head=SimpleNamespace(graph=graph)),
        logger=logging.getLogger('cooccurrence'),
        train_dataloader=SimpleNamespace(dataset=Toy(labels)),
        test_dataloader=SimpleNamespace(dataset=Toy(test if test is not None else [])))


def labels_of(seed, clips=60):
    return np.random.default_rng(seed).integers(0, 2, (clips, 4))


def graph_of(runner):
    return runner.model.cls_head.graph


def test_test_labels_do_not_change_the_edges_but_training_labels_do():
    edges = []
    for train, test in ((0, 1), (0, 2), (3, 1)):
        runner = toy_runner(labels_of(train), test=labels_of(test))
        CooccurrencePriorHook().before_train(runner)
        edges.append((graph_of(runner).edge_index, graph_of(runner).edge_type))
    assert torch.equal(edges[0][0], edges[1][0])
    assert torch.equal(edges[0][1], edges[1][1])
    assert not all(torch.equal(a, b) for a, b in zip(edges[0], edges[2]))


def test_edges_of_a_checkpoint_are_kept_and_others_warned_of(caplog):
    runner = toy_runner([[1, 1, 0, 0]] * 9 + [[0, 0, 1, 1]])
    CooccurrencePriorHook().before_train(runner)
    graph = graph_of(runner)
    graph.strength.data += 0.3
    kept = graph.edge_index.clone(), graph.strength.detach().clone()
    CooccurrencePriorHook().before_train(runner)
    assert not [r for r in caplog.records if r.levelname == 'WARNING']
    CooccurrencePriorHook().before_train(
        toy_runner([[1, 0, 0, 1]] * 9 + [[0, 1, 1, 0]] * 9, graph))
    assert torch.equal(graph.edge_index, kept[0]) and torch.equal(
        graph.strength, kept[1])
    assert any('would give others' in r.message for r in caplog.records)


@pytest.mark.parametrize('graph', [AURelationGNN(AUS, 16, 24), None])
def test_another_prior_and_a_head_without_a_graph_are_left_alone(graph):
    runner = toy_runner(labels_of(0))
    runner.model.cls_head.graph = graph
    CooccurrencePriorHook().before_train(runner)
    assert graph is None or graph.edge_index.min() >= 0


def test_a_dataset_without_au_labels_is_refused_by_name():
    with pytest.raises(ValueError, match="MicroExpressionDataset; list gave"):
        training_labels([1, 2])


def config(corpus, work_dir, epochs=1, fold=0):
    cfg = Config.fromfile(CONFIG)
    cfg.work_dir = str(work_dir)
    cfg.model.cls_head.llm = None
    cfg.optim_wrapper.paramwise_cfg = dict(lr_mult={'graph.strength': 10.0})
    cfg.train_cfg.update(max_epochs=epochs, val_begin=epochs)
    cfg.param_scheduler = None
    cfg.default_hooks.checkpoint.interval = 1
    split = dict(n_folds=3, fold=fold, seed=0, val_fraction=0.25)
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        loader = cfg[name]
        loader.update(num_workers=0, persistent_workers=False)
        loader.dataset.update(data_root=str(corpus), split=split)
        loader.dataset.pipeline[0].root = str(Path(work_dir).parent / 'cache')
    return cfg


def trained_graph(runner):
    return runner.model.cls_head.graph


def test_labels_are_those_of_the_training_part_also_inside_of_wrappers(
        synthetic_corpus, tmp_path):
    cfg = config(synthetic_corpus, tmp_path / 'run')
    settings = dict(cfg.train_dataloader.dataset, pipeline=[])
    train = DATASETS.build(settings)
    labels = training_labels(train)
    assert labels.shape == (len(train), len(train.aus))
    assert len(train) < len(DATASETS.build(dict(settings, part='all')))
    twice = training_labels(RepeatDataset(train, 2))
    assert np.array_equal(twice, np.concatenate([labels, labels]))
    joined = ConcatDataset([train, DATASETS.build(dict(settings, part='val'))])
    assert len(training_labels(joined)) == len(joined)


def test_a_run_trains_resumes_and_tests_with_the_edges_of_its_fold(
        synthetic_corpus, tmp_path, monkeypatch):
    cfg = config(synthetic_corpus, tmp_path / 'run')
    labels = training_labels(
        DATASETS.build(dict(cfg.train_dataloader.dataset, pipeline=[])))
    first = trained_graph(train_run(cfg, seed=0))
    assert first.supported_by(labels)
    monkeypatch.delattr(AURelationGNN, 'learn_support')  # not a second time
    resumed = trained_graph(train_run(
        config(synthetic_corpus, tmp_path / 'run', epochs=2), resume='auto', seed=0))
    assert torch.equal(resumed.edge_index, first.edge_index)
    checkpoint = str(tmp_path / 'run' / 'epoch_2.pth')
    state = torch.load(checkpoint, map_location='cpu', weights_only=False)['state_dict']
    assert torch.equal(state['cls_head.graph.edge_index'], first.edge_index)
    assert run_test(config(synthetic_corpus, tmp_path / 'run'), checkpoint)


def test_weights_loaded_from_another_fold_bring_their_edges(
        synthetic_corpus, tmp_path):
    first = trained_graph(train_run(
        config(synthetic_corpus, tmp_path / 'run', fold=0), seed=0))
    cfg = config(synthetic_corpus, tmp_path / 'other', fold=1)
    cfg.load_from = str(tmp_path / 'run' / 'epoch_1.pth')
    other = trained_graph(train_run(cfg, seed=0))
    assert torch.equal(other.edge_index, first.edge_index)
    alone = trained_graph(train_run(
        config(synthetic_corpus, tmp_path / 'alone', fold=1), seed=0))
    assert not torch.equal(alone.edge_index, first.edge_index)
