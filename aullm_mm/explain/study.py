# Copyright (c) AULLM-MM contributors.
"""How faithful traces are, over many clips: against chance and gradient saliency."""
from __future__ import annotations

from collections import defaultdict
from typing import Iterator, NamedTuple, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from .faithfulness import (
    cell_order,
    deletion_and_insertion,
    mean_interval,
    random_regions,
    scores_of,
)
from .heat import gradient_saliency, occlusion_heat, region_heat
from .reading import ModelReader
from .regions import FACE_REGIONS, FaceRegion, canonical_masks
from .trace import trace_clips

#: Orders in which a face is taken apart.
METHODS = ('regions', 'fine map', 'gradient', 'random')
BATCH = 16


class Judged(NamedTuple):
    """One AU that a model found in one clip.

    Args:
        subject: Whose clip it is.
        au: AU number.
        named: Fall of the score without the region that the trace names first.
        chance: Falls without random regions of the same area.
        deletion: Area under the deletion curve, by method.
        insertion: Area under the insertion curve, by method.
    """

    subject: str
    au: int
    named: float
    chance: list[float]
    deletion: dict[str, float]
    insertion: dict[str, float]


class Study(NamedTuple):
    """What was judged, and how many rules were said to be decisive and were."""

    judged: list[Judged]
    rules_tested: int
    rules_decisive: int
    rules_true: int


def study_clips(
    model: nn.Module, data: Sequence[dict], thresholds: Sequence[float] | float = 0.5,
    count: int = 10, nodes: bool = False, seed: int = 0
) -> Study:
    """Judge the traces of a model on some clips.

    Args:
        model: The model.
        data: Packed samples of the canonical face.
        thresholds: Score from which an AU is present. Defaults to 0.5.
        count: Random regions an AU. Defaults to 10.
        nodes: Whether the nodes alone judge, which is much faster. Defaults to False.
        seed: Seed of what is random. Defaults to 0.

    Raises:
        ValueError: If the model or the clips cannot be explained.
    """
    random, reader = np.random.default_rng(seed), ModelReader(model)
    judged, counts = [], np.zeros(3, int)
    for start in range(0, len(data), BATCH):
        part = list(data[start:start + BATCH])
        traces = trace_clips(model, part, thresholds)
        for sample, trace in zip(part, traces):
            counts += check_rules(reader, sample, trace)
            judged += judge_clip(reader, sample, trace, random, count, nodes)
    return Study(judged, *(int(value) for value in counts))


def judge_clip(
    reader: ModelReader, sample: dict, trace: dict, random: np.random.Generator,
    count: int = 10, nodes: bool = False
) -> list[Judged]:
    """Judge the trace of one clip, an AU at a time; nothing where none was found.

    Args:
        reader: The model.
        sample: The packed clip.
        trace: Its trace.
        random: Source of random numbers.
        count: Random regions an AU. Defaults to 10.
        nodes: Whether the nodes alone judge. Defaults to False.
    """
    inputs, kind = reader.stack([sample], trace['settings']['input'])
    found = [i for i, e in enumerate(trace['aus']) if e['present'] and e['regions']]
    if not found:
        return []
    with reader.reading():
        fine = occlusion_heat(reader, inputs, kind)
        saliency = gradient_saliency(
            reader, inputs.expand(len(found), *inputs.shape[1:]), found, kind, nodes)
        return [
            _judge(reader, inputs, kind, trace, au, nodes, random, count,
                   dict(zip(METHODS, _heats(trace, au, fine[au], gradient, random))))
            for au, gradient in zip(found, saliency)]


def _heats(
    trace: dict, au: int, fine: np.ndarray, gradient: np.ndarray,
    random: np.random.Generator
) -> Iterator[np.ndarray]:
    drops = trace['heat']['logit_drop'][str(trace['aus'][au]['au'])]
    yield region_heat(drops, fine.shape)
    yield fine
    yield gradient
    yield random.random(fine.shape)


def _judge(
    reader: ModelReader, inputs: Tensor, kind: str, trace: dict, au: int, nodes: bool,
    random: np.random.Generator, count: int, heats: dict[str, np.ndarray]
) -> Judged:
    entry, size = trace['aus'][au], tuple(inputs.shape[-2:])
    first = FaceRegion(entry['regions'][0]['region'], entry['regions'][0]['side'])
    named = canonical_masks(size)[FACE_REGIONS.index(first)]
    chance = random_regions(float(named.sum()), size, count, random)
    masks = torch.from_numpy(np.stack([np.zeros_like(named), named, *chance]))
    scores = scores_of(reader, inputs, masks, kind, au, nodes)
    curves = {name: deletion_and_insertion(
        reader, inputs, kind, au, cell_order(heat, random), nodes)
        for name, heat in heats.items()}
    return Judged(
        str(trace['clip']).rsplit('/', 1)[0], entry['au'], scores[0] - scores[1],
        (scores[0] - scores[2:]).tolist(),
        {name: both[0] for name, both in curves.items()},
        {name: both[1] for name, both in curves.items()})


def check_rules(reader: ModelReader, sample: dict, trace: dict) -> tuple[int, int, int]:
    """Remove each decisive rule of a trace anew, by the head's own public steps.

    Args:
        reader: The model.
        sample: The packed clip.
        trace: Its trace.

    Returns:
        Rules of the trace, those said to be decisive, and those of them that change
        the answers that they were said to change.
    """
    said = [rule for rule in trace['rules'] if rule['decisive']]
    true = sum(set(rule['flips']) == _flips(reader, sample, trace, rule)
               for rule in said)
    return len(trace['rules']), len(said), true


def _flips(reader: ModelReader, sample: dict, trace: dict, rule: dict) -> set[int]:
    model, head = reader.model, reader.head
    pair = [reader.aus.index(number) for number in rule['aus']]
    rules = head.graph.rules
    gone = (rules.edge_index.sort(dim=0)[0]
            == torch.tensor(sorted(pair), device=rules.scale.device)[:, None]).all(0)
    limits = torch.tensor([entry['threshold'] for entry in trace['aus']])
    with reader.reading():
        batch = model.data_preprocessor(
            dict(inputs=[sample['inputs']], data_samples=[sample['data_samples']]))
        feats, extra = model.extract_feat(batch['inputs'], test_mode=True)
        evidence = head.gather(feats, extra.get('num_segs', 1))
        answers = [
            head.deduce(head.reason(evidence, rules._replace(scale=scale)))
            [0, :len(reader.aus)].cpu().sigmoid() >= limits
            for scale in (rules.scale, rules.scale * ~gone)]
    return {number for number, changed in zip(
        reader.aus, (answers[0] != answers[1]).tolist()) if changed}


def summarize(study: Study) -> dict[str, tuple[float, float, float]]:
    """Means and 95 % intervals over subjects.

    Args:
        study: The study.

    Returns:
        By name: the fall without the named region and without a random one, their
        difference, the share of random regions that the named one beats; areas of
        deletion and insertion by method, and by how much each beats the random order.

    Raises:
        ValueError: If no AU was found in any clip.
    """
    if not study.judged:
        raise ValueError(
            'the model found no AU in any of the clips: nothing can be judged.')
    values = defaultdict(list)
    for one in study.judged:
        chance = np.array(one.chance)
        values['named region'].append(one.named)
        values['random region'].append(float(chance.mean()))
        values['named - random'].append(one.named - float(chance.mean()))
        values['share beaten'].append(float((one.named > chance).mean()))
        for name in METHODS:
            for what, areas in (('deletion', one.deletion),
                                ('insertion', one.insertion)):
                values[f'{what}, {name}'].append(areas[name])
                if name != 'regions':
                    values[f'{what}, regions - {name}'].append(
                        areas['regions'] - areas[name])
    subjects = [one.subject for one in study.judged]
    return {name: mean_interval(column, subjects) for name, column in values.items()}
