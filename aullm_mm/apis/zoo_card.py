# Copyright (c) AULLM-MM contributors.
"""The model card of a zoo model, from its description."""
from __future__ import annotations

from typing import Any, Mapping

SEMI_SYNTHETIC = (
    'The corpora are semi-synthetic: portraits of two people, mixed and moved by '
    'computer. **No real micro-expression was seen.** Figures on such clips say '
    'nothing about real ones. The weights are a start for training on a real corpus, '
    'not a detector.')
LIMITS = (
    'Not for decisions about people: not for lie detection, hiring, policing or '
    'medicine. AUs are movements of the face, not feelings.')


def make_card(name: str, meta: Mapping[str, Any]) -> str:
    """Write a model card in Markdown.

    Args:
        name: Name of the model.
        meta: Its description, as in the JSON file.

    Examples:
        >>> meta = dict(
        ...     aus=[1, 2], llm=None, dtype='float32', figures={'val/au/F1_mean': 0.5},
        ...     training=dict(description='Two clips.', semi_synthetic=True),
        ...     licence='Apache-2.0', versions=dict(torch='2.13.0'))
        >>> make_card('tiny', meta).splitlines()[0]
        '# tiny'
    """
    llm, training = meta['llm'], meta['training']
    reader = 'none' if llm is None else (
        f'{llm["name"]}, SHA-256 `{llm["sha256"] or "none"}`; its own weights are not '
        f'included')
    rows = [f'| {key} | {value} |' for key, value in meta['figures'].items()
            if key.endswith('_mean') or not key.startswith('val/')]
    table = ['| figure | value |', '|---|---|', *rows] if rows else ['None recorded.']
    return '\n'.join([
        f'# {name}', '', f"    load_from = 'aullm-mm://{name}'", '',
        f'- **AUs:** {", ".join(map(str, meta["aus"]))}; each decided at 0.5',
        f'- **LLM:** {reader}',
        f'- **Weights:** {meta["dtype"]}, trained tensors only',
        f'- **Licence:** {meta["licence"]}',
        '- **Versions:** ' + ', '.join(f'{k} {v}' for k, v in meta['versions'].items()),
        '', '## Training data', '', training['description'], '',
        *([SEMI_SYNTHETIC, ''] if training['semi_synthetic'] else []),
        '## Figures', '', *table, '', '## Limits', '', LIMITS, ''])
