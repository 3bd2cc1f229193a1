# Copyright (c) AULLM-MM contributors.
"""What stands before the LLM: tokens, and what can be decided without it."""
from __future__ import annotations

from typing import NamedTuple, Sequence

import torch
from torch import Tensor

from .interventions import stack_batches


class Premises(NamedTuple):
    """What is put before the LLM.

    Shapes:
        - content: :math:`(B, K, D)`; instruction: :math:`(B, 1, D)` or None
        - node_logits: :math:`(B, N)`, of the graph's nodes, or without a graph of a
          linear layer on the content tokens
        - emotion_logits: :math:`(B, E)`, or None without an emotion branch
    """

    content: Tensor
    instruction: Tensor | None
    node_logits: Tensor
    emotion_logits: Tensor | None = None

    def decide(self) -> Tensor:
        """AU logits, then emotion logits if any, without an LLM: (B, N + E)."""
        if self.emotion_logits is None:
            return self.node_logits
        return torch.cat([self.node_logits, self.emotion_logits], dim=1)


def join_premises(premises: Sequence[Premises]) -> Premises:
    """Stack several passes along the batch; what is None stays None.

    Examples:
        >>> one = Premises(torch.rand(2, 3, 8), None, torch.rand(2, 4))
        >>> both = join_premises([one, one])
        >>> tuple(both.content.shape), both.instruction
        ((4, 3, 8), None)
    """
    return Premises(*(stack_batches(list(parts)) for parts in zip(*premises)))
