# Copyright (c) AULLM-MM contributors.
"""CCR: the answer must not change when what is irrelevant changes."""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aullm_mm.registry import MODELS


def bernoulli_divergence(logits: Tensor, other: Tensor) -> Tensor:
    r"""Symmetric divergence of the Bernoulli answers of two sets of logits.

    .. math::
        \tfrac{1}{2} [KL(p \| q) + KL(q \| p)] = \tfrac{1}{2} (p - q) (x - y), \qquad
        p = \sigma(x), q = \sigma(y)

    Args:
        logits: Factual logits :math:`x`.
        other: Counterfactual logits :math:`y`.

    Shapes:
        - all: the same, elementwise

    Examples:
        >>> import torch
        >>> x = torch.tensor([0., 2.])
        >>> bernoulli_divergence(x, x).tolist()
        [0.0, 0.0]
    """
    logits, other = logits.float(), other.float()
    return 0.5 * (logits.sigmoid() - other.sigmoid()) * (logits - other)


@MODELS.register_module()
class CounterfactualConsistencyLoss(nn.Module):
    r"""Divergence of factual and counterfactual answers, and the counterfactual's own.

    .. math::
        L = \lambda \, \overline{\mathrm{JS}_B(x, \tilde{x})}
            + \mu \, \overline{\mathrm{BCE}(\tilde{x}, \tilde{y})}

    An intervention on the rules, or on the irrelevant part of the evidence, must leave
    the answer alone; so the first term pulls both answers together, on the AUs that
    must stay the same, and the second, when labels are given, keeps the pair from
    agreeing on nothing. Where the intervention changes what is to be seen, ``same``
    leaves those AUs out and ``labels`` says what they are now.

    Source: our reading of CCR (AULLM++, arXiv 2603.08387, body not reachable).

    Args:
        loss_weight: :math:`\lambda`, factor of the divergence. Defaults to 1.
        label_weight: :math:`\mu`, factor of the counterfactual's own error.
            Defaults to 0.
        detach_factual: Whether only the counterfactual is pulled. Defaults to False.

    Shapes:
        - factual: :math:`(B, N)`; counterfactual: :math:`(V B, N)`, V interventions,
          the first B rows the first intervention
        - labels: :math:`(B, N)` or :math:`(V B, N)`, negative where unknown
        - same: :math:`(V B, N)`, bool; all of them if it is not given
        - output: scalar

    Raises:
        ValueError: If the counterfactuals are no whole number of batches.

    Examples:
        >>> import torch
        >>> ccr = CounterfactualConsistencyLoss()
        >>> x = torch.randn(4, 8)
        >>> ccr(x, torch.cat([x, x])).item()
        0.0
    """

    def __init__(
        self,
        loss_weight: float = 1.0,
        label_weight: float = 0.0,
        detach_factual: bool = False,
    ) -> None:
        super().__init__()
        if loss_weight < 0 or label_weight < 0:
            raise ValueError(
                f'loss_weight and label_weight must be at least 0, got {loss_weight} '
                f'and {label_weight}.')
        self.loss_weight, self.label_weight = loss_weight, label_weight
        self.detach_factual = detach_factual

    def forward(
        self,
        factual: Tensor,
        counterfactual: Tensor,
        labels: Tensor | None = None,
        same: Tensor | None = None,
    ) -> Tensor:
        """Consistency of the counterfactual answers with the factual ones."""
        if counterfactual.shape[0] % factual.shape[0]:
            raise ValueError(
                f'{counterfactual.shape[0]} counterfactuals are no whole number of '
                f'batches of {factual.shape[0]} clips.')
        versions = counterfactual.shape[0] // factual.shape[0]
        if self.detach_factual:
            factual = factual.detach()
        factual = factual.repeat(versions, 1)  # (V * B, N)
        divergence = bernoulli_divergence(factual, counterfactual)  # (V * B, N)
        if same is None:
            same = torch.ones_like(divergence, dtype=torch.bool)
        loss = self.loss_weight * (divergence * same).sum() / same.sum().clamp(min=1)
        if labels is None or self.label_weight == 0:
            return loss
        target = labels.repeat(len(counterfactual) // len(labels), 1)  # (V * B, N)
        error = F.binary_cross_entropy_with_logits(
            counterfactual.float(), target.clamp(min=0), reduction='none')
        known = target >= 0
        return loss + self.label_weight * error[known].sum() / known.sum().clamp(min=1)
