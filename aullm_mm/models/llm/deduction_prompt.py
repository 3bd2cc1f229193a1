# Copyright (c) AULLM-MM contributors.
"""The structured prompt: constant text first, then evidence and instruction."""
from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import NamedTuple, Sequence

from mmengine.model import BaseModule
from transformers import PreTrainedTokenizerBase

from aullm_mm.facs.action_units import action_unit
from aullm_mm.registry import MODELS

EVIDENCE, INSTRUCTION = '{evidence}', '{instruction}'
SLOTS = (EVIDENCE, INSTRUCTION)
ANSWERS = (' yes', ' no')


class PromptPieces(NamedTuple):
    """A tokenized prompt: the shared prefix, then slots and text in turn.

    Attributes:
        prefix: Token ids before the first slot, the same for every clip.
        tail: What follows, in order: a slot name, or token ids.
        questions: Token ids that ask for one AU each (``verbalize`` only).
    """

    prefix: tuple[int, ...]
    tail: tuple[str | tuple[int, ...], ...]
    questions: tuple[tuple[int, ...], ...]


def load_template(style: str) -> tuple[str, str]:
    """Read a template: a system part and a user part, separated by a line ``---``.

    Args:
        style: Name of a packaged template, or path of a text file.

    Returns:
        tuple: System text (may be empty) and user text.

    Raises:
        FileNotFoundError: If there is no such template.
        ValueError: If the template lacks the evidence slot.

    Examples:
        >>> system, user = load_template('premises')
        >>> '{evidence}' in user
        True
    """
    packaged = resources.files(__package__) / 'templates' / f'{style}.txt'
    if packaged.is_file():
        text = packaged.read_text(encoding='utf-8')
    elif Path(style).is_file():
        text = Path(style).read_text(encoding='utf-8')
    else:
        names = sorted(
            Path(p.name).stem for p in packaged.parent.iterdir())  # type: ignore
        raise FileNotFoundError(
            f'No prompt template {style!r}: give one of {names}, or the path of a text '
            f'file.')
    system, rule, user = text.partition('---\n')
    system, user = (system, user) if rule else ('', text)
    if EVIDENCE not in user:
        raise ValueError(
            f'Prompt template {style!r} has no slot {EVIDENCE} for the evidence.')
    return system.strip(), user.strip()


@MODELS.register_module()
class DeductionPrompt(BaseModule):
    """Fill a template for an AU list and cut it at its slots.

    All constant text stands before the first slot, so that the LLM reads it once a
    batch. The LLM's own chat template is used where it has one. Slots:
    ``{evidence}``, ``{instruction}`` (left out without a graph network), ``{au_list}``
    (AU1, AU2, ...) and ``{definitions}`` (AU1 inner brow raiser, ...).

    Args:
        aus: AU numbers, in the order of the labels.
        style: Packaged template or path of a text file. Defaults to ``'premises'``.
        use_chat_template: Whether to use the LLM's chat template, if it has one.
            Defaults to True.

    Examples:
        >>> prompt = DeductionPrompt(aus=(1, 12))
        >>> 'AU12 lip corner puller' in prompt.text()
        True
    """

    def __init__(
        self,
        aus: Sequence[int],
        style: str = 'premises',
        use_chat_template: bool = True,
    ) -> None:
        super().__init__()
        self.aus = tuple(aus)
        self.system, self.user = load_template(style)
        self.use_chat_template = use_chat_template

    def text(self) -> str:
        """The user part with the AU list filled in; the slots stay."""
        units = [action_unit(number) for number in self.aus]
        return (
            self.user
            .replace('{au_list}', ', '.join(f'AU{u.number}' for u in units))
            .replace('{definitions}', ', '.join(
                f'AU{u.number} {u.name.lower()}' for u in units)))

    def render(self, tokenizer: PreTrainedTokenizerBase) -> str:
        """The whole prompt as the LLM reads it, slots in place."""
        if self.use_chat_template and tokenizer.chat_template:
            turns = [dict(role='system', content=self.system)] if self.system else []
            turns.append(dict(role='user', content=self.text()))
            return tokenizer.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=True)
        bos = tokenizer.bos_token or ''
        return bos + '\n'.join(part for part in (self.system, self.text()) if part)

    def pieces(
        self, tokenizer: PreTrainedTokenizerBase, with_instruction: bool = True
    ) -> PromptPieces:
        """Tokenize the prompt, cut at its slots.

        Args:
            tokenizer: The LLM's tokenizer.
            with_instruction: Whether there is an instruction token to stand in its
                slot; without one its slot disappears. Defaults to True.
        """
        text = self.render(tokenizer)
        if not with_instruction:
            text = text.replace(INSTRUCTION, '')
        prefix, *tail = _cut(text)
        return PromptPieces(
            _ids(tokenizer, prefix),
            tuple(t if t in SLOTS else _ids(tokenizer, t) for t in tail if t),
            tuple(_ids(tokenizer, f'\nAU{n}:') for n in self.aus))


def _cut(text: str) -> list[str]:
    """Split a text at its slots, keeping them.

    Examples:
        >>> _cut('see {evidence} and {instruction}.')
        ['see ', '{evidence}', ' and ', '{instruction}', '.']
    """
    parts = [text]
    for slot in SLOTS:
        cut = []
        for part in parts:
            before, found, after = part.partition(slot)
            cut += [before, slot, after] if found else [part]
        parts = cut
    return parts


def _ids(tokenizer: PreTrainedTokenizerBase, text: str) -> tuple[int, ...]:
    return tuple(tokenizer(text, add_special_tokens=False)['input_ids'])
