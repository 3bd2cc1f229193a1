# Copyright (c) AULLM-MM contributors.
"""Traces of the packaged weights are true to the model, on generated clips."""
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config

from aullm_mm.explain.corpus import open_corpus, uncached
from aullm_mm.explain.estimates import estimate_errors
from aullm_mm.explain.faithfulness import (
    cell_order,
    curve_masks,
    deletion_and_insertion,
    mean_interval,
    random_regions,
    scores_of,
)
from aullm_mm.explain.heat import (
    fine_heats,
    gradient_saliency,
    grid_masks,
    region_heat,
)
from aullm_mm.explain.reading import ModelReader
from aullm_mm.explain.regions import FACE_REGIONS, canonical_masks, region_masks
from aullm_mm.explain.study import METHODS, judge_clip, study_clips, summarize
from aullm_mm.explain.trace import trace_clips
from aullm_mm.registry import MODELS
from aullm_mm.zoo import read_weights

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent))
from explained import build, clips  # noqa: E402


@pytest.fixture(scope='module')
def packaged():
    """The packaged model; its nodes decide, which takes a fraction of the time."""
    weights, meta = read_weights('aullm_flow')
    model = MODELS.build(Config.fromstring(meta['config'], '.py').model)
    model.load_state_dict(weights, strict=False)
    model.cls_head.deduces = False
    return model.eval()


@pytest.fixture(scope='module')
def generated(synthetic_corpus, packaged):
    """Packed clips of a semi-synthetic corpus."""
    pipeline = Config.fromfile(ROOT / 'configs' / 'aullm_casme2.py').test_pipeline
    dataset = open_corpus(
        'casme2', str(synthetic_corpus), packaged.cls_head.aus, uncached(pipeline))
    return [dataset[i] for i in range(0, len(dataset), 2)]


def test_the_named_region_counts_for_more_than_a_random_one_as_large(
        packaged, generated):
    study = study_clips(packaged, generated, nodes=True)
    found = summarize(study)
    assert len(study.judged) >= 8
    assert found['named - random'][1] > 0.2  # lower end of the interval
    assert found['share beaten'][0] > 0.7
    assert found['deletion, regions - random'][2] < -0.1
    assert found['insertion, regions - random'][1] > 0.1
    assert abs(found['deletion, fine map'][0] - found['deletion, gradient'][0]) < 0.05
    assert study.rules_true == study.rules_decisive
    assert study.rules_tested == 39 * len(generated)


def test_the_whole_model_judges_what_the_llm_confirmed():
    model, data, random = build(), clips(1), np.random.default_rng(0)
    trace = trace_clips(model, data, thresholds=0.001, confirm=1000)[0]
    judged = judge_clip(ModelReader(model), data[0], trace, random, 3)
    by_nodes = judge_clip(ModelReader(model), data[0], trace, random, 3, nodes=True)
    assert len(judged) == sum(bool(e['regions']) for e in trace['aus']) > 1
    for one, other in zip(judged, by_nodes):
        first = next(e for e in trace['aus'] if e['au'] == one.au)['regions'][0]
        assert first['measured'] == 'full' and abs(first['drop'] - one.named) < 2e-3
        assert one.named != other.named and set(one.deletion) == set(METHODS)


def test_estimates_are_compared_with_the_whole_model():
    data = clips(2)
    found = estimate_errors(build(), data)
    assert 0 < found.difference < found.logit_change
    assert found.flips_by_both <= min(found.flips_by_nodes, found.flips_in_full)
    assert estimate_errors(build(llm=None), data).difference == 0


def test_a_wrong_region_would_not_pass(packaged, generated):
    reader, random = ModelReader(packaged), np.random.default_rng(0)
    drops = []
    for sample in generated:
        trace = trace_clips(packaged, [sample], confirm=0)[0]
        for entry in trace['aus']:
            if entry['present']:  # as if the nose or the chin had been named
                name = 'chin' if entry['name'].split()[0] in (
                    'inner', 'outer', 'brow', 'lid', 'upper') else 'nose'
                entry['regions'].insert(0, dict(region=name, side=None))
        drops += [j.named - np.mean(j.chance) for j in judge_clip(
            reader, sample, trace, random, 5, nodes=True)]
    assert np.mean(drops) < 0.2


def test_discs_have_the_area_and_lie_on_the_face():
    for area in (40.0, 400.0):
        discs = random_regions(area, (64, 64), 6, np.random.default_rng(1))
        assert np.allclose(discs.sum(axis=(1, 2)), area, rtol=1e-3)
        face = canonical_masks((64, 64))[:10].sum(0) > 0.5
        peak = [np.unravel_index(d.argmax(), d.shape) for d in discs]
        assert len(set(peak)) > 1
        if area < 100:
            assert (discs * face).sum() / discs.sum() > 0.6
    with pytest.raises(ValueError, match='does not fit'):
        random_regions(5000.0, (64, 64), 1, np.random.default_rng(0))


def test_curves_take_cells_in_the_order_of_the_heat():
    heat = np.zeros((64, 64))
    heat[:8, 8:12] = 2  # cells 2 and 18
    heat[60:, :4] = 1  # cell 240
    order = cell_order(heat, np.random.default_rng(0))
    assert set(order[:2]) == {2, 18} and order[2] == 240
    masks = curve_masks(order, (64, 64))
    assert masks[0].sum() == 0 and masks[-1].all()
    assert np.allclose(masks.sum(axis=(1, 2)), np.arange(9) / 8 * 4096)
    assert (np.diff(masks, axis=0) >= 0).all() and masks[1][:8, 8:12].all()


def test_areas_tell_a_good_order_from_its_reverse(packaged, generated):
    reader = ModelReader(packaged)
    trace = trace_clips(packaged, generated[:1], confirm=0)[0]
    au = next(i for i, e in enumerate(trace['aus']) if e['present'])
    heat = fine_heats(packaged, generated[0], trace)[trace['aus'][au]['au']]
    order = cell_order(heat, np.random.default_rng(0))
    inputs = generated[0]['inputs'][None]
    with reader.reading():
        good = deletion_and_insertion(reader, inputs, 'flow', au, order, True)
        bad = deletion_and_insertion(reader, inputs, 'flow', au, order[::-1], True)
        ends = scores_of(
            reader, inputs, torch.stack([torch.zeros(64, 64), torch.ones(64, 64)]),
            'flow', au, True)
    assert good[0] < bad[0] - 0.2 and good[1] > bad[1] + 0.2
    assert ends[0] > 0.5 > ends[1]


def test_gradient_saliency_is_that_of_a_finite_difference():
    model, data = build(llm=None), clips(1)
    reader, inputs = ModelReader(model), data[0]['inputs'][None]
    saliency = gradient_saliency(reader, inputs, [2], 'flow')[0]
    y, x = np.unravel_index(saliency.argmax(), saliency.shape)
    step, total = 1e-2, 0.0
    for channel in range(3):
        moved = inputs.clone()
        moved[0, 0, channel, y, x] += step
        with reader.reading():
            logits = reader.look(torch.cat([inputs, moved]))[0].node_logits[:, 2]
        slope = float(logits[1] - logits[0]) / step
        total += abs(slope * float(inputs[0, 0, channel, y, x]))
    assert abs(total - saliency[y, x]) < 0.15 * saliency[y, x]
    assert all(p.grad is None for p in model.parameters())


def test_heat_lies_where_the_score_comes_from():
    drops = [0.0] * 10
    drops[[str(r) for r in FACE_REGIONS].index('left mouth')] = 2.0
    heat = region_heat(drops, (52, 48))
    y, x = np.unravel_index(heat.argmax(), heat.shape)
    assert y > 30 and x > 24 and np.isclose(heat.max(), 2, atol=0.1)
    assert region_heat([-1.0] * 10, (8, 8)).max() == 0
    with pytest.raises(ValueError, match='10 parts'):
        region_heat([1.0], (8, 8))
    assert np.allclose(grid_masks((64, 48)).sum(0), 1)
    assert len(region_masks((8, 8))) == 14


def test_intervals_are_over_groups():
    values, groups = [0.0] * 10 + [1.0] * 10, ['a'] * 10 + ['b'] * 10
    assert mean_interval(values, groups) == (0.5, 0.0, 1.0)
    _, low, high = mean_interval(values, [str(i) for i in range(20)])
    assert 0.2 < low < 0.5 < high < 0.8
    with pytest.raises(ValueError, match='no value'):
        mean_interval([], [])


def test_the_tools_print_their_tables(synthetic_corpus, monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(ROOT / 'tools' / 'analysis'))
    import benchmark_trace
    import evaluate_faithfulness
    root = ['--data-root', str(synthetic_corpus)]
    monkeypatch.setattr(sys, 'argv', [
        'x', '--nodes', '--clips', '2', '--random-regions', '2', *root])
    evaluate_faithfulness.main()
    out = capsys.readouterr().out
    for name in ('named region', 'share beaten', *(f'deletion, {m}' for m in METHODS)):
        assert f'| {name} |' in out
    assert '78 rules removed' in out
    monkeypatch.setattr(sys, 'argv', [
        'x', '--batch-sizes', '1', '--rounds', '1', *root])
    benchmark_trace.main()
    assert 'without LLM, batch 1: prediction' in capsys.readouterr().out
    monkeypatch.setattr(sys, 'argv', ['x', 'no.pth'])
    with pytest.raises(FileNotFoundError, match='no.pth'):
        evaluate_faithfulness.main()
