# Copyright (c) AULLM-MM contributors.
"""Emotions beside the AUs: decided before the LLM, and by the LLM."""
from __future__ import annotations

from typing import Sequence

import torch
from mmaction.structures import ActionDataSample
from torch import Tensor, nn

from aullm_mm.facs.emotions import emotion_classes
from aullm_mm.registry import MODELS
from aullm_mm.structures import stack_emotion_labels

from ..llm.causal_lm import CausalLM

QUESTION = '\nEmotion:'


class EmotionAnswer(nn.Module):
    r"""Emotion logits from the state in which the LLM answers.

    - ``classify``: last hidden state to E logits by one linear layer;
    - ``verbalize``: the state after the question ``Emotion:``; the logit of a class is
      the LLM's own score of the class word,
      :math:`s \, \bar{w}_e^\top h + b_e`. Where the tokenizer cuts a word,
      :math:`\bar{w}_e` is the mean over its tokens, since first tokens can be alike.

    Source: our reading of AULLM++ (arXiv 2603.08387, body not reachable).

    Args:
        llm: The LLM.
        classes: Names of the emotion classes.
        answer_mode: ``'classify'`` or ``'verbalize'``.

    Shapes:
        - hidden: :math:`(B, D)`; output: :math:`(B, E)`
    """

    def __init__(
        self, llm: CausalLM, classes: Sequence[str], answer_mode: str
    ) -> None:
        super().__init__()
        self.answer_mode = answer_mode
        if answer_mode == 'classify':
            self.classify = nn.Linear(llm.width, len(classes))
        else:
            words = torch.stack([_word_embedding(llm, name) for name in classes])
            self.register_buffer('words', words, persistent=False)  # (E, D)
            self.scale = nn.Parameter(torch.ones(()))
            self.shift = nn.Parameter(torch.zeros(len(classes)))

    def forward(self, hidden: Tensor) -> Tensor:
        """Emotion logits of every clip."""
        if self.answer_mode == 'classify':
            return self.classify(hidden)
        return self.scale * (hidden @ self.words.T) + self.shift


def _word_embedding(llm: CausalLM, word: str) -> Tensor:
    """Mean row of the output matrix over the tokens of a word: (D,)."""
    ids = llm.tokenizer(f' {word}', add_special_tokens=False)['input_ids']
    return llm.output_weight[0][ids].detach().float().mean(dim=0)


class EmotionBranch(nn.Module):
    """Emotion logits of the premises, and the emotion loss.

    The premises alone give emotion logits by one linear layer on the mean content
    token (normalised) and the node logits of the AUs: these decide in the control
    without an LLM and in the epochs before the LLM joins. With an LLM they get an
    auxiliary loss, as the nodes do.
    Counterfactual consistency is about AUs only: its divergence is one of Bernoulli
    answers, and the rules that it intervenes on relate AUs.

    Args:
        scheme: Emotion scheme of :mod:`aullm_mm.facs.emotions`.
        width: Width of a content token :math:`D`.
        num_aus: Number of AUs :math:`N`.
        loss: Config of the loss. Defaults to :class:`EmotionLoss`.

    Shapes:
        - content: :math:`(B, K, D)`; node_logits: :math:`(B, N)`
        - output: :math:`(B, E)`

    Raises:
        ValueError: If there is no such scheme.

    Examples:
        >>> branch = EmotionBranch('3', width=8, num_aus=4)
        >>> tuple(branch(torch.rand(2, 5, 8), torch.rand(2, 4)).shape)
        (2, 3)
    """

    def __init__(
        self,
        scheme: str,
        width: int,
        num_aus: int,
        loss: dict = dict(type='EmotionLoss'),
    ) -> None:
        super().__init__()
        self.classes = emotion_classes(scheme)
        self.norm = nn.LayerNorm(width)
        self.classify = nn.Linear(width + num_aus, len(self.classes))
        self.loss = MODELS.build(loss)

    def forward(self, content: Tensor, node_logits: Tensor) -> Tensor:
        """Emotion logits of the premises."""
        token = self.norm(content.mean(dim=1))  # (B, D)
        return self.classify(torch.cat([token, node_logits], dim=1))

    def labels(self, data_samples: Sequence[ActionDataSample]) -> Tensor:
        """Class indices of a batch, -1 where there is none: (B,)."""
        return stack_emotion_labels(data_samples, len(self.classes))


def put_emotions(data_samples: Sequence[ActionDataSample], scores: Tensor) -> None:
    """Put emotion probabilities and the likeliest class on the samples.

    Args:
        data_samples: The batch; each gets ``pred_emotion_score``: (E,), and
            ``pred_emotion``: (), long.
        scores: Probabilities.

    Shapes:
        - scores: :math:`(B, E)`

    Examples:
        >>> sample = ActionDataSample()
        >>> put_emotions([sample], torch.tensor([[.2, .7, .1]]))
        >>> sample.pred_emotion
        tensor(1)
    """
    for sample, score in zip(data_samples, scores):
        sample.set_field(score, 'pred_emotion_score', dtype=Tensor)
        sample.set_field(score.argmax(), 'pred_emotion', dtype=Tensor)
