# Copyright (c) AULLM-MM contributors.
"""AULLM++ as an MMAction2 head: evidence, structure, deduction, consistency."""
from __future__ import annotations

from typing import NamedTuple, Sequence

import torch
from mmaction.structures import ActionDataSample
from mmengine.model import BaseModule
from torch import Tensor, nn

from aullm_mm.facs.action_units import check_au_list
from aullm_mm.registry import MODELS
from aullm_mm.structures import stack_au_labels

from ..evidence import Evidence, as_levels, rms_scale
from .deduction import Deduction
from .interventions import (
    check_interventions,
    exchange_context,
    intervene_on_rules,
    stack_batches,
)

Feats = Tensor | Sequence[Tensor]
CONTROL_WIDTH = 128


class Premises(NamedTuple):
    """What is put before the LLM.

    Shapes:
        - content: :math:`(B, K, D)`; instruction: :math:`(B, 1, D)` or None
        - node_logits: :math:`(B, N)`, of the graph's nodes, or without a graph of a
          linear layer on the content tokens
    """

    content: Tensor
    instruction: Tensor | None
    node_logits: Tensor


@MODELS.register_module()
class AULLMHead(BaseModule):
    r"""Detect action units by structural reasoning with an LLM.

    A projector distils the backbone's features into content tokens (CT), a graph
    network over AUs gives the instruction token (IT) and node logits, and a LoRA-tuned
    LLM decides from a prompt that holds both. In training, counterfactuals made by
    interventions on the rules and on the irrelevant evidence must get the same answer:

    .. math:: L = L_{AU} + L_{node} + L_{CCR}

    It keeps the contract of MMAction2's heads, so the stock ``Recognizer3D`` and
    ``Recognizer2D`` run it on any backbone, of one level or several. ``llm=None`` is
    the control without an LLM (the node logits decide); ``graph=None`` leaves the
    graph network out (a linear layer on the content tokens takes the place of the node
    logits), and ``loss_ccr=None`` the counterfactuals.

    Source: our reading of AULLM++ (arXiv 2603.08387, body not reachable).

    Args:
        aus: AU numbers, in the order of the labels.
        in_channels: Channels of the backbone's levels, the last one that of the
            high-level vector; one number for a backbone of one map.
        projector: Config of the evidence projector.
        graph: Config of the AU graph network, or None.
        llm: Config of the LLM, or None.
        prompt: Config of the prompt.
        answer_mode: ``'classify'`` or ``'verbalize'``. Defaults to ``'classify'``.
        loss_au: Config of the loss on the answer.
        loss_node: Config of the auxiliary loss on the node logits.
        loss_ccr: Config of the counterfactual consistency, or None.
        interventions: Interventions that make counterfactuals.
            Defaults to ('rules', 'context').
        interventions_per_step: How many of them a step draws. Defaults to 1.
        init_cfg: MMEngine's initialisation config.

    Shapes:
        - feats: a backbone's output, see :func:`~aullm_mm.models.evidence.as_levels`
        - logits: :math:`(B, N)`

    Raises:
        ValueError: If the AU list, an intervention or the answer mode is not known.

    Examples:
        >>> head = AULLMHead(aus=(1, 2, 4, 12), in_channels=64, llm=None)
        >>> tuple(head(torch.rand(2, 64, 3, 7, 7)).shape)
        (2, 4)
    """

    def __init__(
        self,
        aus: Sequence[int],
        in_channels: int | Sequence[int],
        projector: dict = dict(type='MultiGranularityProjector'),
        graph: dict | None = dict(type='AURelationGNN'),
        llm: dict | None = dict(type='CausalLM'),
        prompt: dict = dict(type='DeductionPrompt'),
        answer_mode: str = 'classify',
        loss_au: dict = dict(type='AsymmetricLoss', gamma_neg=2.0),
        loss_node: dict = dict(type='AsymmetricLoss', gamma_neg=2.0),
        loss_ccr: dict | None = dict(type='CounterfactualConsistencyLoss'),
        interventions: Sequence[str] = ('rules', 'context'),
        interventions_per_step: int = 1,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.aus = check_au_list(aus)
        llm_module = None if llm is None else MODELS.build(llm)
        width = CONTROL_WIDTH if llm_module is None else llm_module.width
        token = dict(llm_width=width)
        if llm_module is not None:
            token['token_rms'] = rms_scale(llm_module.embedding.weight)
        self.projector = _build_projector(projector, in_channels, token)
        self.graph = None if graph is None else MODELS.build(
            {**token, 'aus': self.aus,
             'token_channels': self.projector.token_channels, **graph})
        self.deduction = None
        if llm_module is not None:
            self.deduction = Deduction(
                llm_module, MODELS.build({'aus': self.aus, **prompt}), answer_mode,
                with_instruction=graph is not None,
                num_content=self.projector.num_tokens)
        if graph is None:
            self.classify = nn.Linear(width, len(self.aus))
        self.loss_au, self.loss_node = MODELS.build(loss_au), MODELS.build(loss_node)
        self.loss_ccr = None if loss_ccr is None else MODELS.build(loss_ccr)
        self.interventions = self._usable(check_interventions(tuple(interventions)))
        self.interventions_per_step = interventions_per_step
        # Switched off by EvidenceWarmupHook while only evidence and structure learn.
        self.deduces = True

    def identity(self) -> dict:
        """What a checkpoint of this head must agree with: AU list and LLM."""
        llm = None if self.deduction is None else dict(self.deduction.llm.identity)
        return dict(aus=list(self.aus), llm=llm)

    def describe_prompt(self) -> str | None:
        """The prompt as the LLM reads it, or None without an LLM."""
        if self.deduction is None:
            return None
        return self.deduction.describe(self.projector.num_tokens)

    # ---- tensors to logits -------------------------------------------------------

    def forward(self, feats: Feats, num_segs: int = 1, **kwargs) -> Tensor:
        """AU logits of a backbone's features."""
        premises = self.reason(self.gather(feats, num_segs))
        return self.deduce(premises)

    def gather(self, feats: Feats, num_segs: int = 1) -> Evidence:
        """Evidence tokens of a backbone's features."""
        return self.projector.encode(*as_levels(feats, num_segs))

    def reason(self, evidence: Evidence, rules=None) -> Premises:
        """Content tokens, instruction token and node logits of the evidence."""
        content = self.projector.distill(evidence)
        if self.graph is None:
            return Premises(content, None, self.classify(content.mean(dim=1)))
        names = None if self.deduction is None else self.deduction.au_names
        structure = self.graph(evidence, names, rules)
        return Premises(content, structure.instruction, structure.logits)

    def deduce(self, premises: Premises) -> Tensor:
        """AU logits of the premises: by the LLM, or by the control without one."""
        if self.deduction is not None and self.deduces:
            return self.deduction(premises.content, premises.instruction)
        return premises.node_logits

    # ---- training ----------------------------------------------------------------

    def loss(
        self, feats: Feats, data_samples: list[ActionDataSample], num_segs: int = 1,
        **kwargs
    ) -> dict[str, Tensor]:
        """Losses of a batch, each named ``loss_*``."""
        evidence = self.gather(feats, num_segs)
        labels = stack_au_labels(data_samples, len(self.aus)).to(evidence.tokens.device)
        crops = evidence.tokens.shape[0] // labels.shape[0]
        return self.loss_by_evidence(evidence, labels.repeat_interleave(crops, 0))

    def loss_by_evidence(self, evidence: Evidence, labels: Tensor) -> dict[str, Tensor]:
        """Losses of evidence tokens: (B, M, C) and labels (B, N)."""
        factual = self.reason(evidence)
        losses = {}
        if self.deduction is not None:
            losses['loss_node'] = self.loss_node(factual.node_logits, labels)
        if self.deduction is not None and not self.deduces:
            return losses
        counterfactual = [self._intervene(evidence, v) for v in self._drawn()]
        logits = self.deduce(_join([factual, *counterfactual]))  # one LLM pass
        answer, others = logits[:len(labels)], logits[len(labels):]
        losses['loss_au'] = self.loss_au(answer, labels)
        if len(others):
            losses['loss_ccr'] = self.loss_ccr(answer, others, labels)
        return losses

    def _drawn(self) -> list[str]:
        """Names of the interventions of this step."""
        if self.loss_ccr is None or not self.interventions:
            return []
        order = torch.randperm(len(self.interventions)).tolist()
        return [self.interventions[i] for i in order[:self.interventions_per_step]]

    def _intervene(self, evidence: Evidence, name: str) -> Premises:
        if name == 'context':
            return self.reason(exchange_context(evidence))
        batch = evidence.tokens.shape[0]
        return self.reason(
            evidence, intervene_on_rules(self.graph.rules, batch, len(self.aus)))

    def _usable(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Interventions on rules need rules."""
        has_rules = self.graph is not None and self.graph.edge_index.shape[1] > 0
        return tuple(n for n in names if n != 'rules' or has_rules)

    # ---- inference ---------------------------------------------------------------

    def predict(
        self, feats: Feats, data_samples: list[ActionDataSample], num_segs: int = 1,
        **kwargs
    ) -> list[ActionDataSample]:
        """Put AU probabilities (``pred_score``) and decisions at 0.5 on the samples."""
        scores = self(feats, num_segs).sigmoid()  # (B * crops, N)
        scores = scores.unflatten(0, (len(data_samples), -1)).mean(dim=1)  # (B, N)
        for sample, score in zip(data_samples, scores):
            sample.set_pred_score(score)
            sample.set_pred_label((score > 0.5).long())
        return data_samples


def _build_projector(
    config: dict, in_channels: int | Sequence[int], token: dict
) -> nn.Module:
    if config['type'] == 'FusionProjector':
        return MODELS.build({'llm_width': token['llm_width'], **config})
    return MODELS.build({'in_channels': in_channels, **token, **config})


def _join(premises: list[Premises]) -> Premises:
    """Stack several passes along the batch."""
    return Premises(*(stack_batches(list(parts)) for parts in zip(*premises)))
