# Copyright (c) AULLM-MM contributors.
"""How far what the nodes say of a change is from what the whole model says."""
from __future__ import annotations

from typing import NamedTuple, Sequence

import numpy as np
from torch import nn

from .trace import trace_clips


class EstimateErrors(NamedTuple):
    """How far what the nodes say of a change is from what the whole model says.

    Args:
        logit_change: Mean size of the change of a logit with a region removed.
        difference: Mean difference between both ways of measuring it.
        flips_by_nodes: Removed rules that change an answer by the nodes.
        flips_in_full: Those that do by the whole model.
        flips_by_both: Those that change the same answers by both.
    """

    logit_change: float
    difference: float
    flips_by_nodes: int
    flips_in_full: int
    flips_by_both: int


def estimate_errors(
    model: nn.Module, data: Sequence[dict], thresholds: Sequence[float] | float = 0.5
) -> EstimateErrors:
    """Trace clips by the nodes alone and by the whole model alone, and compare.

    Args:
        model: The model.
        data: Packed samples.
        thresholds: Score from which an AU is present. Defaults to 0.5.
    """
    drops, flips = [], np.zeros(3, int)
    for sample in data:
        rough, exact = (trace_clips(model, [sample], thresholds, confirm=confirm)[0]
                        for confirm in (0, 10 ** 6))
        drops.append([list(trace['heat']['logit_drop'].values())
                      for trace in (rough, exact)])
        ways = [{tuple(rule['aus']): tuple(rule['flips']) for rule in trace['rules']}
                for trace in (rough, exact)]
        same = sum(bool(there) and there == ways[1][rule]
                   for rule, there in ways[0].items())
        flips += [*(sum(map(bool, way.values())) for way in ways), same]
    both = np.array(drops)  # (clips, 2, N, 10)
    return EstimateErrors(
        float(np.abs(both[:, 1]).mean()), float(np.abs(both[:, 0] - both[:, 1]).mean()),
        *(int(count) for count in flips))
