# Copyright (c) AULLM-MM contributors.
"""A plain multi-label head: what remains without projector, graph and LLM."""
from __future__ import annotations

from typing import Sequence

from mmaction.structures import ActionDataSample
from mmengine.model import BaseModule
from torch import Tensor, nn

from aullm_mm.facs.action_units import check_au_list
from aullm_mm.registry import MODELS

from .au_answer import labels_of_crops, loss_of_known, put_au_scores


def pooled_vector(feats: Tensor | Sequence[Tensor], num_segs: int = 1) -> Tensor:
    """One vector a clip: the last level of a backbone, averaged over place and time.

    Args:
        feats: One tensor, or several levels of which the last counts.
        num_segs: Segments a clip that a 2-D recognizer folded into the batch.

    Shapes:
        - last level: :math:`(B, C)`, :math:`(B, C, T, H, W)` or :math:`(B S, C, H, W)`
        - output: :math:`(B, C)`

    Examples:
        >>> import torch
        >>> pooled_vector(torch.rand(6, 8, 7, 7), num_segs=3).shape
        torch.Size([2, 8])
    """
    last = feats if isinstance(feats, Tensor) else feats[-1]
    vector = last if last.dim() == 2 else last.flatten(2).mean(dim=2)
    if num_segs == 1 or last.dim() == 5:
        return vector
    return vector.unflatten(0, (-1, num_segs)).mean(dim=1)


@MODELS.register_module()
class MultiLabelHead(BaseModule):
    r"""Dropout and one linear layer to AU logits.

    .. math:: x = W \, \mathrm{dropout}(\bar f) + b

    The same contract as :class:`~aullm_mm.models.heads.aullm_head.AULLMHead`: any
    backbone of one level or several, ``Recognizer3D`` or ``Recognizer2D``, and an
    identity, so that checkpoints are checked.

    Args:
        aus: AU numbers, in the order of the labels.
        in_channels: Channels of the backbone's last level.
        dropout: Rate of the dropout. Defaults to 0.5.
        loss_au: Config of the loss, a mean over elements: ``BCELossWithLogits`` or
            ``AsymmetricLoss``; unknown labels never reach it. Defaults to the first.
        init_cfg: MMEngine's initialisation config.

    Shapes:
        - feats: see :func:`pooled_vector`
        - logits: :math:`(B, N)`

    Raises:
        ValueError: If the AU list is not known, or the backbone has other channels.

    Examples:
        >>> import torch
        >>> head = MultiLabelHead(aus=(1, 2, 4, 12), in_channels=64)
        >>> tuple(head(torch.rand(2, 64, 3, 7, 7)).shape)
        (2, 4)
    """

    def __init__(
        self,
        aus: Sequence[int],
        in_channels: int,
        dropout: float = 0.5,
        loss_au: dict = dict(type='BCELossWithLogits'),
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.aus, self.in_channels = check_au_list(aus), in_channels
        self.dropout = nn.Dropout(dropout)
        self.classify = nn.Linear(in_channels, len(self.aus))
        self.loss_au = MODELS.build(loss_au)

    def identity(self) -> dict:
        """What a checkpoint of this head must agree with: AUs, and no LLM."""
        return dict(aus=list(self.aus), llm=None)

    def forward(
        self, feats: Tensor | Sequence[Tensor], num_segs: int = 1, **kwargs
    ) -> Tensor:
        """AU logits of a backbone's features."""
        vector = pooled_vector(feats, num_segs)
        if vector.shape[1] != self.in_channels:
            raise ValueError(
                f'MultiLabelHead was built with in_channels={self.in_channels}, but '
                f'the last level of the backbone has {vector.shape[1]}; set '
                f'in_channels to that.')
        return self.classify(self.dropout(vector))

    def loss(
        self, feats: Tensor | Sequence[Tensor], data_samples: list[ActionDataSample],
        num_segs: int = 1, **kwargs
    ) -> dict[str, Tensor]:
        """``loss_au`` of a batch."""
        logits = self(feats, num_segs)
        labels = labels_of_crops(data_samples, len(self.aus), logits)
        return dict(loss_au=loss_of_known(self.loss_au, logits, labels))

    def predict(
        self, feats: Tensor | Sequence[Tensor], data_samples: list[ActionDataSample],
        num_segs: int = 1, **kwargs
    ) -> list[ActionDataSample]:
        """Put AU probabilities (``pred_score``) and decisions at 0.5 on the samples."""
        return put_au_scores(data_samples, self(feats, num_segs))
