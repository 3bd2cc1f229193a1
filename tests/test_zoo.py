# Copyright (c) AULLM-MM contributors.
"""Zoo weights: exported, read back, and adapted to other AUs and other LLMs."""
import importlib.util
import json
import logging
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import CheckpointLoader

from aullm_mm.apis import export, train_run
from aullm_mm.apis.export import export_weights
from aullm_mm.engine.hooks import CheckpointIdentityHook
from aullm_mm.engine.hooks.checkpoint_identity_hook import KEY
from aullm_mm.registry import MODELS
from aullm_mm.zoo import (
    ZOO_KEY,
    edges_of,
    list_models,
    load_from_zoo,
    model_card,
    read_weights,
    select_aus,
    store,
    write_model,
)
from aullm_mm.zoo.adapt import LLM_TENSORS
from aullm_mm.zoo.select import AU_TENSORS, STRENGTH

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / 'tests' / 'datasets'))
from moving_release import write_moving_release  # noqa: E402

TWELVE = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17)
EIGHT = (1, 2, 4, 7, 12, 14, 15, 17)
HEAD = 'cls_head.'
GLASS = dict(type='CausalLM', name='glassllm', lora=dict(r=2, lora_dropout=0.0))
SUBJECTS = ['casme2/sub01', 'casme2/sub02']


def config(aus=TWELVE, llm=GLASS, **head):
    cfg = Config.fromfile(ROOT / 'configs' / 'aullm_casme2.py')
    cfg.model.cls_head.update(
        aus=aus, llm=llm, prompt=dict(type='DeductionPrompt', style='brief'), **head)
    return cfg


def build(seed=1, **kwargs):
    """A recognizer whose weights are all of this seed, as after some training."""
    torch.manual_seed(seed)
    model = MODELS.build(config(**kwargs).model).eval()
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data.add_(torch.randn_like(parameter) * 0.01)
    return model


def save_checkpoint(model, path, cfg, **meta):
    identity = dict(model.cls_head.identity(), subjects=SUBJECTS)
    torch.save(dict(
        state_dict=model.state_dict(),
        meta={'cfg': cfg.pretty_text, KEY: identity, **meta}), path)
    return str(path)


@pytest.fixture(scope='module')
def teacher():
    return build()


@pytest.fixture(scope='module')
def checkpoint(teacher, tmp_path_factory):
    path = tmp_path_factory.mktemp('run') / 'best.pth'
    return save_checkpoint(teacher, path, config(), epoch=3)


@pytest.fixture(scope='module')
def exported(checkpoint, tmp_path_factory):
    zoo = tmp_path_factory.mktemp('zoo')
    export_weights(
        checkpoint, 'tiny', out=str(zoo), semi_synthetic=True,
        figures={'test/au/F1_mean': 0.5})
    return zoo


@pytest.fixture
def zoo(exported, monkeypatch):
    monkeypatch.setattr(store, 'ZOO', exported)
    return exported


@pytest.fixture
def logger(caplog):
    caplog.set_level(logging.INFO, 'zoo')
    return logging.getLogger('zoo')


def load(model, logger=None, name='tiny', hook=None, **cfg):
    """Load as the Runner does: scheme, hook, model."""
    loaded = CheckpointLoader.load_checkpoint(f'aullm-mm://{name}')
    runner = SimpleNamespace(model=model, logger=logger, cfg=Config(cfg))
    (hook or CheckpointIdentityHook()).after_load_checkpoint(runner, loaded)
    model.load_state_dict(loaded['state_dict'])
    return loaded


# ---- files -----------------------------------------------------------------------


def test_export_keeps_the_trained_tensors_and_names_the_llm(zoo, teacher):
    assert list_models() == ['tiny']
    weights, meta = read_weights('tiny')
    state = teacher.state_dict()
    assert set(weights) == set(state)
    assert any('lora_A' in key for key in weights)
    assert not any('base_layer' in k or 'embed_tokens' in k for k in weights)
    assert all(torch.equal(weights[key], state[key]) for key in state)
    assert meta['llm'] == teacher.cls_head.identity()['llm'] and meta['llm']['sha256']
    assert meta['aus'] == list(TWELVE) and meta['thresholds'] == [0.5] * 12
    assert meta['figures'] == {'test/au/F1_mean': 0.5} and meta['format'] == 1
    assert 'AULLMHead' in meta['config'] and 'CanonicalFaceFlow' in meta['config']
    assert meta['training']['subjects'] == SUBJECTS and meta['training']['epochs'] == 3


def test_config_in_the_description_builds_the_model(zoo):
    weights, meta = read_weights('tiny')
    model = MODELS.build(Config.fromstring(meta['config'], '.py').model)
    model.load_state_dict(weights)


def test_card_says_what_the_weights_are_not(zoo):
    card = model_card('tiny')
    for words in ('semi-synthetic', 'No real micro-expression', 'test/au/F1_mean',
                  'Apache-2.0', 'glassllm', 'aullm-mm://tiny'):
        assert words in card


def test_half_is_half_as_large_and_loads(checkpoint, zoo, tmp_path, monkeypatch):
    path = export_weights(checkpoint, 'half', out=str(tmp_path), half=True)
    assert path.stat().st_size < 0.6 * (zoo / 'tiny.safetensors').stat().st_size
    monkeypatch.setattr(store, 'ZOO', tmp_path)
    model = build(seed=2)
    load(model, name='half')
    assert model.cls_head.graph.bias.dtype == torch.float32


def test_large_weights_are_refused_and_nothing_is_left(tmp_path):
    with pytest.raises(ValueError, match=r'big has 0\.4 MB.*0\.1 MB.*--half'):
        write_model('big', {'a': torch.zeros(100_000)}, {}, '', tmp_path, 100_000)
    assert not list(tmp_path.iterdir())


def test_existing_model_and_bad_name_are_refused(checkpoint, zoo):
    with pytest.raises(ValueError, match='tiny.safetensors exists: remove'):
        export_weights(checkpoint, 'tiny')
    with pytest.raises(ValueError, match="'../x' cannot be the name"):
        load_from_zoo('aullm-mm://../x')


def test_unknown_model_is_named_beside_the_known_ones(zoo):
    with pytest.raises(FileNotFoundError, match=r"no model 'nine'\. Known: tiny"):
        load_from_zoo('aullm-mm://nine')


@pytest.fixture
def copy(zoo, tmp_path, monkeypatch):
    for path in zoo.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(store, 'ZOO', tmp_path)
    return tmp_path


@pytest.mark.parametrize('name, change, words', [
    ('tiny.safetensors', lambda b: b[:-1], r'safetensors is damaged: its SHA-256'),
    ('tiny.safetensors', lambda b: b'', r'is damaged.*\(0 bytes are there\)'),
    ('tiny.json', lambda b: b[:50], r'tiny\.json is damaged'),
    ('tiny.json', lambda b: b'{"format": 1}', r'tiny\.json is damaged: it lacks name'),
    ('tiny.json', lambda b: b'[]', r'tiny\.json is damaged')])
def test_damaged_file_is_a_fault_of_the_installation(copy, name, change, words):
    path = copy / name
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ValueError, match=words) as error:
        read_weights('tiny')
    assert 'not your config' in str(error.value) and '--force-re' in str(error.value)


def test_missing_and_later_files_are_named_with_the_cure(copy):
    meta = json.loads((copy / 'tiny.json').read_text())
    (copy / 'tiny.json').write_text(json.dumps({**meta, 'format': 2}))
    with pytest.raises(ValueError, match='format 2.*update AULLM-MM'):
        read_weights('tiny')
    (copy / 'tiny.json').write_text(json.dumps(meta))
    (copy / 'tiny.safetensors').unlink()
    with pytest.raises(FileNotFoundError, match=r'tiny\.safetensors is missing'):
        read_weights('tiny')


def test_checkpoint_that_does_not_fit_is_not_exported(teacher, tmp_path):
    state, identity = teacher.state_dict(), teacher.cls_head.identity()
    path, name = tmp_path / 'best.pth', str(tmp_path / 'best.pth')
    torch.save(dict(state_dict=state, meta={}), path)
    with pytest.raises(ValueError, match='does not say which AUs'):
        export_weights(name, 'x', out=str(tmp_path / 'zoo'))
    torch.save(dict(state_dict=state, meta={KEY: identity}), path)
    with pytest.raises(ValueError, match='holds no config: name it by --config'):
        export_weights(name, 'x', out=str(tmp_path / 'zoo'))
    key = HEAD + 'graph.bias'
    torch.save(dict(
        state_dict={k: v for k, v in state.items() if k != key},
        meta={KEY: identity, 'cfg': config().pretty_text}), path)
    with pytest.raises(ValueError, match=f'1 weights are missing.*{key}'):
        export_weights(name, 'x', out=str(tmp_path / 'zoo'))
    assert not (tmp_path / 'zoo').exists()


def test_tool_takes_figures_and_reports_one_line(tmp_path, monkeypatch, capsys):
    path = ROOT / 'tools' / 'export_weights.py'
    spec = importlib.util.spec_from_file_location('tool', path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    arguments = ['no.pth', 'x', '--out', str(tmp_path), '--figures', 'test/F1=0.5']
    monkeypatch.setattr('sys.argv', ['export_weights.py', *arguments])
    assert tool.parse_args().figures == [('test/F1', 0.5)]
    with pytest.raises(SystemExit) as end:
        tool.run_cli(tool.main)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith('error: no.pth: there is no such')


def test_last_figures_of_validation_are_exported():
    value = SimpleNamespace(current=lambda: 0.123456)
    scalars = {'val/au/F1_mean': value, 'val/time': value, 'train/loss': value}
    found = export._validation(dict(message_hub=dict(log_scalars=scalars)))
    assert found == {'val/au/F1_mean': 0.1235}


# ---- AU by AU --------------------------------------------------------------------


@pytest.mark.parametrize('head', [
    {}, dict(llm=None), dict(answer_mode='verbalize'), dict(graph=None)],
    ids=['default', 'no llm', 'verbalize', 'no graph'])
def test_every_tensor_with_an_au_axis_is_in_the_table(head):
    first, second = (build(aus=TWELVE[:n], **head).state_dict() for n in (7, 6))
    assert set(first) == set(second)
    differ = {key for key in first if first[key].shape != second[key].shape}
    assert differ - {*AU_TENSORS, STRENGTH} == set() and differ
    assert all(len(first[k]) == 7 and len(second[k]) == 6 for k in differ - {STRENGTH})


def test_table_names_only_tensors_that_there_are():
    found = {*build().state_dict(), *build(graph=None, llm=None).state_dict()}
    assert {*AU_TENSORS, STRENGTH} <= found
    assert all(any(key.startswith(part) for key in found) for part in LLM_TENSORS
               if 'mlp' not in part)  # of FusionProjector


@pytest.mark.parametrize('graph', [{}, dict(graph=None)], ids=['graph', 'no graph'])
def test_every_tensor_that_knows_the_llm_is_in_the_table(graph):
    wide = build(**graph, llm=None)
    first, second = build(**graph).state_dict(), wide.state_dict()
    wider = {k for k in first if not k.startswith(HEAD + 'deduction.')}
    assert wider == set(second)
    # glassllm is as wide as the control, so the width is changed.
    other = MODELS.build(dict(config(llm=None).model.cls_head, llm=dict(
        type='CausalLM', tokenizer='glassllm', lora=None, name=dict(
            model_type='llama', hidden_size=32, num_hidden_layers=1,
            num_attention_heads=4, num_key_value_heads=2, intermediate_size=64,
            vocab_size=1024)), **graph)).state_dict()
    differ = {k for k in second if k.startswith(HEAD)
              and second[k].shape != other[k.removeprefix(HEAD)].shape}
    known = LLM_TENSORS + ((HEAD + 'classify.',) if graph else ())
    assert differ and all(key.startswith(known) for key in differ)


def test_pure_function_takes_rows_by_number_and_edges_by_pair():
    weights = {AU_TENSORS[2]: torch.arange(3.)[:, None, None].expand(3, 2, 2),
               STRENGTH: torch.tensor([.1, .2]), 'other': torch.ones(3)}
    before = {key: value.clone() for key, value in weights.items()}
    initial = {AU_TENSORS[2]: torch.full((3, 2, 2), -1.), STRENGTH: torch.zeros(3),
               'other': torch.zeros(3)}
    new = select_aus(
        weights, (1, 2, 4), (4, 26, 1), initial,
        [[1, 4, 'synergy'], [4, 1, 'synergy']],
        [(4, 1, 'synergy'), (4, 26, 'synergy'), (1, 4, 'antagonism')])
    assert new[AU_TENSORS[2]][:, 0, 0].tolist() == [2, -1, 0]
    assert new[STRENGTH].tolist() == pytest.approx([.2, 0, 0])
    assert new['other'] is weights['other']
    assert all(torch.equal(before[key], weights[key]) for key in before)


def test_rows_of_another_shape_are_refused():
    key = AU_TENSORS[2]
    with pytest.raises(ValueError, match=f'{key}.*differ in more than the AU list'):
        select_aus({key: torch.zeros(2, 3)}, (1, 2), (1,), {key: torch.zeros(1, 4)})


# ---- loading ---------------------------------------------------------------------


def test_scheme_gives_what_the_hook_checks(zoo, teacher):
    loaded = CheckpointLoader.load_checkpoint('aullm-mm://tiny')
    identity = loaded['meta'][KEY]
    assert identity['aus'] == list(TWELVE) and identity['llm']['name'] == 'glassllm'
    assert 'subjects' not in identity  # semi-synthetic: not the people of that name
    assert [tuple(e) for e in loaded['meta'][ZOO_KEY]['edges']] == edges_of(
        teacher.cls_head.graph)


def test_same_model_gets_the_very_weights_and_may_be_tested(zoo, teacher):
    model, hook = build(seed=2), CheckpointIdentityHook()
    load(model, hook=hook)
    for key, value in teacher.state_dict().items():
        assert torch.equal(model.state_dict()[key], value)
    hook.before_val(SimpleNamespace())


@pytest.mark.parametrize('aus', [
    EIGHT, (17, 4, 1, 12), (26, 12, 4, 25, 1)], ids=['subset', 'order', 'others'])
def test_weights_of_twelve_aus_load_into_a_model_of_others(
        zoo, teacher, aus, logger, caplog):
    model = build(seed=2, aus=aus)
    initial = {key: v.clone() for key, v in model.state_dict().items()}
    load(model, logger)
    new, old = model.state_dict(), teacher.state_dict()
    for key in AU_TENSORS[2:]:
        for i, au in enumerate(aus):
            want = old[key][TWELVE.index(au)] if au in TWELVE else initial[key][i]
            assert torch.equal(new[key][i], want), (key, au)
    known = dict(zip(edges_of(teacher.cls_head.graph), old[STRENGTH]))
    edges = edges_of(model.cls_head.graph)
    assert len(edges) == len(new[STRENGTH]) and known.keys() & set(edges)
    for edge, start, value in zip(edges, initial[STRENGTH], new[STRENGTH]):
        assert value == known.get(edge, start)
    rest = set(old) - {*AU_TENSORS, STRENGTH}
    assert all(torch.equal(old[key], new[key]) for key in rest)
    warned = [r.getMessage() for r in caplog.records if r.levelname == 'WARNING']
    assert len(warned) == bool(set(aus) - set(TWELVE))
    assert all('does not know AUs [26, 25]' in text for text in warned)


def test_aus_answer_as_before_where_they_do_not_talk(checkpoint, tmp_path, monkeypatch):
    """Without edges an AU's node logit is the same in every AU list."""
    monkeypatch.setattr(store, 'ZOO', tmp_path)
    graph = dict(type='AURelationGNN', prior='none')
    silent = build(graph=graph)
    path = save_checkpoint(
        silent, tmp_path / 'silent.pth', config(graph=graph))
    export_weights(path, 'silent', out=str(tmp_path))
    model, flow = build(seed=2, aus=EIGHT, graph=graph), torch.rand(2, 3, 64, 64)
    load(model, logging.getLogger('zoo'), 'silent')
    with torch.no_grad():
        old, new = (m.cls_head.reason(m.cls_head.gather(m.backbone(flow))).node_logits
                    for m in (silent, model))
    torch.testing.assert_close(new, old[:, [TWELVE.index(au) for au in EIGHT]])


@pytest.mark.parametrize('graph', ['none', 'full', 'co-occurrence'])
def test_graph_of_another_prior_keeps_the_strengths_that_it_starts_from(
        zoo, teacher, graph, logger):
    settings = dict(type='AURelationGNN', prior=graph)
    model = build(seed=2, graph=settings)
    initial = model.cls_head.graph.strength.detach().clone()
    hook = CheckpointIdentityHook()
    load(model, logger, hook=hook)
    known = dict(zip(edges_of(teacher.cls_head.graph),
                     teacher.cls_head.graph.strength.detach()))
    expected = [known.get(edge, start) for edge, start in zip(
        edges_of(model.cls_head.graph), initial)]
    if graph == 'co-occurrence':  # no edges yet
        expected = initial
    assert model.cls_head.graph.strength.tolist() == [float(x) for x in expected]
    assert torch.equal(model.cls_head.graph.bias, teacher.cls_head.graph.bias)
    with pytest.raises(ValueError, match='before it is trained'):
        hook.before_val(None)


def test_learned_edges_come_along_with_the_same_aus_only(tmp_path, monkeypatch, logger):
    monkeypatch.setattr(store, 'ZOO', tmp_path)
    graph = dict(type='AURelationGNN', prior='co-occurrence')
    source = build(graph=graph)
    source.cls_head.graph.learn_support(torch.randint(2, (30, 12)).numpy())
    path = save_checkpoint(source, tmp_path / 'x.pth', config(graph=graph))
    with torch.no_grad():
        export_weights(path, 'learned', out=str(tmp_path))
    same, other = build(seed=2, graph=graph), build(seed=2, aus=EIGHT, graph=graph)
    load(same, logger, 'learned')
    assert torch.equal(
        same.cls_head.graph.edge_index, source.cls_head.graph.edge_index)
    load(other, logger, 'learned')
    assert not other.cls_head.graph.has_support  # the training clips will tell


@pytest.mark.parametrize('llm', [
    None, dict(GLASS, pretrained=False)], ids=['no llm', 'another llm'])
def test_parts_of_another_llm_keep_their_initial_values(
        zoo, teacher, llm, logger, caplog):
    model = build(seed=2, llm=llm)
    initial = {key: v.clone() for key, v in model.state_dict().items()}
    load(model, logger)
    new, old = model.state_dict(), teacher.state_dict()
    for key in new:
        kept = key.startswith(LLM_TENSORS)
        assert torch.equal(new[key], initial[key] if kept else old[key]), key
    assert 'trained with the LLM glassllm (' in caplog.text
    assert ('model has none' if llm is None else 'has random glassllm') in caplog.text


def test_weights_without_an_llm_load_into_a_model_with_one(
        tmp_path, monkeypatch, logger, caplog):
    monkeypatch.setattr(store, 'ZOO', tmp_path)
    control = build(llm=None)
    path = save_checkpoint(control, tmp_path / 'c.pth', config(llm=None))
    export_weights(path, 'control', out=str(tmp_path))
    model = build(seed=2, aus=EIGHT)
    load(model, logger, 'control')
    assert 'with the LLM none, the model has glassllm' in caplog.text
    assert model.cls_head.graph.bias[3] == control.cls_head.graph.bias[5]
    assert torch.equal(
        model.backbone.stem[0].weight, control.backbone.stem[0].weight)


def test_emotion_branch_of_another_scheme_keeps_its_initial_values(
        zoo, teacher, logger, caplog):
    model = build(seed=2, emotions='3')
    initial = model.cls_head.emotion.classify.weight.detach().clone()
    load(model, logger)
    assert torch.equal(model.cls_head.emotion.classify.weight, initial)
    assert 'emotion branch keeps' in caplog.text


def test_model_of_another_projector_is_refused(zoo, logger):
    projector = dict(type='MultiGranularityProjector', num_tokens=2)
    with pytest.raises(ValueError, match='aullm-mm://tiny does not fit the model'):
        load(build(projector=projector), logger)


def test_adapted_weights_are_trained_before_they_are_tested(zoo, logger):
    hook = CheckpointIdentityHook()
    load(build(seed=2, aus=EIGHT), logger, hook=hook)
    for test in (hook.before_val, hook.before_test):
        with pytest.raises(ValueError, match='tiny was adapted.*test the checkpoint'):
            test(None)
    hook.before_train(SimpleNamespace(train_loop=None, val_loop=None))
    hook.before_val(None)


def test_zoo_weights_cannot_be_resumed(zoo):
    with pytest.raises(ValueError, match='cannot be resumed.*resume=False'):
        load(build(), resume=True)


def test_ordinary_checkpoint_of_another_au_list_is_still_refused(checkpoint):
    loaded = CheckpointLoader.load_checkpoint(checkpoint)
    runner = SimpleNamespace(model=build(aus=EIGHT), cfg=Config())
    with pytest.raises(ValueError, match='asks for'):
        CheckpointIdentityHook().after_load_checkpoint(runner, loaded)


def test_subjects_of_a_real_corpus_stay_known(checkpoint, tmp_path, monkeypatch):
    export_weights(checkpoint, 'real', out=str(tmp_path))
    monkeypatch.setattr(store, 'ZOO', tmp_path)
    hook = CheckpointIdentityHook()
    load(build(), name='real', hook=hook)
    assert hook.subjects == set(SUBJECTS)


# ---- the whole way ---------------------------------------------------------------


def test_finetune_config_trains_from_the_zoo_without_an_llm(
        zoo, tmp_path, monkeypatch, caplog):
    root = write_moving_release(tmp_path / 'casme2', clips=1)
    cfg = Config.fromfile(ROOT / 'configs' / 'ablations' / 'no_llm_finetune.py')
    assert cfg.load_from == 'aullm-mm://aullm_flow'
    cfg.load_from, cfg.work_dir = 'aullm-mm://tiny', str(tmp_path / 'work')
    cfg.train_cfg.update(max_epochs=1, val_begin=1)
    cfg.param_scheduler = None
    cfg.model.cls_head.aus = cfg.val_evaluator.aus = cfg.test_evaluator.aus = (4, 12)
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        cfg[name].update(num_workers=0, persistent_workers=False)
        cfg[name].dataset.update(
            aus=(4, 12), data_root=str(root),
            split=dict(n_folds=4, fold=0, val_fraction=0.25))
        cached = cfg[name].dataset.pipeline[0]
        cached.root = str(tmp_path / 'cache')
        cached.transforms[1].no_face = 'crop'  # a texture moves here
    init_default_scope('mmaction')
    runner = train_run(cfg)
    assert runner.epoch == 1
    log = next((tmp_path / 'work').glob('*/*.log')).read_text()
    assert 'Load checkpoint from aullm-mm://tiny' in log
    assert 'with the LLM glassllm' in log and 'do not match exactly' not in log


def test_finetune_configs_differ_in_start_and_schedule_only():
    full, tuned = (Config.fromfile(ROOT / 'configs' / f'{name}_casme2.py')
                   for name in ('aullm', 'aullm_finetune'))
    assert tuned.model == full.model
    assert tuned.optim_wrapper.optimizer.lr < full.optim_wrapper.optimizer.lr
    assert tuned.train_cfg.max_epochs < full.train_cfg.max_epochs
    assert sum(tuned.param_scheduler.periods) == tuned.train_cfg.max_epochs
    assert [hook.type for hook in tuned.custom_hooks] == [
        hook.type for hook in full.custom_hooks]
    assert tuned.custom_hooks[-1].epochs == tuned.param_scheduler.periods[0]
