# Copyright (c) AULLM-MM contributors.
"""What a head without an LLM shares with one that has it: labels in, scores out."""
from __future__ import annotations

from typing import Sequence

from mmaction.structures import ActionDataSample
from torch import Tensor, nn

from aullm_mm.structures import stack_au_labels


def labels_of_crops(
    data_samples: Sequence[ActionDataSample], num_aus: int, logits: Tensor
) -> Tensor:
    """Labels of a batch, repeated for the crops of a clip, where the logits are.

    Args:
        data_samples: The batch.
        num_aus: Number of AUs :math:`N`.
        logits: Logits of all crops of all clips.

    Shapes:
        - logits and output: :math:`(B S, N)` for :math:`S` crops a clip

    Examples:
        >>> import torch
        >>> from aullm_mm.structures import AUDataSample
        >>> clips = [AUDataSample().set_au_labels([1, 0])]
        >>> labels_of_crops(clips, 2, torch.zeros(3, 2)).shape
        torch.Size([3, 2])
    """
    labels = stack_au_labels(data_samples, num_aus).to(logits.device)
    return labels.repeat_interleave(len(logits) // len(data_samples), 0)


def loss_of_known(loss: nn.Module, logits: Tensor, labels: Tensor) -> Tensor:
    """A loss over the labels that are known; 0 if there is none.

    Args:
        loss: A mean over elements, as ``BCELossWithLogits`` and ``AsymmetricLoss``.
        logits: AU logits.
        labels: 1 present, 0 absent, -1 unknown.

    Shapes:
        - logits and labels: :math:`(B, N)`; output: scalar

    Examples:
        >>> import torch
        >>> x, y = torch.zeros(1, 2), torch.tensor([[1., -1.]])
        >>> round(loss_of_known(nn.BCEWithLogitsLoss(), x, y).item(), 4)
        0.6931
    """
    known = labels >= 0
    if not known.any():
        return 0.0 * logits.sum()
    return loss(logits.float()[known], labels[known])


def put_au_scores(
    data_samples: list[ActionDataSample], logits: Tensor
) -> list[ActionDataSample]:
    """Put AU probabilities, the mean over crops, and decisions at 0.5 on the samples.

    Args:
        data_samples: The batch; each gets ``pred_score`` and ``pred_label``.
        logits: Logits of all crops of all clips.

    Shapes:
        - logits: :math:`(B S, N)`; each ``pred_score``: :math:`(N,)`

    Examples:
        >>> import torch
        >>> from aullm_mm.structures import AUDataSample
        >>> put_au_scores([AUDataSample()], torch.tensor([[0., 9.]]))[0].pred_label
        tensor([0, 1])
    """
    scores = logits.float().sigmoid().unflatten(0, (len(data_samples), -1)).mean(dim=1)
    for sample, score in zip(data_samples, scores):
        sample.set_pred_score(score)
        sample.set_pred_label((score > 0.5).long())
    return data_samples
