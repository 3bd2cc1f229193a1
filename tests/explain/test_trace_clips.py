# Copyright (c) AULLM-MM contributors.
"""What a trace says is what the model does, for every kind of model."""
import json
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from aullm_mm.explain import FACE_REGIONS, numbers_of, trace_clips, values_of
from aullm_mm.explain.regions import canonical_masks, place_masks
from aullm_mm.explain.removal import remove_movement
from aullm_mm.explain.study import check_rules
from aullm_mm.explain.reading import ModelReader
from aullm_mm.models.llm import causal_lm

sys.path.insert(0, str(Path(__file__).parent))
from explained import AUS, RESNET, build, clips, scores_of  # noqa: E402

FRAMES = dict(
    backbone=dict(type='EulerianNet3D'), in_channels=(64, 256), layout='NCTHW')
MODELS = {
    'llm': (dict(), (1, 3, 64, 64)),
    'no llm': (dict(llm=None), (1, 3, 64, 64)),
    'no graph': (dict(graph=None), (1, 3, 64, 64)),
    'no llm, no graph': (dict(llm=None, graph=None), (1, 3, 64, 64)),
    'no rules': (dict(graph=dict(type='AURelationGNN', prior='none')), (1, 3, 64, 64)),
    'not residual': (dict(residual=False), (1, 3, 64, 64)),
    'verbalize': (dict(answer_mode='verbalize'), (1, 3, 64, 64)),
    'emotions': (dict(emotions='3'), (1, 3, 64, 64)),
    'eight AUs': (dict(aus=(1, 2, 4, 7, 12, 14, 15, 17)), (1, 3, 64, 64)),
    'linear': (dict(type='MultiLabelHead', in_channels=256,
                    backbone=dict(type='FlowNet2D')), (1, 3, 64, 64)),
    'frames': (FRAMES, (1, 1, 6, 64, 64)),
    'frames and flow': (dict(backbone=dict(type='MotionFusionNet'),
                             in_channels=(64, 64, 512)), (1, 9, 64, 64)),
    'segments': (dict(kind='Recognizer2D', backbone=RESNET, in_channels=512),
                 (2, 1, 64, 64)),
}
INPUTS = {'frames': 'frames', 'frames and flow': 'frames+flow', 'segments': 'segments'}


def close(score, wanted):
    return abs(score - float(wanted)) <= 6e-4  # three digits


@pytest.mark.parametrize('name', MODELS)
def test_every_model_gets_a_trace_of_its_own_scores(name):
    settings, shape = MODELS[name]
    model, data = build(**settings), clips(3, shape)
    traces = trace_clips(model, data)
    plain = scores_of(model, data)
    for trace, scores in zip(traces, plain):
        json.dumps(trace, allow_nan=False)
        assert trace['settings']['input'] == INPUTS.get(name, 'flow')
        for entry, score in zip(trace['aus'], scores):
            assert close(entry['score'], score)
            assert entry['present'] == bool(score >= 0.5)
        assert set(numbers_of(trace['text'])) <= values_of(trace)
        assert bool(trace['rules']) == (
            name not in ('no graph', 'no llm, no graph', 'no rules', 'linear'))
        assert (trace['emotions']['branch'] is not None) == (name == 'emotions')


@pytest.mark.parametrize('name', ['llm', 'not residual', 'no llm', 'frames'])
def test_removals_measured_in_full_are_those_of_the_plain_prediction(name):
    settings, shape = MODELS[name]
    model, data = build(**settings), clips(2, shape)
    # Everything counts as present, so that evidence and regions of each AU are tried.
    traces = trace_clips(model, data, thresholds=0.001, confirm=1000)
    masks = torch.from_numpy(canonical_masks((64, 64)).copy())
    places = torch.from_numpy(place_masks(AUS, (64, 64)))
    kind = INPUTS.get(name, 'flow')
    for sample, trace in zip(data, traces):
        seen = 0
        for au, entry in enumerate(trace['aus']):
            for region in entry['regions']:
                index = [(r.name, r.side) for r in FACE_REGIONS].index(
                    (region['region'], region['side']))
                assert region['measured'] == 'full'
                changed = remove_movement(
                    sample['inputs'][None], masks[index][None], kind)[0]
                after = scores_of(model, [dict(inputs=changed)])[0, au]
                assert close(region['score'], after)
                seen += region['score'] != region['before']
            gone = next(c for c in trace['counterfactuals']
                        if c['what'] == 'evidence' and c['of'] == entry['au'])
            changed = remove_movement(
                sample['inputs'][None], places[au][None], kind)[0]
            after = scores_of(model, [dict(inputs=changed)])[0, au]
            assert close(gone['changes'][0]['score'], after)
        assert seen


def test_what_is_estimated_holds_the_part_of_the_llm():
    model, data = build(), clips(2)
    rough = trace_clips(model, data, confirm=0)
    exact = trace_clips(model, data, confirm=1000)
    differ = 0
    for one, other in zip(rough, exact):
        pairs = list(zip(
            sorted(one['rules'], key=lambda r: r['aus']),
            sorted(other['rules'], key=lambda r: r['aus'])))
        assert all(a['measured'] == 'nodes' and b['measured'] == 'full'
                   for a, b in pairs)
        assert not any(a['decisive'] for a, _ in pairs)  # nothing is confirmed
        differ += sum(a['removed'] != b['removed'] for a, b in pairs)
        for au, entry in enumerate(one['aus']):
            assert abs(entry['node_logit'] + entry['llm_logit']
                       - entry['logit']) < 2e-3
    assert differ  # the LLM does see the changes, and estimates are not exact


def test_a_rule_said_to_be_decisive_changes_the_answer_of_the_whole_model():
    model, data = build(), clips(2)
    decisive = 0
    for sample in data:
        trace = trace_clips(model, [sample], confirm=1000)[0]
        rule = max(trace['rules'], key=lambda r: abs(r['removed']['logit_change']))
        moved = rule['removed']
        between = (moved['before'] + moved['score']) / 2
        trace = trace_clips(model, [sample], thresholds={moved['au']: between})[0]
        said = [r for r in trace['rules'] if r['decisive']]
        assert all(r['measured'] == 'full' and r['flips'] for r in said)
        tested, count, true = check_rules(ModelReader(model), sample, trace)
        assert tested == len(trace['rules']) and count == len(said) == true
        decisive += count
        if said:
            said[0]['flips'] = []  # the check can fail
            assert check_rules(ModelReader(model), sample, trace)[2] < count
    assert decisive


def test_the_llm_reads_its_constant_text_once_and_few_changes(monkeypatch):
    prefixes, suffixes = [], []
    read_prefix, read_suffixes = causal_lm.read_prefix, causal_lm.read_suffixes
    monkeypatch.setattr(causal_lm, 'read_prefix', lambda *a: (
        prefixes.append(1), read_prefix(*a))[1])
    monkeypatch.setattr(causal_lm, 'read_suffixes', lambda *a: (
        suffixes.append(len(a[2])), read_suffixes(*a))[1])
    trace_clips(build(), clips(5), confirm=3)
    assert len(prefixes) == 1 and suffixes == [5, 15]


def test_a_trace_does_not_depend_on_chance_nor_touch_the_model():
    model, data = build().train(), clips(2)
    before = torch.get_rng_state()
    first, second = trace_clips(model, data), trace_clips(model, data)
    assert first == second and model.training
    assert torch.equal(before, torch.get_rng_state())
    assert all(p.grad is None for p in model.parameters())


def test_other_clips_of_the_batch_change_only_what_is_taken_from_them():
    model, data = build(llm=None), clips(3)
    alone = trace_clips(model, data[:1])[0]
    together = trace_clips(model, data)[0]
    assert alone['aus'] == together['aus'] and alone['rules'] == together['rules']
    kinds = [c['what'] for c in alone['counterfactuals']]
    assert 'other context' not in kinds
    other = [c for c in together['counterfactuals'] if c['what'] == 'other context']
    assert other[0]['of'] == 'made/sub1/clip'


def test_a_clip_without_an_au_says_so():
    trace = trace_clips(build(), clips(1), thresholds=0.999)[0]
    assert trace['text'].startswith('The model finds no AU here')
    assert not trace['emotions']['closest']
    assert {c['what'] for c in trace['counterfactuals']} == {
        'no rules', 'rewired rules'}


def test_a_text_with_another_number_would_be_found():
    trace = trace_clips(build(), clips(1))[0]
    number = next(n for n in numbers_of(trace['text']) if n != int(n))
    wrong = trace['text'].replace(f'{number:g}', f'{number + 0.0123:g}', 1)
    assert not set(numbers_of(wrong)) <= values_of(trace)


def test_a_mesh_says_where_the_regions_are():
    from aullm_mm.faces.canonical import canonical_face
    model, data = build(llm=None), clips(1)
    # The canonical face as the 64 x 64 picture shows it.
    mesh = (canonical_face() + [1.2, 0.95]) * [64 / 2.4, 64 / 2.6] - 0.5
    plain, same = (trace_clips(model, data, meshes=m)[0] for m in (None, [mesh]))
    moved = trace_clips(model, data, meshes=[mesh * 0.5])[0]
    for au in plain['heat']['logit_drop']:
        a, b, c = (torch.tensor(t['heat']['logit_drop'][au])
                   for t in (plain, same, moved))
        assert (a - b).abs().max() < (a - c).abs().max()


@pytest.mark.parametrize('change,message', [
    (lambda m, d: (nn.Linear(1, 1), d, {}), 'head is AULLMHead or MultiLabelHead'),
    (lambda m, d: (m, [dict(d[0], inputs=torch.rand(2, 3, 64, 64))], {}), 'one view'),
    (lambda m, d: (m, [*d, dict(d[0], inputs=torch.rand(1, 3, 32, 32))], {}),
     'one shape'),
    (lambda m, d: (m, d, dict(thresholds=[0.5, 0.5])), 'each of the 4 AUs'),
    (lambda m, d: (m, d, dict(thresholds=1.0)), 'between 0 and 1'),
    (lambda m, d: (m, d, dict(kind='sound')), "kind 'sound'"),
    (lambda m, d: (m, d, dict(kind='frames')), 'they can be differences, flow'),
    (lambda m, d: (m, d, dict(meshes=[])), 'as many meshes'),
])
def test_what_cannot_be_explained_is_said(change, message):
    model, data, options = change(build(llm=None), clips(2))
    with pytest.raises(ValueError, match=message):
        trace_clips(model, data, **options)


def test_no_clips_have_no_traces():
    assert trace_clips(build(llm=None), []) == []
