# Copyright (c) AULLM-MM contributors.
"""The interventions that a trace tries on each clip, all run in a few batches."""
from __future__ import annotations

from typing import NamedTuple, Sequence

import torch
from torch import Tensor

from aullm_mm.engine.prediction import kept_random_state
from aullm_mm.models.graphs.au_relation_gnn import Rules
from aullm_mm.models.heads import Premises
from aullm_mm.models.heads.interventions import rewire_rules
from aullm_mm.models.heads.premises import join_premises

from .reading import ModelReader, take
from .regions import FACE_REGIONS, place_masks
from .removal import exchange_movement, remove_movement

REWIRINGS = 2  # how many random sets of rules are tried
#: Trials at the input, then trials on the rules.
AT_INPUT = ('region', 'evidence', 'still context', 'other context')
ON_RULES = ('rule', 'no rules', 'rewired rules')


class Trial(NamedTuple):
    """One intervention on one clip.

    Args:
        clip: Index of the clip.
        what: One of ``AT_INPUT`` or ``ON_RULES``.
        of: Index of the region, AU, rule, other clip or rewiring; 0 where there is one.
    """

    clip: int
    what: str
    of: int = 0


class Trials(NamedTuple):
    """Interventions and what the cheap part of the model makes of each.

    Shapes:
        - premises: one row a trial
    """

    trials: list[Trial]
    premises: Premises


def input_trials(
    present: Tensor, regions: int = len(FACE_REGIONS)
) -> list[Trial]:
    """What is tried at the input of each clip.

    Every region's movement is removed; of every present AU the evidence; and with an AU
    present, everything but the present AUs' places is made still, and is exchanged for
    the movement of the next clip where there is one.

    Args:
        present: Which AUs each clip has.
        regions: Number of regions.

    Shapes:
        - present: :math:`(B, N)`, bool

    Examples:
        >>> present = torch.tensor([[True, False]])
        >>> [(trial.what, trial.of) for trial in input_trials(present, regions=1)]
        [('region', 0), ('evidence', 0), ('still context', 0)]
    """
    trials = []
    for clip, aus in enumerate(present):
        trials += [Trial(clip, 'region', region) for region in range(regions)]
        found = aus.nonzero().flatten().tolist()
        trials += [Trial(clip, 'evidence', au) for au in found]
        if found:
            trials.append(Trial(clip, 'still context'))
            if len(present) > 1:
                other = (clip + 1) % len(present)
                trials.append(Trial(clip, 'other context', other))
    return trials


def try_inputs(
    reader: ModelReader, inputs: Tensor, kind: str, present: Tensor, regions: Tensor
) -> Trials:
    """Run the trials at the input.

    Args:
        reader: The model.
        inputs: Clips as packed.
        kind: Kind of the inputs.
        present: Which AUs each clip has.
        regions: Masks of the regions of each clip.

    Shapes:
        - inputs: :math:`(B, \\ldots, H, W)`; present: :math:`(B, N)`
        - regions: :math:`(B, 14, H, W)`
    """
    trials = input_trials(present, regions.shape[1])
    places = torch.from_numpy(place_masks(reader.aus, tuple(inputs.shape[-2:])))
    masks = torch.stack([_mask(t, regions, places, present) for t in trials])
    clips = torch.tensor([trial.clip for trial in trials])
    changed = remove_movement(inputs[clips], masks, kind)
    moved = [i for i, trial in enumerate(trials) if trial.what == 'other context']
    if moved:
        others = inputs[[trials[i].of for i in moved]]
        changed[moved] = exchange_movement(
            inputs[clips[moved]], others, masks[moved], kind)
    return Trials(trials, reader.look(changed)[0])


def _mask(trial: Trial, regions: Tensor, places: Tensor, present: Tensor) -> Tensor:
    if trial.what == 'region':
        return regions[trial.clip, trial.of]
    if trial.what == 'evidence':
        return places[trial.of]
    return 1 - places[present[trial.clip]].amax(dim=0)


def try_rules(
    reader: ModelReader, content: Tensor, seen: Tensor, seed: int = 0
) -> Trials | None:
    """Remove each rule, all rules, and re-wire them; None where there are none.

    Args:
        reader: The model.
        content: Content tokens of the clips.
        seen: What each AU sees in them.
        seed: Seed of the rewirings. Defaults to 0.

    Shapes:
        - content: :math:`(B, K, D)`; seen: :math:`(B, N, C)`
    """
    if not reader.has_rules:
        return None
    rules, batch = reader.graph.rules, len(seen)
    scale = removed_scales(rules)  # (R / 2 + 1, R)
    count = len(scale)
    parts = [reader.conclude(
        content.repeat_interleave(count, 0), seen.repeat_interleave(count, 0),
        rules._replace(scale=scale.repeat(batch, 1)))]
    trials = [
        Trial(clip, *(('rule', rule) if rule < count - 1 else ('no rules', 0)))
        for clip in range(batch) for rule in range(count)]
    for draw, rewired in enumerate(rewirings(rules, len(reader.aus), seed)):
        parts.append(reader.conclude(content, seen, rewired))
        trials += [Trial(clip, 'rewired rules', draw) for clip in range(batch)]
    return Trials(trials, join_premises(parts))


def removed_scales(rules: Rules) -> Tensor:
    """Scales that remove one undirected edge each, and in the last row all of them.

    Args:
        rules: The rules, forward edges first, then the same edges backwards.

    Shapes:
        - output: :math:`(R / 2 + 1, R)`

    Examples:
        >>> rules = Rules(torch.zeros(2, 4), torch.zeros(4), torch.ones(4))
        >>> removed_scales(rules).tolist()
        [[0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
    """
    edges = rules.scale.shape[-1]
    kept = 1 - torch.eye(edges // 2, device=rules.scale.device).repeat(1, 2)
    return torch.cat([kept, torch.zeros_like(kept[:1])]) * rules.scale


def rewirings(rules: Rules, num_aus: int, seed: int) -> list[Rules]:
    """Random rules of the same density and strengths, the same for one seed.

    Args:
        rules: The rules.
        num_aus: Number of AUs.
        seed: Seed.
    """
    with kept_random_state():
        torch.manual_seed(seed)
        return [rewire_rules(rules, num_aus) for _ in range(REWIRINGS)]


def join_trials(parts: Sequence[Trials | None]) -> Trials:
    """Put the trials of several passes into one."""
    there = [part for part in parts if part is not None]
    return Trials(sum((part.trials for part in there), []),
                  join_premises([part.premises for part in there]))


def take_trials(trials: Trials, rows: Sequence[int]) -> Premises:
    """Premises of some trials.

    Args:
        trials: The trials.
        rows: Indices.
    """
    return take(trials.premises, torch.as_tensor(rows, dtype=torch.long))
