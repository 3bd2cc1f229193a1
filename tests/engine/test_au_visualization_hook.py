# Copyright (c) AULLM-MM contributors.
"""The visualization hook in a real runner, from one line of a real config."""
import json

import cv2
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from aullm_mm.engine.hooks import AUVisualizationHook
from aullm_mm.engine.hooks.au_visualization_hook import learned_graph

HOOK = dict(type='AUVisualizationHook', interval=2, clips=2)


def train(folder, corpus, hooks, visualizer='ActionVisualizer', llm=None):
    cfg = Config.fromfile('configs/ablations/no_llm_casme2.py')
    if llm:
        cfg.model.cls_head.llm = dict(type='CausalLM', name=llm, lora=dict(r=2))
        cfg.model.cls_head.prompt.style = 'brief'
    split = dict(n_folds=3, fold=0, seed=0, val_fraction=0.25)
    for name in ('train_dataloader', 'val_dataloader'):
        cfg[name].update(num_workers=0, persistent_workers=False)
        cfg[name].dataset.update(data_root=str(corpus), split=split)
        cfg[name].dataset.pipeline[0].root = str(folder.parent / 'cache')
    cfg.test_dataloader = cfg.test_cfg = cfg.test_evaluator = None
    cfg.train_cfg.update(max_epochs=3, val_begin=1)
    cfg.param_scheduler.periods = [1, 2]
    cfg.default_hooks.checkpoint = dict(type='CheckpointHook', interval=3)
    cfg.default_hooks.logger.interval = 1
    cfg.custom_hooks = hooks
    cfg.visualizer.type = visualizer
    cfg.work_dir, cfg.experiment_name = str(folder), folder.name + visualizer
    cfg.randomness = dict(seed=0)
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


def losses(folder):
    (log,) = folder.glob('*/vis_data/scalars.json')
    rows = map(json.loads, log.read_text().splitlines())
    return [row['loss'] for row in rows if 'loss' in row]


@pytest.fixture(scope='module')
def drawn(tmp_path_factory, synthetic_corpus):
    """Folder of a training that drew its clips; the visualizer is a stock one."""
    folder = tmp_path_factory.mktemp('drawn') / 'a'
    train(folder, synthetic_corpus, [HOOK])
    yield folder
    init_default_scope('mmaction')  # a runner leaves its own


def test_clips_and_graph_are_drawn_every_second_time(drawn):
    names = sorted(path.name for path in drawn.rglob('*.png'))
    graphs = [name for name in names if name.startswith('au_graph')]
    clips = [name for name in names if name.startswith('val_casme2')]
    assert len(graphs) == 2 and len(clips) == 4 and len(names) == 6
    assert len({name.rsplit('_', 1)[0] for name in clips}) == 2  # the same clips again
    for path in drawn.rglob('*.png'):
        assert cv2.imread(str(path)).std() > 5


def test_training_is_not_changed_by_being_looked_at(drawn, synthetic_corpus):
    train(drawn.with_name('b'), synthetic_corpus, [])
    assert losses(drawn) == losses(drawn.with_name('b'))
    assert not list(drawn.with_name('b').rglob('*.png'))


def test_prompt_is_drawn_once_also_by_our_visualizer(drawn, synthetic_corpus):
    folder, hook = drawn.with_name('c'), dict(HOOK, interval=1)
    train(folder, synthetic_corpus, [hook], 'AUVisualizer', llm='glassllm')
    assert len(list(folder.rglob('prompt_*.png'))) == 1
    assert len(list(folder.rglob('au_graph_*.png'))) == 3


def test_models_without_a_graph_have_none_to_draw():
    assert learned_graph(torch.nn.Linear(1, 1)) is None
    with pytest.raises(ValueError, match='got 1 and 0'):
        AUVisualizationHook(interval=1, clips=0)
