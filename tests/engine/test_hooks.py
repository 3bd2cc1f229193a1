# Copyright (c) AULLM-MM contributors.
"""What the hooks do to a stock recognizer that holds a real head and a real LLM."""
import logging
from types import SimpleNamespace

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.model import is_model_wrapper
from torch import nn
from torch.utils.data import DataLoader, Dataset

from aullm_mm.engine.hooks import (
    CheckpointIdentityHook,
    EvidenceWarmupHook,
    ModelSummaryHook,
)
from aullm_mm.engine.hooks.checkpoint_identity_hook import (
    KEY,
    check_identity,
    check_unseen,
)
from aullm_mm.engine.hooks.model_summary_hook import count_parameters
from aullm_mm.models.llm import llm_fingerprint, resolve_llm
from aullm_mm.structures import AUDataSample

AUS = (1, 2, 4, 12)
GLASS = dict(type='CausalLM', name='glassllm', lora=dict(r=2, lora_dropout=0.0))


def recognizer(aus=AUS, llm=GLASS):
    return MODELS.build(dict(
        type='Recognizer3D', backbone=dict(type='FlowNet2D'),
        data_preprocessor=dict(type='ActionDataPreprocessor'),
        cls_head=dict(
            type='AULLMHead', aus=aus, in_channels=(64, 256), llm=llm,
            prompt=dict(type='DeductionPrompt', style='brief'))))


def stock_recognizer():
    return MODELS.build(dict(
        type='Recognizer2D', backbone=dict(type='ResNet', depth=18),
        data_preprocessor=dict(type='ActionDataPreprocessor'),
        cls_head=dict(type='TSNHead', num_classes=4, in_channels=512)))


@pytest.fixture(scope='module')
def trained():
    """One recognizer for the tests that do not change its weights."""
    return recognizer()


@pytest.fixture
def logger(caplog):
    caplog.set_level(logging.INFO, 'hooks')
    return logging.getLogger('hooks')


class Subjects(Dataset):
    """A dataset that knows its subjects, as MicroExpressionDataset does."""

    def __init__(self, *subjects):
        self.subjects = subjects

    def __len__(self):
        return len(self.subjects)


def loop(*subjects):
    return SimpleNamespace(dataloader=DataLoader(Subjects(*subjects)))


def runner(model, logger=None, **kwargs):
    settings = dict(
        epoch=0, max_epochs=3, train_loop=loop('casme2/sub01', 'casme2/sub02'),
        val_loop=loop('casme2/sub03'))
    return SimpleNamespace(model=model, logger=logger, **{**settings, **kwargs})


def losses(model, batch=2):
    samples = [
        AUDataSample().set_au_labels(row)
        for row in torch.randint(2, (batch, len(AUS))).float()]
    return model.loss(torch.rand(batch, 1, 3, 64, 64), samples)


# ---- warm-up ---------------------------------------------------------------------


def test_llm_neither_runs_nor_learns_until_the_warmup_ends(trained, logger):
    hook, ran, names = EvidenceWarmupHook(epochs=2), [], []
    handle = trained.cls_head.deduction.register_forward_hook(
        lambda *args: ran.append(epoch))
    for epoch in range(4):
        hook.before_train_epoch(runner(trained, logger, epoch=epoch))
        trained.zero_grad()
        found = losses(trained)
        sum(found.values()).backward()
        names.append(set(found))
        adapters = [p.grad for n, p in trained.named_parameters() if 'lora_B' in n]
        assert adapters and all((g is not None) == (epoch >= 2) for g in adapters)
        assert all(p.grad is not None for p in trained.backbone.parameters())
    handle.remove()
    assert names[:2] == [{'loss_node', 'loss_ccr'}] * 2
    assert names[2:] == [{'loss_node', 'loss_au', 'loss_ccr'}] * 2
    assert ran == [2, 3]


def test_warmup_is_told_once_at_either_end(trained, logger, caplog):
    hook = EvidenceWarmupHook(epochs=2)
    trained.cls_head.deduces = True
    for epoch in range(4):
        hook.before_train_epoch(runner(trained, logger, epoch=epoch))
    assert [record.getMessage() for record in caplog.records] == [
        'Evidence and structure learn for 2 epochs; then the LLM joins.',
        'The LLM joins the training.']


@pytest.mark.parametrize('epoch, deduces', [(1, False), (2, True), (7, True)])
def test_resumed_run_goes_on_in_the_state_of_its_epoch(trained, logger, epoch, deduces):
    for before in (True, False):
        trained.cls_head.deduces = before
        EvidenceWarmupHook(2).before_train_epoch(runner(trained, logger, epoch=epoch))
        assert trained.cls_head.deduces is deduces


def test_training_leaves_the_model_with_its_llm(trained, logger):
    hook = EvidenceWarmupHook(epochs=5)
    hook.before_train_epoch(runner(trained, logger))
    assert trained.cls_head.deduces is False
    hook.after_train(runner(trained, logger))
    assert trained.cls_head.deduces is True


def test_wrapped_model_is_switched_too(trained, logger):
    wrapped = nn.DataParallel(trained)
    assert is_model_wrapper(wrapped)
    EvidenceWarmupHook(epochs=5).before_train_epoch(runner(wrapped, logger))
    assert trained.cls_head.deduces is False
    EvidenceWarmupHook(epochs=5).after_train(runner(wrapped, logger))
    assert trained.cls_head.deduces is True


@pytest.mark.parametrize('build', [stock_recognizer, lambda: recognizer(llm=None)])
def test_head_without_an_llm_is_left_alone(build, logger, caplog):
    model, hook = build(), EvidenceWarmupHook(epochs=9)
    before = dict(vars(model.cls_head))
    for act in (hook.before_train, hook.before_train_epoch, hook.after_train):
        act(runner(model, logger))
    assert vars(model.cls_head) == before and not caplog.records


@pytest.mark.parametrize('max_epochs, warned', [(2, True), (3, True), (4, False)])
def test_run_too_short_for_the_llm_is_warned_of(
        trained, logger, caplog, max_epochs, warned):
    EvidenceWarmupHook(3).before_train(runner(trained, logger, max_epochs=max_epochs))
    assert ('LLM stays untrained' in caplog.text) is warned


def test_negative_warmup_is_refused():
    with pytest.raises(ValueError, match='at least 0, got -1'):
        EvidenceWarmupHook(-1)


# ---- identity of checkpoints -----------------------------------------------------

LLM = dict(name='glassllm', sha256='a' * 64)


def test_agreeing_identity_passes_and_so_does_none():
    identity = dict(aus=[1, 2], llm=LLM)
    check_identity(dict(aus=(1, 2), llm=dict(LLM)), identity, 'a.pth')
    check_identity(None, identity, 'a.pth')


@pytest.mark.parametrize('saved, words', [
    (dict(aus=[1, 4], llm=LLM), r'a\.pth decides AUs \[1, 4\].*asks for \[1, 2\]'),
    (dict(aus=[2, 1], llm=LLM), r'decides AUs \[2, 1\]'),
    (dict(aus=[1, 2], llm=None), r'with the LLM none, .* names glassllm \(aaaaaa'),
    (dict(aus=[1, 2], llm=dict(LLM, sha256='b' * 64)),
     r'a\.pth was trained with the LLM glassllm \(bbbbbbbbbbbb\), but'),
    (dict(aus=[1, 2], llm=dict(LLM, name='other')), r'LLM other \(a.*Use the config')])
def test_checkpoint_of_another_au_list_or_llm_is_refused(saved, words):
    with pytest.raises(ValueError, match=words):
        check_identity(saved, dict(aus=[1, 2], llm=LLM), 'a.pth')


NAMES = ['negative', 'positive', 'surprise']


@pytest.mark.parametrize('saved, model, words', [
    (NAMES, ['happiness'], r"emotions \['negative', .* asks for \['happiness'\]"),
    (NAMES, None, r"emotions \['negative', .* asks for \[\]"),
    (None, NAMES, r"emotions \[\], .* asks for \['negative', ")])
def test_checkpoint_of_other_emotions_is_refused(saved, model, words):
    identity = dict(aus=[1, 2], llm=LLM)
    both = [dict(identity, emotions=e) if e else identity for e in (saved, model)]
    with pytest.raises(ValueError, match=words):
        check_identity(*both, 'a.pth')
    check_identity(dict(identity, emotions=NAMES), dict(identity, emotions=NAMES), 'a')


def test_subject_that_the_checkpoint_knows_is_refused():
    check_unseen(['casme2/sub01'], ['casme2/sub02'], 'a.pth')
    with pytest.raises(ValueError, match=r'a\.pth .* 1 of the test subjects: b/s2\.'):
        check_unseen(['b/s1', 'b/s2'], ['b/s2', 'b/s3'], 'a.pth')


def saved(model, **kwargs):
    """What MMEngine hands to the hook when it saves a checkpoint."""
    hook, run = CheckpointIdentityHook(), runner(model, **kwargs)
    checkpoint = dict(meta=dict(epoch=1), state_dict=model.state_dict())
    hook.before_train(run)
    hook.before_save_checkpoint(run, checkpoint)
    return checkpoint


def test_checkpoint_says_aus_llm_and_all_subjects_that_it_knows(trained):
    meta = saved(trained)['meta']
    assert meta['epoch'] == 1
    assert meta[KEY]['aus'] == list(AUS)
    assert meta[KEY]['llm'] == dict(
        name='glassllm', sha256=llm_fingerprint(resolve_llm('glassllm')))
    assert meta[KEY]['subjects'] == [f'casme2/sub{n:02d}' for n in (1, 2, 3)]


def test_resumed_checkpoint_still_knows_the_subjects_of_before(trained):
    hook = CheckpointIdentityHook()
    hook.after_load_checkpoint(runner(trained), saved(trained))
    run = runner(trained, train_loop=loop('casme2/sub09'), val_loop=None)
    checkpoint = dict(meta={}, state_dict={})
    hook.before_train(run)
    hook.before_save_checkpoint(run, checkpoint)
    assert checkpoint['meta'][KEY]['subjects'] == [
        f'casme2/sub{n:02d}' for n in (1, 2, 3, 9)]


def test_checkpoint_tests_on_new_subjects_only(trained):
    hook = CheckpointIdentityHook()
    hook.after_load_checkpoint(
        runner(trained, _load_from='best.pth'), saved(trained))
    hook.before_test(
        runner(trained, test_dataloader=loop('casme2/sub07').dataloader))
    known = loop('casme2/sub03', 'casme2/sub07').dataloader
    with pytest.raises(ValueError, match=r'best\.pth .*: casme2/sub03\.'):
        hook.before_test(runner(trained, test_dataloader=known))


@pytest.mark.parametrize('other, words', [
    (lambda: recognizer(aus=(1, 2, 4, 15)), r'\[1, 2, 4, 12\].*\[1, 2, 4, 15\]'),
    (lambda: recognizer(llm=None), r'LLM glassllm \(.*config names none')])
def test_checkpoint_is_refused_by_another_model(trained, other, words):
    with pytest.raises(ValueError, match=words):
        CheckpointIdentityHook().after_load_checkpoint(
            runner(other()), saved(trained))


@pytest.mark.parametrize('lost', ['lora_A', 'graph.strength', 'backbone.'])
def test_checkpoint_that_lacks_a_trained_weight_is_refused(trained, lost):
    checkpoint = saved(trained)
    checkpoint['state_dict'] = {
        k: v for k, v in checkpoint['state_dict'].items() if lost not in k}
    words = rf'[1-9]\d* trained weights are missing and 0 .*{lost}'
    with pytest.raises(ValueError, match=words):
        CheckpointIdentityHook().after_load_checkpoint(runner(trained), checkpoint)


def test_weight_of_another_shape_is_named(trained):
    checkpoint = saved(trained)
    name = 'cls_head.deduction.classify.weight'
    checkpoint['state_dict'] = {
        **checkpoint['state_dict'], name: torch.zeros(3, 3)}
    with pytest.raises(ValueError, match=f'0 trained .* 1 have another .* {name}'):
        CheckpointIdentityHook().after_load_checkpoint(runner(trained), checkpoint)


def test_whole_checkpoint_passes_without_the_frozen_llm(trained):
    checkpoint = saved(trained)
    frozen = {n for n, p in trained.named_parameters() if not p.requires_grad}
    assert frozen and not frozen & set(checkpoint['state_dict'])
    CheckpointIdentityHook().after_load_checkpoint(runner(trained), checkpoint)


def test_stock_head_and_foreign_checkpoint_are_left_alone(trained):
    model = stock_recognizer()
    assert KEY not in saved(model)['meta']
    hook = CheckpointIdentityHook()
    hook.after_load_checkpoint(runner(model), saved(trained))
    hook.after_load_checkpoint(runner(trained), dict(meta={}, state_dict={}))
    hook.before_train(runner(model, train_loop=SimpleNamespace(
        dataloader=DataLoader([1])), val_loop=None))
    assert hook.subjects == frozenset()


# ---- summary ---------------------------------------------------------------------


def test_parameters_are_counted_by_part_trained_and_frozen(trained):
    parts = count_parameters(trained)
    assert {'backbone', 'projector', 'graph', 'deduction'} <= set(parts)
    assert sum(t + f for t, f in parts.values()) == sum(
        p.numel() for p in trained.parameters())
    assert parts['backbone'][1] == parts['graph'][1] == 0
    trained_llm, frozen_llm = parts['deduction']
    assert frozen_llm == sum(
        p.numel() for p in trained.parameters() if not p.requires_grad)
    assert 0 < trained_llm < frozen_llm


def test_module_without_parameters_is_no_part():
    model = nn.Sequential(nn.Linear(2, 3).requires_grad_(False), nn.ReLU())
    assert count_parameters(model) == {'0': (0, 9)}


def test_summary_shows_counts_and_the_prompt_as_the_llm_reads_it(
        trained, logger, caplog):
    ModelSummaryHook().before_run(runner(trained, logger))
    counts, prompt = (record.getMessage() for record in caplog.records)
    total = sum(p.numel() for p in trained.parameters() if p.requires_grad)
    assert counts.startswith(f'{total:,d} trained parameters:')
    assert 'deduction' in counts and 'frozen' in counts
    assert prompt.endswith(trained.cls_head.describe_prompt()) and '<CT1>' in prompt


@pytest.mark.parametrize('build', [stock_recognizer, lambda: recognizer(llm=None)])
def test_summary_of_a_model_without_a_prompt_has_counts_only(build, logger, caplog):
    ModelSummaryHook().before_run(runner(build(), logger))
    counts, = (record.getMessage() for record in caplog.records)
    assert 'trained parameters' in counts
