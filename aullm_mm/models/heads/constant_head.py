# Copyright (c) AULLM-MM contributors.
"""Answers that do not look at the clip, which every model must beat."""
from __future__ import annotations

from typing import Sequence

import torch
from mmaction.structures import ActionDataSample
from mmengine.dist import all_reduce
from mmengine.model import BaseModule
from torch import Tensor, nn

from aullm_mm.facs.action_units import check_au_list
from aullm_mm.registry import MODELS

from .au_answer import labels_of_crops, put_au_scores
from .multi_label_head import pooled_vector

RULES = ('all-positive', 'prior-rate')


@MODELS.register_module()
class ConstantHead(BaseModule):
    r"""Give every clip the same probabilities.

    - ``'all-positive'``: :math:`p_n = 1`, every AU in every clip;
    - ``'prior-rate'``: the share of training clips that have the AU, among those of
      which it is known,

    .. math:: p_n = \frac{\#\{y_n = 1\}}{\#\{y_n \ge 0\}}

    The counts are made while training: one epoch is enough, and more change nothing.
    They are in the checkpoint. Its one parameter is there for the optimizer and has no
    effect. Before any training the prior rate is 0.

    Args:
        aus: AU numbers, in the order of the labels.
        rule: ``'all-positive'`` or ``'prior-rate'``. Defaults to ``'all-positive'``.
        init_cfg: MMEngine's initialisation config.

    Shapes:
        - feats: a backbone's output, of which only the number of clips is used
        - logits: :math:`(B, N)`, infinite where the probability is 0 or 1

    Raises:
        ValueError: If the AU list or the rule is not known.

    Examples:
        >>> head = ConstantHead(aus=(1, 2))
        >>> head(torch.rand(3, 8)).sigmoid().tolist()
        [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
    """

    def __init__(
        self,
        aus: Sequence[int],
        rule: str = 'all-positive',
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if rule not in RULES:
            raise ValueError(f'rule must be one of {RULES}, got {rule!r}.')
        self.aus, self.rule = check_au_list(aus), rule
        self.anchor = nn.Parameter(torch.zeros(()))
        self.register_buffer('present', torch.zeros(len(self.aus), dtype=torch.long))
        self.register_buffer('known', torch.zeros(len(self.aus), dtype=torch.long))

    def identity(self) -> dict:
        """What a checkpoint of this head must agree with: AUs, and no LLM."""
        return dict(aus=list(self.aus), llm=None)

    def rates(self) -> Tensor:
        """The constant probability of each AU: (N,)."""
        if self.rule == 'all-positive':
            return torch.ones_like(self.present, dtype=torch.float32)
        return self.present / self.known.clamp(min=1)

    def forward(
        self, feats: Tensor | Sequence[Tensor], num_segs: int = 1, **kwargs
    ) -> Tensor:
        """The logits of the constants, once a clip."""
        return self.rates().logit().expand(len(pooled_vector(feats, num_segs)), -1)

    def loss(
        self, feats: Tensor | Sequence[Tensor], data_samples: list[ActionDataSample],
        num_segs: int = 1, **kwargs
    ) -> dict[str, Tensor]:
        """Count the labels; the loss is 0, for there is nothing to learn."""
        labels = labels_of_crops(data_samples, len(self.aus), self(feats, num_segs))
        counts = torch.stack([(labels == 1).sum(0), (labels >= 0).sum(0)])
        all_reduce(counts)
        self.present += counts[0]
        self.known += counts[1]
        return dict(loss_au=0.0 * self.anchor)

    def predict(
        self, feats: Tensor | Sequence[Tensor], data_samples: list[ActionDataSample],
        num_segs: int = 1, **kwargs
    ) -> list[ActionDataSample]:
        """Put the constants on the samples (``pred_score``), and decisions at 0.5."""
        return put_au_scores(data_samples, self(feats, num_segs))
