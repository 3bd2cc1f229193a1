# Copyright (c) AULLM-MM contributors.
"""The deduction trace: why a model gives the answer it gives, computed and not told."""
from __future__ import annotations

from typing import Mapping, NamedTuple, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from aullm_mm.models.heads import Premises

from .effects import Effects, measure
from .entries import clip_trace
from .reading import ModelReader
from .regions import canonical_masks, region_masks
from .text import write_text
from .trials import join_trials, try_inputs, try_rules

CONFIRM = 3  # trials of a clip that the LLM confirms, for 3 times a prediction's cost


class Answer(NamedTuple):
    """What a model says of unchanged clips.

    Shapes:
        - seen: :math:`(B, N, C)` or None; logits: :math:`(B, N)`
        - emotions: :math:`(B, E)` probabilities, or None
    """

    premises: Premises
    seen: Tensor | None
    logits: Tensor
    emotions: Tensor | None


def trace_clips(
    model: nn.Module,
    data: Sequence[dict],
    thresholds: float | Sequence[float] | Mapping[int, float] = 0.5,
    confirm: int = CONFIRM,
    kind: str | None = None,
    meshes: Sequence[np.ndarray | None] | None = None,
    seed: int = 0,
) -> list[dict]:
    """Explain the answer of a model on some clips.

    Each clip is changed at the input (the movement of a face region, the evidence of an
    AU or its context is taken out) and in its rules (each removed, all removed,
    re-wired), and the answers are compared. The cheap part of the model runs on all
    changes in a few batches; the LLM reads the clip itself and the few changes that
    matter most. Each entry says by which it was ``measured``: ``'nodes'`` or
    ``'full'``. The keys are described in ``docs/explaining.md``. The answers come from
    the same pass, so that no prediction is needed beside the trace.

    Args:
        model: A recognizer with an ``AULLMHead`` or a ``MultiLabelHead``.
        data: Packed samples (``inputs``, ``data_samples``) of the test pipeline.
        thresholds: Score from which an AU is present: one, one an AU, or by AU number.
            Defaults to 0.5.
        confirm: Changes of a clip that the LLM confirms. Defaults to 3.
        kind: Kind of the inputs, see :mod:`aullm_mm.explain.removal`. Defaults to None:
            told from their shape.
        meshes: Mesh of the face of each clip in pixels of its input. Defaults to None:
            the input shows the canonical face, or an aligned crop near to it.
        seed: Seed of the re-wired rules. Defaults to 0.

    Returns:
        One plain dict a clip, which JSON can hold.

    Raises:
        ValueError: If the model, the inputs or the thresholds cannot be used.

    Examples:
        >>> trace_clips(nn.Linear(2, 2), [])
        Traceback (most recent call last):
        ...
        ValueError: a trace explains recognizers whose head is AULLMHead or ...
    """
    reader = ModelReader(model)
    if not data:
        return []
    limits = au_thresholds(thresholds, reader.aus)
    inputs, kind = reader.stack(data, kind)
    masks = _masks(tuple(inputs.shape[-2:]), len(data), meshes)
    with reader.reading():
        answer = read_clips(reader, inputs)
        effects = try_all(reader, inputs, kind, answer, masks, limits, confirm, seed)
    names = [getattr(sample.get('data_samples'), 'clip_id', None) for sample in data]
    settings = dict(
        input=kind, confirm=confirm if reader.llm is not None else None, seed=seed)
    traces = [clip_trace(reader, answer, effects, clip, limits, names, settings)
              for clip in range(len(data))]
    return [dict(trace, text=write_text(trace), text_by='template')
            for trace in traces]


def read_clips(reader: ModelReader, inputs: Tensor) -> Answer:
    """The model's answer on unchanged clips.

    Args:
        reader: The model.
        inputs: Clips as packed.
    """
    premises, seen = reader.look(inputs)
    return Answer(premises, seen, *reader.decide(premises))


def try_all(
    reader: ModelReader, inputs: Tensor, kind: str, answer: Answer, masks: Tensor,
    limits: Sequence[float], confirm: int, seed: int
) -> Effects:
    """Effects of every intervention on every clip.

    Args:
        reader: The model.
        inputs: Clips as packed.
        kind: Their kind.
        answer: The answer on them unchanged.
        masks: Masks of the face regions of each clip.
        limits: Threshold of each AU.
        confirm: Changes of a clip that the LLM confirms.
        seed: Seed of the re-wired rules.

    Shapes:
        - inputs: :math:`(B, \\ldots, H, W)`; masks: :math:`(B, 14, H, W)`
    """
    cuts = torch.logit(torch.tensor(limits, dtype=torch.float64))
    cuts = cuts.to(answer.logits)
    trials = join_trials([
        try_inputs(reader, inputs, kind, (answer.logits >= cuts).cpu(), masks),
        try_rules(reader, answer.premises.content, answer.seen, seed)])
    return measure(
        reader, trials, answer.premises.node_logits, answer.logits, cuts, confirm)


def au_thresholds(
    thresholds: float | Sequence[float] | Mapping[int, float], aus: Sequence[int]
) -> list[float]:
    """One threshold an AU.

    Args:
        thresholds: One for all, one an AU in their order, or by AU number (0.5 for
            those not named).
        aus: AU numbers.

    Raises:
        ValueError: If there are too few or too many, or one is not between 0 and 1.

    Examples:
        >>> au_thresholds({12: 0.3}, (1, 12))
        [0.5, 0.3]
    """
    if isinstance(thresholds, Mapping):
        known = {int(au): value for au, value in thresholds.items()}
        values = [float(known.get(au, 0.5)) for au in aus]
    else:
        values = np.atleast_1d(np.asarray(thresholds, dtype=float)).tolist()
        values = values * len(aus) if len(values) == 1 else values
    if len(values) != len(aus) or not all(0 < value < 1 for value in values):
        raise ValueError(
            f'thresholds must be one number between 0 and 1, or one for each of the '
            f'{len(aus)} AUs {list(aus)}, got {thresholds}.')
    return values


def _masks(
    size: tuple[int, int], count: int, meshes: Sequence[np.ndarray | None] | None
) -> Tensor:
    if meshes is None:
        canonical = torch.from_numpy(np.array(canonical_masks(size)))
        return canonical.expand(count, *canonical.shape)
    if len(meshes) != count:
        raise ValueError(f'{count} clips need as many meshes, got {len(meshes)}.')
    return torch.stack([torch.from_numpy(region_masks(size, m)) for m in meshes])
