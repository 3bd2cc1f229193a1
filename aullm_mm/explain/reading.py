# Copyright (c) AULLM-MM contributors.
"""One way to read any model that can be explained: cheap part and whole answer."""
from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator, Sequence

import torch
from mmaction.models.recognizers import Recognizer2D
from mmaction.structures import ActionDataSample
from torch import Tensor, nn

from aullm_mm.engine.unwrap import unwrap
from aullm_mm.models.graphs.au_relation_gnn import Rules
from aullm_mm.models.heads import AULLMHead, MultiLabelHead, Premises

from .removal import check_kind, input_kind

CHUNK = 16  # clips that the backbone takes at once: what stays in a CPU's cache


class ModelReader:
    """What a trace asks of a model.

    A model of an :class:`~aullm_mm.models.heads.AULLMHead` answers in two steps: cheap
    premises (tokens, node logits), and the LLM that reads them. ``adds`` says that the
    answer is the sum of the node logits and the LLM's, so that an intervention's effect
    can be estimated from the nodes, the LLM's part held; without an LLM the nodes are
    the whole answer.

    Args:
        model: A recognizer, or its wrapper of distributed training.

    Raises:
        ValueError: If its head is not an ``AULLMHead`` or a ``MultiLabelHead``.

    Examples:
        >>> ModelReader(nn.Linear(2, 2))
        Traceback (most recent call last):
        ...
        ValueError: a trace explains recognizers whose head is AULLMHead or ...
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = unwrap(model)
        self.head = getattr(self.model, 'cls_head', None)
        if not isinstance(self.head, (AULLMHead, MultiLabelHead)):
            raise ValueError(
                f'a trace explains recognizers whose head is AULLMHead or '
                f'MultiLabelHead, got {type(self.head or self.model).__name__}.')
        self.reasons = isinstance(self.head, AULLMHead)
        self.graph = self.head.graph if self.reasons else None
        self.llm = None
        if self.reasons and self.head.deduction is not None and self.head.deduces:
            self.llm = self.head.deduction.llm
        self.adds = self.llm is None or self.head.residual
        self.segments = isinstance(self.model, Recognizer2D)

    @property
    def aus(self) -> tuple[int, ...]:
        """AU numbers, in the order of the logits."""
        return tuple(self.head.aus)

    @property
    def has_rules(self) -> bool:
        """Whether the model reasons along rules."""
        return self.graph is not None and self.graph.edge_index.shape[1] > 0

    def stack(self, data: Sequence[dict], kind: str | None) -> tuple[Tensor, str]:
        """Inputs of all clips as one tensor, and their kind.

        Args:
            data: Packed samples.
            kind: Kind of the inputs; None to tell it from their shape.
        """
        shapes = sorted({tuple(sample['inputs'].shape) for sample in data})
        if len(shapes) != 1:
            raise ValueError(
                f'clips to explain must have inputs of one shape, got {shapes}: use '
                f'one test pipeline for all.')
        inputs = torch.stack([sample['inputs'] for sample in data]).float()
        return inputs, check_kind(kind, input_kind(inputs[0], self.segments))

    def look(self, inputs: Tensor) -> tuple[Premises, Tensor | None]:
        """Premises of clips, and what each AU sees before any rule.

        Args:
            inputs: Clips as the test pipeline packs them.

        Shapes:
            - inputs: :math:`(V, \\ldots)`; seen: :math:`(V, N, C)`, or None
        """
        parts = [self._look(chunk) for chunk in inputs.split(CHUNK)]
        premises = Premises(*(None if p[0] is None else torch.cat(p)
                              for p in zip(*(part[0] for part in parts))))
        seen = None if parts[0][1] is None else torch.cat([p[1] for p in parts])
        return premises, seen

    def conclude(
        self, content: Tensor, seen: Tensor, rules: Rules | None = None
    ) -> Premises:
        """Premises of clips under other rules.

        Args:
            content: Their content tokens.
            seen: What each AU sees.
            rules: The rules. Defaults to the model's own.

        Shapes:
            - content: :math:`(V, K, D)`; seen: :math:`(V, N, C)`
        """
        instruction, logits = self.graph.conclude(seen, rules)
        emotion = self.head.emotion
        emotions = None if emotion is None else emotion(content, logits)
        return Premises(content, instruction, logits, emotions)

    def decide(self, premises: Premises) -> tuple[Tensor, Tensor | None]:
        """AU logits (V, N) of the whole model, and emotion probabilities or None."""
        if not self.reasons:
            return premises.node_logits, None
        logits, emotions = self.head.deduce(premises).split(
            [len(self.aus), 0 if self.head.emotion is None else
             len(self.head.emotion.classes)], dim=1)
        return logits, emotions.softmax(1) if self.head.emotion is not None else None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Evaluation without gradients, the LLM's constant text read once."""
        training = self.model.training
        self.model.eval()
        try:
            with torch.no_grad():
                if self.llm is None:
                    yield
                else:
                    with self.llm.prefix_kept():
                        yield
        finally:
            self.model.train(training)

    def _look(self, inputs: Tensor) -> tuple[Premises, Tensor | None]:
        samples = [ActionDataSample() for _ in inputs]
        batch = self.model.data_preprocessor(
            dict(inputs=list(inputs), data_samples=samples), False)
        feats, extra = self.model.extract_feat(batch['inputs'], test_mode=True)
        segments = extra.get('num_segs', 1)
        if not self.reasons:
            logits = self.head(feats, segments)
            return Premises(logits[:, None], None, logits), None
        evidence = self.head.gather(feats, segments)
        if self.graph is None:
            return self.head.reason(evidence), None
        names = (None if self.head.deduction is None else
                 self.head.deduction.au_names)
        seen = self.graph.look(evidence, names)
        return self.conclude(self.head.projector.distill(evidence), seen), seen


def take(premises: Premises, rows: Tensor) -> Premises:
    """Some rows of the premises.

    Args:
        premises: Premises of clips.
        rows: Indices.

    Examples:
        >>> both = Premises(torch.rand(2, 3, 8), None, torch.rand(2, 4))
        >>> take(both, torch.tensor([1])).node_logits.shape
        torch.Size([1, 4])
    """
    return Premises(*(None if part is None else part[rows] for part in premises))
