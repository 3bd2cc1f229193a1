# Copyright (c) AULLM-MM contributors.
"""Cross entropy over emotion classes, with unlabelled clips and balanced classes."""
from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from aullm_mm.registry import MODELS


def emotion_cross_entropy(
    logits: Tensor, labels: Tensor, balanced: bool = False
) -> Tensor:
    r"""Mean cross entropy of the clips that have an emotion.

    .. math::
        L = \frac{1}{\sum_b w_b} \sum_b -w_b \log \mathrm{softmax}(x_b)_{y_b}

    with :math:`w_b = 0` where there is no label, else 1, or balanced
    :math:`1 / n_{y_b}`, the clips of the same class in the batch: every class that the
    batch has then counts the same, as UAR counts them.

    Args:
        logits: Emotion logits :math:`x`.
        labels: Class indices :math:`y`, -1 where there is no emotion.
        balanced: Whether classes count the same. Defaults to False.

    Shapes:
        - logits: :math:`(B, E)`; labels: :math:`(B,)`, long
        - output: scalar, 0 for a batch without a label

    Examples:
        >>> import torch
        >>> x, y = torch.tensor([[2., 0.], [2., 0.], [2., 0.]]), torch.tensor([0, 0, 1])
        >>> round(emotion_cross_entropy(x, y).item(), 4)
        0.7936
        >>> round(emotion_cross_entropy(x, y, balanced=True).item(), 4)
        1.1269
        >>> emotion_cross_entropy(x, torch.full((3,), -1)).item()
        0.0
    """
    each = F.cross_entropy(logits.float(), labels, ignore_index=-1, reduction='none')
    weights = (labels >= 0).float()  # (B,)
    if balanced:
        same = labels[:, None] == labels  # (B, B)
        weights = weights / same.sum(dim=1)
    return (weights * each).sum() / weights.sum().clamp(min=1)


@MODELS.register_module()
class EmotionLoss(nn.Module):
    """:func:`emotion_cross_entropy` as a module.

    Args:
        balanced: Whether the classes of a batch count the same. Defaults to False.
        loss_weight: Factor of the loss, at least 0. Defaults to 1.

    Shapes:
        - logits: :math:`(B, E)`; labels: :math:`(B,)`, long, -1 where there is none
        - output: scalar

    Raises:
        ValueError: If the factor is negative.

    Examples:
        >>> import torch
        >>> loss = EmotionLoss(loss_weight=2.)
        >>> round(loss(torch.zeros(2, 3), torch.tensor([0, -1])).item(), 4)
        2.1972
    """

    def __init__(self, balanced: bool = False, loss_weight: float = 1.0) -> None:
        super().__init__()
        if loss_weight < 0:
            raise ValueError(f'loss_weight must be at least 0, got {loss_weight}.')
        self.balanced, self.loss_weight = balanced, loss_weight

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Mean loss of the clips that have an emotion."""
        return self.loss_weight * emotion_cross_entropy(logits, labels, self.balanced)
