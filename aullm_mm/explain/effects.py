# Copyright (c) AULLM-MM contributors.
"""What each intervention did: estimated by the nodes, confirmed by the whole model."""
from __future__ import annotations

from itertools import zip_longest
from typing import Iterator, NamedTuple

import torch
from torch import Tensor

from .reading import ModelReader
from .trials import Trial, Trials, take_trials

NODES, FULL = 'nodes', 'full'


class Effects(NamedTuple):
    """Logits before and after each trial.

    ``measured`` says by what: ``'full'``, the whole model; or ``'nodes'``, the node
    logits alone, the LLM's part held at what it said of the unchanged clip (where the
    answer is not the sum of both: the node logits, before and after).

    Shapes:
        - before, after: :math:`(V, N)`, one row a trial
    """

    trials: list[Trial]
    before: Tensor
    after: Tensor
    measured: list[str]

    def flips(self, cuts: Tensor) -> Tensor:
        """Which decisions change: (V, N), bool.

        Args:
            cuts: Logits from which an AU is present: (N,).
        """
        return (self.before >= cuts) != (self.after >= cuts)


def measure(
    reader: ModelReader, trials: Trials, nodes: Tensor, answer: Tensor, cuts: Tensor,
    confirm: int
) -> Effects:
    """Estimate every trial from the nodes, and ask the whole model about the foremost.

    Args:
        reader: The model.
        trials: The trials.
        nodes: Node logits of the unchanged clips.
        answer: Logits of the whole model of the unchanged clips.
        cuts: Logits from which an AU is present.
        confirm: How many trials of each clip the LLM confirms.

    Shapes:
        - nodes, answer: :math:`(B, N)`; cuts: :math:`(N,)`
    """
    clips = torch.tensor([trial.clip for trial in trials.trials])
    before = (answer if reader.adds else nodes)[clips]
    after = before + trials.premises.node_logits - nodes[clips]
    if reader.llm is None:
        return Effects(trials.trials, before, after, [FULL] * len(clips))
    effects = Effects(trials.trials, before, after, [NODES] * len(clips))
    rows = foremost(effects, answer >= cuts, cuts, confirm)
    if rows:
        before[rows] = answer[clips[rows]]
        after[rows] = reader.decide(take_trials(trials, rows))[0]
        for row in rows:
            effects.measured[row] = FULL
    return effects


def foremost(
    effects: Effects, present: Tensor, cuts: Tensor, count: int
) -> list[int]:
    """The trials of each clip that matter most, as far as the nodes tell.

    In turn a rule whose removal changes the answer and the region that matters most to
    a present AU; then the evidence of present AUs; then what changes a score most.

    Args:
        effects: Estimated effects.
        present: Which AUs each clip has.
        cuts: Logits from which an AU is present.
        count: How many of each clip.

    Shapes:
        - present: :math:`(B, N)`; cuts: :math:`(N,)`

    Examples:
        >>> trials = [Trial(0, 'region', 0), Trial(0, 'region', 1), Trial(0, 'rule', 0)]
        >>> before, after = torch.ones(3, 1), torch.tensor([[.9], [.5], [-1.]])
        >>> effects = Effects(trials, before, after, ['nodes'] * 3)
        >>> foremost(effects, torch.ones(1, 1).bool(), torch.zeros(1), 2)
        [2, 1]
    """
    rows: list[list[int]] = [[] for _ in present]
    for row, trial in enumerate(effects.trials):
        rows[trial.clip].append(row)
    flips = effects.flips(cuts).any(dim=1).tolist()
    moved = (effects.after.sigmoid() - effects.before.sigmoid()).abs().amax(1).tolist()
    chosen = []
    for clip, own in enumerate(rows):
        order = dict.fromkeys(_order(effects, own, present[clip], flips, moved))
        chosen += list(order)[:count]
    return chosen


def _order(
    effects: Effects, rows: list[int], present: Tensor, flips: list[bool],
    moved: list[float]
) -> Iterator[int]:
    of = {what: [r for r in rows if effects.trials[r].what == what]
          for what in ('rule', 'region', 'evidence')}
    by_size = sorted(rows, key=lambda row: -moved[row])
    rules = [r for r in by_size if r in set(of['rule']) and flips[r]]
    drops = effects.before - effects.after
    found = present.nonzero().flatten().tolist()
    found.sort(key=lambda au: -float(effects.before[rows[0], au]))
    regions = [max(of['region'], key=lambda r, au=au: float(drops[r, au]))
               for au in found if of['region']]
    for pair in zip_longest(rules, regions):
        yield from (row for row in pair if row is not None)
    yield from of['evidence']
    yield from by_size
