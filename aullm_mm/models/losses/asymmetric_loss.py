# Copyright (c) AULLM-MM contributors.
"""Asymmetric multi-label loss, in its published form, with masked labels."""
from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from aullm_mm.registry import MODELS


def asymmetric_loss(
    logits: Tensor,
    labels: Tensor,
    gamma_neg: float = 4.0,
    gamma_pos: float = 0.0,
    margin: float = 0.05,
    pos_weight: float = 1.0,
) -> Tensor:
    r"""Asymmetric loss of every clip and AU; masked labels cost nothing.

    .. math::
        L_+ = -w \, (1 - p)^{\gamma_+} \log p, \qquad
        L_- = -p_m^{\gamma_-} \log (1 - p_m), \quad p_m = \max(p - m, 0)

    Source: Ridnik et al., Asymmetric Loss for Multi-Label Classification (ICCV 2021).
    AU-LLM's script weighs negatives by :math:`(1 - p_m)^{\gamma_-}`, the focusing
    inverted, and without a gradient; this is the published form.

    Args:
        logits: AU logits.
        labels: 1 present, 0 absent, negative unknown.
        gamma_neg: Focusing of negatives. Defaults to 4.
        gamma_pos: Focusing of positives. Defaults to 0.
        margin: Probability below which a negative costs nothing. Defaults to 0.05.
        pos_weight: Factor :math:`w` on what a positive costs. Defaults to 1.

    Shapes:
        - logits, labels and output: :math:`(B, N)`

    Examples:
        >>> import torch
        >>> x = torch.tensor([[2., -1.]])
        >>> bce = asymmetric_loss(x, torch.tensor([[1., 0.]]), 0, 0, margin=0)
        >>> [round(v, 4) for v in bce[0].tolist()]
        [0.1269, 0.3133]
        >>> asymmetric_loss(x, torch.full((1, 2), -1.)).sum().item()
        0.0
    """
    logits = logits.float()
    prob = logits.sigmoid()
    # log(1 - p) through logits is finite however sure the model is.
    # The gradient of 0 ** gamma is infinite for gamma < 1, so powers stay above zero.
    positive = -(1 - prob).clamp(min=1e-8) ** gamma_pos * F.logsigmoid(logits)
    shifted = (prob - margin).clamp(min=0)
    log_absent = (
        F.logsigmoid(-logits) if margin == 0 else (1 - shifted).clamp(min=1e-8).log())
    negative = -(shifted.clamp(min=1e-8) ** gamma_neg) * log_absent
    present = labels.clamp(min=0)
    loss = pos_weight * present * positive + (1 - present) * negative
    return loss.masked_fill(labels < 0, 0.0)


@MODELS.register_module()
class AsymmetricLoss(nn.Module):
    """Mean of :func:`asymmetric_loss` over the known labels of a batch.

    Args:
        gamma_neg: Focusing of negatives, at least 0. Defaults to 4.
        gamma_pos: Focusing of positives, at least 0. Defaults to 0.
        margin: Probability margin of negatives, in [0, 1). Defaults to 0.05.
        pos_weight: Factor on what a positive costs, above 0. F1 is largest at a
            probability of about half of it, so with 2 the threshold 0.5 is about
            right for an F1 of 0.7. Defaults to 1.
        loss_weight: Factor of the loss. Defaults to 1.

    Shapes:
        - logits and labels: :math:`(B, N)`
        - output: scalar

    Examples:
        >>> import torch
        >>> loss = AsymmetricLoss(gamma_neg=2.)
        >>> loss(torch.zeros(2, 3), torch.ones(2, 3)).item() > 0.69
        True
    """

    def __init__(
        self,
        gamma_neg: float = 4.0,
        gamma_pos: float = 0.0,
        margin: float = 0.05,
        pos_weight: float = 1.0,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        if min(gamma_neg, gamma_pos) < 0 or not 0 <= margin < 1 or pos_weight <= 0:
            raise ValueError(
                f'gamma_neg and gamma_pos must be at least 0, margin in [0, 1) and '
                f'pos_weight above 0, got {gamma_neg}, {gamma_pos}, {margin} and '
                f'{pos_weight}.')
        self.gamma_neg, self.gamma_pos = gamma_neg, gamma_pos
        self.margin, self.loss_weight = margin, loss_weight
        self.pos_weight = pos_weight

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Mean loss over the labels that are known."""
        loss = asymmetric_loss(
            logits, labels, self.gamma_neg, self.gamma_pos, self.margin,
            self.pos_weight)
        known = (labels >= 0).sum().clamp(min=1)
        return self.loss_weight * loss.sum() / known
