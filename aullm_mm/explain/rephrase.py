# Copyright (c) AULLM-MM contributors.
"""A trace in the LLM's own words, where its numbers are those of the trace."""
from __future__ import annotations

import re
from contextlib import nullcontext

import torch
from torch import nn
from transformers import DynamicCache

from aullm_mm.engine.unwrap import unwrap
from aullm_mm.facs.emotions import EMOTIONS
from aullm_mm.facs.relations import RELATION_TYPES
from aullm_mm.models.llm import CausalLM

from .regions import PARTS
from .text import FOOTNOTE, numbers_of

ASK = (
    'Rewrite the report below as two or three plain sentences. Keep every number and '
    'every name such as AU4 exactly as it is. Add nothing.\n\nReport: {text}')
LEAST = 0.5  # of the plain text's numbers, how many the prose must keep
#: Why prose was not taken.
REASONS = ('no LLM', 'empty', 'unfinished', 'repeats itself', 'other numbers',
           'numbers at the wrong place', 'too few of the numbers')
# Words that tie a number to its place, and that the prose may not move either.
_WORDS = re.compile('|'.join((
    *(name for name, _ in PARTS), 'left', 'right', 'both', *RELATION_TYPES, *EMOTIONS)))


def rephrase(
    trace: dict, llm: CausalLM | None, max_new_tokens: int = 160
) -> dict:
    """Let the LLM write the paragraph of a trace anew, and check its numbers.

    The LLM runs without its LoRA adapters, which were trained to detect and not to
    write, and greedily, so that the same trace gets the same prose. The prose is taken
    only if :func:`check_prose` has nothing against it. What it says in other words than
    numbers and names is not checked, nor their order within a sentence, so the plain
    text is kept too.

    Args:
        trace: A trace of :func:`~aullm_mm.explain.trace_clips`.
        llm: The LLM, as of :func:`llm_of`; None for a model without.
        max_new_tokens: Longest prose in tokens. Defaults to 160.

    Returns:
        The trace with ``text`` the prose and ``text_by`` ``'llm'``, or else the plain
        text and ``'template'``; ``plain_text``; and ``rephrased``: the prose that was
        written (or None), whether it was taken, and why not (or None).

    Examples:
        >>> trace = rephrase(dict(text='AU4 has 0.9.', text_by='template'), None)
        >>> trace['text'], trace['rephrased']['why_not']
        ('AU4 has 0.9.', 'no LLM')
    """
    plain = trace.get('plain_text', trace['text'])
    prose, why = None, 'no LLM'
    if llm is not None:
        report = plain.replace(FOOTNOTE, '').replace('*', '').strip()
        prose = generate(llm, ASK.format(text=report), max_new_tokens)
        why = check_prose(prose, report)
    taken = why is None
    return dict(
        trace, text=prose if taken else plain, text_by='llm' if taken else 'template',
        plain_text=plain, rephrased=dict(prose=prose, taken=taken, why_not=why))


def check_prose(prose: str, plain: str) -> str | None:
    """Why prose may not stand for a text; None if it may.

    Each number of the prose must be one of the text's, and the numbers, face regions,
    relations and emotions of one sentence must stand together in one sentence of the
    text, so that a right number at the wrong AU is found too. At least half of the
    text's numbers must be there, no sentence twice, and the last one finished.

    Args:
        prose: What the LLM wrote.
        plain: The text with the right numbers.

    Examples:
        >>> plain = 'AU4 has a score of 0.9. AU12 has 0.7.'
        >>> check_prose('AU4 reaches 0.9, AU12 reaches 0.7.', plain)
        'numbers at the wrong place'
        >>> check_prose('AU4 reaches 0.9. And AU12 reaches 0.7.', plain)
        >>> check_prose('AU4 reaches 0.8.', plain)
        'other numbers'
    """
    sentences = _sentences(prose)
    found, right = set(numbers_of(prose)), set(numbers_of(plain))
    if not re.search(r'[A-Za-z]{3}', prose):
        return 'empty'
    if not found <= right:
        return 'other numbers'
    if prose[-1] not in '.!)':
        return 'unfinished'
    if len(set(sentences)) < len(sentences):
        return 'repeats itself'
    together = [_facts(sentence) for sentence in _sentences(plain)]
    if not all(any(_facts(s) <= facts for facts in together) for s in sentences):
        return 'numbers at the wrong place'
    if len(found) < LEAST * len(right):
        return 'too few of the numbers'
    return None


def _sentences(text: str) -> list[str]:
    parts = re.split(r'[.!?](?:\s|$)|\n+', text)
    return [part.strip() for part in parts if part.strip()]


def _facts(sentence: str) -> set:
    return {*numbers_of(sentence), *_WORDS.findall(sentence.lower())}


def llm_of(model: nn.Module) -> CausalLM | None:
    """The LLM of a recognizer, or None where it has none.

    Args:
        model: The recognizer, or its wrapper of distributed training.
    """
    deduction = getattr(getattr(unwrap(model), 'cls_head', None), 'deduction', None)
    return None if deduction is None else deduction.llm


@torch.no_grad()
def generate(llm: CausalLM, request: str, max_new_tokens: int) -> str:
    """Greedy continuation of a request by the LLM as it was before training.

    Args:
        llm: The LLM.
        request: What to write, put into the LLM's chat template if it has one.
        max_new_tokens: Longest answer in tokens, cut where the context ends.
    """
    tokenizer, decoder = llm.tokenizer, llm.decoder
    if tokenizer.chat_template:
        request = tokenizer.apply_chat_template(
            [dict(role='user', content=request)], tokenize=False,
            add_generation_prompt=True)
    ids = tokenizer(request, add_special_tokens=False)['input_ids']
    limit = getattr(llm.config, 'max_position_embeddings', None)
    room = max_new_tokens if limit is None else min(max_new_tokens, limit - len(ids))
    if room <= 0:
        return ''
    training = llm.training
    llm.eval()
    plain = (decoder.disable_adapter() if hasattr(decoder, 'disable_adapter')
             else nullcontext())
    try:
        with plain:
            written = _continue(llm, ids, room)
    finally:
        llm.train(training)
    return tokenizer.decode(written, skip_special_tokens=True).strip()


def _continue(llm: CausalLM, ids: list[int], room: int) -> list[int]:
    cache = DynamicCache(config=llm.config)
    step, written = llm.embed(tuple(ids))[None], []
    weight, end = llm.output_weight[0], llm.tokenizer.eos_token_id
    while len(written) < room:
        hidden = llm.decoder(
            inputs_embeds=step, past_key_values=cache, use_cache=True)
        state = hidden.last_hidden_state[0, -1]
        token = int((state @ weight.to(state).T).argmax())
        if token == end:
            break
        written.append(token)
        step = llm.embed((token,))[None]
    return written
