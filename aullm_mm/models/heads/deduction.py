# Copyright (c) AULLM-MM contributors.
"""Deduction: evidence and structure into the prompt, AU logits out of the LLM."""
from __future__ import annotations

from typing import Sequence

import torch
from torch import Tensor, nn

from aullm_mm.facs.action_units import action_unit

from ..llm.causal_lm import CausalLM
from ..llm.deduction_prompt import (
    ANSWERS,
    EVIDENCE,
    INSTRUCTION,
    SLOTS,
    DeductionPrompt,
)
from .emotion_branch import QUESTION, EmotionAnswer

ANSWER_MODES = ('classify', 'verbalize')


class Deduction(nn.Module):
    r"""Decide the AUs from the last hidden state of the LLM.

    The prompt is prefix text, then per clip the content tokens, the instruction token
    and the little text between and after them. Two answer modes:

    - ``classify``: last hidden state to N logits by one linear layer, as AU-LLM does;
    - ``verbalize``: after the prompt one question an AU (``AU12:``); its logit is the
      LLM's own score of "yes" less that of "no",
      :math:`s \, (w_{yes} - w_{no})^\top h + b`, with a scale and a bias shared by all
      AUs, so that an AU list never seen in training works.

    With emotions, their logits follow those of the AUs, from the same pass: see
    :class:`~aullm_mm.models.heads.emotion_branch.EmotionAnswer`.

    Args:
        llm: The LLM.
        prompt: The prompt.
        answer_mode: ``'classify'`` or ``'verbalize'``. Defaults to ``'classify'``.
        with_instruction: Whether there is an instruction token. Defaults to True.
        num_content: Number of content tokens :math:`K`. Defaults to 1.
        emotions: Names of the emotion classes. Defaults to none.

    Shapes:
        - content: :math:`(B, K, D)`; instruction: :math:`(B, 1, D)` or None
        - output: :math:`(B, N)`, with emotions :math:`(B, N + E)`

    Raises:
        ValueError: If the answer mode is unknown, or the prompt too long for the LLM.
    """

    def __init__(
        self,
        llm: CausalLM,
        prompt: DeductionPrompt,
        answer_mode: str = 'classify',
        with_instruction: bool = True,
        num_content: int = 1,
        emotions: Sequence[str] = (),
    ) -> None:
        super().__init__()
        if answer_mode not in ANSWER_MODES:
            raise ValueError(
                f'answer_mode must be one of {ANSWER_MODES}, got {answer_mode!r}.')
        self.llm, self.prompt, self.answer_mode = llm, prompt, answer_mode
        self.with_instruction = with_instruction
        pieces = prompt.pieces(llm.tokenizer, with_instruction)
        self.tail, self.questions = pieces.tail, pieces.questions
        if emotions:
            asked = llm.tokenizer(QUESTION, add_special_tokens=False)['input_ids']
            self.questions += (tuple(asked),)
        tail = sum(1 if t in SLOTS else len(t) for t in self.tail)
        asked = sum(map(len, self.questions)) * (answer_mode == 'verbalize')
        llm.check_length(len(pieces.prefix) + tail + num_content - 1 + asked)
        self.register_buffer(
            'prefix', torch.tensor(pieces.prefix, dtype=torch.long), persistent=False)
        units = [action_unit(number) for number in prompt.aus]
        names = torch.stack([llm.embed_text(unit.name.lower()) for unit in units])
        self.register_buffer('au_names', names, persistent=False)  # (N, D)
        if answer_mode == 'classify':
            self.classify = nn.Linear(llm.width, len(prompt.aus))
        else:
            yes, no = llm.answer_embeddings(ANSWERS)
            self.register_buffer('yes_or_no', yes - no, persistent=False)  # (D,)
            self.scale = nn.Parameter(torch.ones(()))
            self.shift = nn.Parameter(torch.zeros(()))
        self.emotion = EmotionAnswer(llm, emotions, answer_mode) if emotions else None

    def forward(self, content: Tensor, instruction: Tensor | None) -> Tensor:
        """AU logits of every clip, then its emotion logits."""
        suffix = self._suffix(content, instruction)  # (B, S, D)
        states = self._answer_states(suffix)  # (B, Q, D)
        if self.answer_mode == 'classify':
            logits = self.classify(states[:, -1])  # (B, N)
        else:
            asked = states[:, :len(self.prompt.aus)]  # (B, N, D)
            logits = self.scale * (asked @ self.yes_or_no) + self.shift
        if self.emotion is None:
            return logits
        return torch.cat([logits, self.emotion(states[:, -1])], dim=1)

    def _answer_states(self, suffix: Tensor) -> Tensor:
        """Hidden states that answer: the last one, or one at the end of a question."""
        if self.answer_mode == 'classify':
            return self.llm(self.prefix, suffix)[:, -1:]
        questions = self._embed(sum(self.questions, ()), suffix)
        hidden = self.llm(self.prefix, torch.cat([suffix, questions], dim=1))
        lengths = torch.tensor([len(q) for q in self.questions], device=hidden.device)
        ends = hidden.shape[1] - lengths.sum() + lengths.cumsum(0) - 1  # (Q,)
        return hidden[:, ends]

    def describe(self, num_content_tokens: int) -> str:
        """The prompt as the LLM reads it, visual tokens as <CT1> ... and <IT>."""
        text = self.prompt.render(self.llm.tokenizer)
        content = ''.join(f'<CT{k + 1}>' for k in range(num_content_tokens))
        instruction = '<IT>' if self.with_instruction else ''
        return text.replace(EVIDENCE, content).replace(INSTRUCTION, instruction)

    def _suffix(self, content: Tensor, instruction: Tensor | None) -> Tensor:
        parts = []
        for piece in self.tail:
            if not isinstance(piece, str):
                parts.append(self._embed(piece, content))
            elif piece == EVIDENCE:
                parts.append(content)
            else:
                parts.append(instruction)
        return torch.cat(parts, dim=1)

    def _embed(self, ids: tuple[int, ...], like: Tensor) -> Tensor:
        """Text tokens repeated for the batch: (L,) to (B, L, D)."""
        return self.llm.embed(ids).to(like.dtype).expand(like.shape[0], -1, -1)
