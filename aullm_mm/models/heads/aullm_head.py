# Copyright (c) AULLM-MM contributors.
"""AULLM++ as an MMAction2 head: evidence, structure, deduction, consistency."""
from __future__ import annotations

from typing import Sequence

import torch
from mmaction.structures import ActionDataSample
from mmengine.model import BaseModule
from torch import Tensor, nn

from aullm_mm.facs.action_units import check_au_list
from aullm_mm.facs.emotions import emotion_classes
from aullm_mm.registry import MODELS
from aullm_mm.structures import stack_au_labels

from ..evidence import Evidence, as_levels, rms_scale
from .deduction import Deduction
from .emotion_branch import EmotionBranch, put_emotions
from .interventions import (
    INTERVENTIONS,
    FaceRegions,
    check_interventions,
    draw_interventions,
    intervene_on_rules,
)
from .parts import build_projector
from .premises import Premises, join_premises

Feats = Tensor | Sequence[Tensor]
CONTROL_WIDTH = 128


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
    logits), and ``loss_ccr=None`` the counterfactuals. ``emotions='3'`` adds an emotion
    branch, see :class:`~aullm_mm.models.heads.emotion_branch.EmotionBranch`.

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
            Defaults to ('rules', 'context', 'evidence').
        interventions_per_step: How many of them a step draws. Defaults to 1.
        residual: Whether the LLM's logits are added to the node logits, so that it
            deduces what they leave open. Defaults to True.
        emotions: Emotion scheme of :mod:`aullm_mm.facs.emotions`. Defaults to None.
        loss_emotion: Config of the loss on the emotion.
        init_cfg: MMEngine's initialisation config.

    Shapes:
        - feats: a backbone's output, see :func:`~aullm_mm.models.evidence.as_levels`
        - logits: :math:`(B, N)`, and of emotions :math:`(B, E)`

    Raises:
        ValueError: If the AU list, an intervention, the answer mode or the emotion
            scheme is not known.

    Examples:
        >>> import torch
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
        interventions: Sequence[str] = INTERVENTIONS,
        interventions_per_step: int = 1,
        residual: bool = True,
        emotions: str | None = None,
        loss_emotion: dict = dict(type='EmotionLoss'),
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.aus = check_au_list(aus)
        llm_module = None if llm is None else MODELS.build(llm)
        width = CONTROL_WIDTH if llm_module is None else llm_module.width
        token = dict(llm_width=width)
        if llm_module is not None:
            token['token_rms'] = rms_scale(llm_module.embedding.weight)
        self.projector = build_projector(projector, in_channels, token)
        self.graph = None if graph is None else MODELS.build(
            {**token, 'aus': self.aus, 'token_grids': self.projector.token_grids,
             'token_channels': self.projector.token_channels, **graph})
        self.deduction = None
        if llm_module is not None:
            self.deduction = Deduction(
                llm_module, MODELS.build({'aus': self.aus, **prompt}), answer_mode,
                with_instruction=graph is not None,
                num_content=self.projector.num_tokens,
                emotions=() if emotions is None else emotion_classes(emotions))
        if graph is None:
            self.classify = nn.Linear(width, len(self.aus))
        self.emotion = None if emotions is None else EmotionBranch(
            emotions, width, len(self.aus), loss_emotion)
        self.loss_au, self.loss_node = MODELS.build(loss_au), MODELS.build(loss_node)
        self.loss_ccr = None if loss_ccr is None else MODELS.build(loss_ccr)
        has_rules = graph is not None and self.graph.edge_index.shape[1] > 0
        self.interventions = check_interventions(tuple(interventions), has_rules)
        self.interventions_per_step = interventions_per_step
        self.regions = FaceRegions(self.aus)
        self.residual = residual
        if residual and answer_mode == 'classify' and self.deduction is not None:
            for start in self.deduction.classify.parameters():  # from the nodes
                nn.init.zeros_(start)
        # Switched off by EvidenceWarmupHook while only evidence and structure learn.
        self.deduces = True

    def identity(self) -> dict:
        """What a checkpoint of this head must agree with: AUs, LLM and emotions."""
        llm = None if self.deduction is None else dict(self.deduction.llm.identity)
        identity = dict(aus=list(self.aus), llm=llm)
        if self.emotion is not None:
            identity['emotions'] = list(self.emotion.classes)
        return identity

    def describe_prompt(self) -> str | None:
        """The prompt as the LLM reads it, or None without an LLM."""
        if self.deduction is None:
            return None
        return self.deduction.describe(self.projector.num_tokens)

    # ---- tensors to logits -------------------------------------------------------

    def forward(self, feats: Feats, num_segs: int = 1, **kwargs) -> Tensor:
        """AU logits of a backbone's features."""
        return self.answer(feats, num_segs)[0]

    def answer(self, feats: Feats, num_segs: int = 1) -> tuple[Tensor, Tensor]:
        """AU logits and emotion logits; E is 0 without an emotion branch."""
        return self._split(self.deduce(self.reason(self.gather(feats, num_segs))))

    def gather(self, feats: Feats, num_segs: int = 1) -> Evidence:
        """Evidence tokens of a backbone's features."""
        return self.projector.encode(*as_levels(feats, num_segs))

    def reason(self, evidence: Evidence, rules=None) -> Premises:
        """Content tokens, instruction token and node logits of the evidence."""
        content = self.projector.distill(evidence)
        if self.graph is None:
            instruction, logits = None, self.classify(content.mean(dim=1))
        else:
            names = None if self.deduction is None else self.deduction.au_names
            instruction, logits = self.graph(evidence, names, rules)
        emotions = None if self.emotion is None else self.emotion(content, logits)
        return Premises(content, instruction, logits, emotions)

    def deduce(self, premises: Premises) -> Tensor:
        """AU logits, then emotion logits: by the LLM, or by the control without one."""
        if self.deduction is None or not self.deduces:
            return premises.decide()
        logits = self.deduction(premises.content, premises.instruction)
        return logits + premises.decide() if self.residual else logits

    def _split(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        return logits[:, :len(self.aus)], logits[:, len(self.aus):]

    # ---- training ----------------------------------------------------------------

    def loss(
        self, feats: Feats, data_samples: list[ActionDataSample], num_segs: int = 1,
        **kwargs
    ) -> dict[str, Tensor]:
        """Losses of a batch, each named ``loss_*``."""
        maps, high = as_levels(feats, num_segs)
        targets = [stack_au_labels(data_samples, len(self.aus))]
        if self.emotion is not None:
            targets.append(self.emotion.labels(data_samples))
        crops = len(high) // len(data_samples)
        return self.loss_by_levels(maps, high, *(
            t.to(high.device).repeat_interleave(crops, 0) for t in targets))

    def loss_by_levels(
        self,
        maps: tuple[Tensor, ...],
        high: Tensor,
        labels: Tensor,
        emotions: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Losses of maps (B, C, T, H, W), a vector (B, C), labels and emotions."""
        evidence = self.projector.encode(maps, high)
        factual = self.reason(evidence)
        drawn = () if self.loss_ccr is None else draw_interventions(
            self.interventions, self.interventions_per_step)
        others = [
            self._intervene_on_rules(evidence, labels) if name == 'rules' else
            self._intervene_on_face(name, maps, high, labels) for name in drawn]
        logits = self.deduce(join_premises(  # one LLM pass
            [factual, *(premises for premises, *_ in others)]))
        logits, emotion_logits = self._split(logits)
        answer, counterfactual = logits[:len(labels)], logits[len(labels):]
        losses = self._answer_losses(
            factual, answer, emotion_logits[:len(labels)], labels, emotions)
        if others:
            losses['loss_ccr'] = self.loss_ccr(
                answer, counterfactual, labels=torch.cat([new for _, new, _ in others]),
                same=torch.cat([same for *_, same in others]))
        return losses

    def _answer_losses(
        self, factual: Premises, answer: Tensor, emotion_answer: Tensor, labels: Tensor,
        emotions: Tensor | None
    ) -> dict[str, Tensor]:
        """Losses of the answer, and with an LLM of the premises that it answers by."""
        losses = {}
        if self.deduction is not None:
            losses['loss_node'] = self.loss_node(factual.node_logits, labels)
            if emotions is not None:
                losses['loss_emotion_node'] = self.emotion.loss(
                    factual.emotion_logits, emotions)
            if not self.deduces:
                return losses
        losses['loss_au'] = self.loss_au(answer, labels)
        if emotions is not None:
            losses['loss_emotion'] = self.emotion.loss(emotion_answer, emotions)
        return losses

    def _intervene_on_rules(
        self, evidence: Evidence, labels: Tensor
    ) -> tuple[Premises, Tensor, Tensor]:
        """Premises of a counterfactual, its labels, and the AUs that must stay."""
        rules = intervene_on_rules(self.graph.rules, len(labels), len(self.aus))
        same = torch.ones_like(labels, dtype=torch.bool)
        return self.reason(evidence, rules), labels, same

    def _intervene_on_face(
        self, name: str, maps: tuple[Tensor, ...], high: Tensor, labels: Tensor
    ) -> tuple[Premises, Tensor, Tensor]:
        """The same, where a part of the face is exchanged for another clip's."""
        changed = self.regions.intervene(name, maps, high, labels)
        evidence = self.projector.encode(changed.maps, changed.high)
        return self.reason(evidence), changed.labels, changed.same

    # ---- inference ---------------------------------------------------------------

    def predict(
        self, feats: Feats, data_samples: list[ActionDataSample], num_segs: int = 1,
        **kwargs
    ) -> list[ActionDataSample]:
        """Put AU probabilities (``pred_score``) and decisions at 0.5 on the samples.

        With emotions also ``pred_emotion_score``, a softmax, and ``pred_emotion``.
        """
        logits, emotion_logits = self.answer(feats, num_segs)  # of B * crops
        shape = (len(data_samples), -1)
        scores = logits.sigmoid().unflatten(0, shape).mean(dim=1)  # (B, N)
        for sample, score in zip(data_samples, scores):
            sample.set_pred_score(score)
            sample.set_pred_label((score > 0.5).long())
        if self.emotion is not None:
            emotions = emotion_logits.softmax(dim=1).unflatten(0, shape)
            put_emotions(data_samples, emotions.mean(dim=1))
        return data_samples
