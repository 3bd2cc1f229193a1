# Copyright (c) AULLM-MM contributors.
"""Every config that a user can run builds, trains a step and predicts."""
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.evaluator import Evaluator
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope

from aullm_mm.engine.hooks import CooccurrencePriorHook
from aullm_mm.models.heads import ConstantHead
from aullm_mm.registry import DATASETS, MODELS

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = sorted(
    path for path in (ROOT / 'configs').rglob('*.py')
    if not {'_base_', 'suites'} & set(path.parts))
SMALL_LLM = dict(type='CausalLM', name='glassllm', lora=dict(r=2))
BRIEF = dict(type='DeductionPrompt', style='brief')
IN_THE_CORPUS = (1, 2, 4, 7, 12, 14, 15, 17)


def small(config: Path, corpus: Path, tmp_path: Path) -> Config:
    """The config on a small corpus, with the small LLM where it has one."""
    cfg = Config.fromfile(config)
    init_default_scope(cfg.default_scope)
    head = cfg.model.cls_head
    if head.get('llm') is not None:
        head.llm, head.prompt = SMALL_LLM, BRIEF
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        dataset = cfg[loader].dataset
        dataset.update(  # one corpus, also for a composite
            corpus='casme2', data_root=str(corpus), fill_cache=False,
            split=dict(n_folds=3))
        dataset.pipeline[0].root = str(tmp_path / 'cache')
        if set(dataset.aus) - set(IN_THE_CORPUS):  # rare ones are in large corpora only
            dataset.aus = head.aus = IN_THE_CORPUS
    return cfg


def step(cfg: Config, clips: int = 3) -> tuple[dict, list, torch.nn.Module]:
    """One training step and one prediction on real clips of the corpus."""
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    optim = build_optim_wrapper(model, cfg.optim_wrapper)
    train = DATASETS.build(cfg.train_dataloader.dataset)
    test = DATASETS.build(cfg.test_dataloader.dataset)
    CooccurrencePriorHook().before_train(SimpleNamespace(  # others are left alone
        model=model, train_dataloader=SimpleNamespace(dataset=train),
        logger=logging.getLogger('configs')))
    before = {n: p.detach().clone() for n, p in model.named_parameters()}
    losses = model.train_step(pseudo_collate([train[i] for i in range(clips)]), optim)
    predictions = model.test_step(pseudo_collate([test[0], test[1]]))
    moved = {n for n, p in model.named_parameters() if not torch.equal(before[n], p)}
    learns = not isinstance(model.cls_head, ConstantHead)
    assert bool(moved) == learns
    assert all(not n.endswith('base_layer.weight') for n in moved)
    return losses, predictions, model


def check(losses: dict, predictions: list, num_aus: int) -> None:
    """Losses are finite; scores are probabilities, one an AU."""
    assert losses and all(torch.isfinite(v).all() for v in losses.values())
    for sample in predictions:
        assert sample.pred_score.shape == (num_aus,)
        assert ((sample.pred_score >= 0) & (sample.pred_score <= 1)).all()


@pytest.mark.parametrize(
    'config', CONFIGS, ids=lambda path: str(path.relative_to(ROOT / 'configs')))
def test_config_trains_a_step_and_predicts(config, synthetic_corpus, tmp_path):
    cfg = small(config, synthetic_corpus, tmp_path)
    losses, predictions, _ = step(cfg)
    check(losses, predictions, len(cfg.model.cls_head.aus))


@pytest.mark.parametrize(
    'config', CONFIGS, ids=lambda path: str(path.relative_to(ROOT / 'configs')))
def test_only_motion_is_superposed(config):
    """The sum of two clips of frames is no face."""
    cfg = Config.fromfile(config)
    form, = (t for t in cfg.train_dataloader.dataset.pipeline
             if t.type == 'FormatMotion')
    assert not cfg.model.data_preprocessor.get('blending') or form['keys'] == ('flow',)


@pytest.mark.parametrize('llm', [
    dict(model_type='qwen2', hidden_size=32, num_hidden_layers=2,
         num_attention_heads=4, num_key_value_heads=2, intermediate_size=64,
         vocab_size=1024, bos_token_id=2, eos_token_id=3),
    dict(model_type='llama', hidden_size=32, num_hidden_layers=2,
         num_attention_heads=4, num_key_value_heads=2, intermediate_size=64,
         vocab_size=1024),
    dict(model_type='gpt2', n_embd=32, n_layer=2, n_head=2, vocab_size=1024,
         bos_token_id=2, eos_token_id=3),
    'SmolLM2-135M-Instruct',
    'a local folder',
], ids=['qwen2', 'llama', 'gpt2', 'smollm2', 'folder'])
def test_llm_is_swapped_by_config_only(llm, synthetic_corpus, tmp_path):
    from aullm_mm.models.llm import resolve_llm
    cfg = small(ROOT / 'configs/aullm_casme2.py', synthetic_corpus, tmp_path)
    name = resolve_llm('glassllm') if llm == 'a local folder' else llm
    lora = None if isinstance(llm, str) and llm.startswith('Smol') else dict(r=2)
    cfg.model.cls_head.llm = dict(type='CausalLM', name=name, lora=lora)
    if isinstance(llm, dict):
        cfg.model.cls_head.llm.tokenizer = 'glassllm'
    losses, predictions, _ = step(cfg)
    check(losses, predictions, 8)
    assert {'loss_node', 'loss_au', 'loss_ccr'} <= set(losses)


@pytest.mark.parametrize('mode', ['classify', 'verbalize'])
def test_answer_mode_is_swapped_by_config_only(mode, synthetic_corpus, tmp_path):
    cfg = small(ROOT / 'configs/aullm_casme2.py', synthetic_corpus, tmp_path)
    cfg.model.cls_head.answer_mode = mode
    losses, predictions, _ = step(cfg)
    check(losses, predictions, 8)


def test_composite_config_decides_emotions_and_judges_them(
        synthetic_corpus, tmp_path):
    cfg = small(ROOT / 'configs/aullm_megc.py', synthetic_corpus, tmp_path)
    losses, predictions, _ = step(cfg)
    assert {'loss_au', 'loss_emotion', 'loss_emotion_node'} <= set(losses)
    for sample in predictions:
        assert sample.pred_emotion_score.sum().item() == pytest.approx(1, abs=1e-5)
    evaluator = Evaluator(cfg.test_evaluator)
    evaluator.dataset_meta = DATASETS.build(cfg.test_dataloader.dataset).metainfo
    evaluator.process(predictions)
    assert cfg.default_hooks.checkpoint.save_best == 'emotion/UF1'
    keys = evaluator.evaluate(len(predictions))
    assert any(key.startswith('au/') for key in keys)
    assert any(key == 'emotion/UF1' for key in keys)


@pytest.mark.parametrize('llm, mode', [
    (None, 'classify'), (SMALL_LLM, 'classify'), (SMALL_LLM, 'verbalize')],
    ids=['no llm', 'classify', 'verbalize'])
def test_emotions_are_added_by_config_only(llm, mode, synthetic_corpus, tmp_path):
    cfg = small(ROOT / 'configs/aullm_casme2.py', synthetic_corpus, tmp_path)
    cfg.model.cls_head.update(llm=llm, answer_mode=mode, emotions='5')
    cfg.train_dataloader.dataset.emotions = '5'
    cfg.optim_wrapper.paramwise_cfg = None
    losses, predictions, _ = step(cfg)
    check(losses, predictions, 8)
    assert 'loss_emotion' in losses
    assert all(sample.pred_emotion_score.shape == (5,) for sample in predictions)


def test_parts_are_removed_by_config_only(synthetic_corpus, tmp_path):
    for part in ('llm', 'graph', 'loss_ccr'):
        cfg = small(ROOT / 'configs/aullm_casme2.py', synthetic_corpus, tmp_path)
        cfg.model.cls_head[part] = None
        cfg.optim_wrapper.paramwise_cfg = None
        losses, predictions, model = step(cfg)
        check(losses, predictions, 8)
        assert getattr(model.cls_head, 'deduction' if part == 'llm' else part) is None
