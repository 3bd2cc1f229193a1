# Copyright (c) AULLM-MM contributors.
"""A deduction trace as tables that a page shows, whatever parts of it are there."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .embed import plain_text, tidy_text

#: Parts of a trace, in the order in which a page shows them: key, title, explanation.
SECTIONS = (
    ('regions', 'Face regions', 'What each score falls by when the movement in the '
     'region is taken out.'),
    ('rules', 'Rules', 'Learned relations between action units, and what removing '
     'each one does.'),
    ('counterfactuals', 'Counterfactuals', 'What was changed on purpose, and what '
     'the answer did.'),
    ('emotions', 'Prototype emotions', 'Which prototypes of basic emotions the set of '
     'action units is closest to. This is a comparison of sets, not a feeling that '
     'was read.'))
_DECIMALS = 2


def trace_view(trace: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Bring a trace to text, tables and edges of the graph.

    A part that is not there is left out. Rows are mappings of plain values; their keys
    become the columns.

    Args:
        trace: A trace of :mod:`aullm_mm.explain`, or None.

    Returns:
        ``text``, ``tables`` (each ``title``, ``note``, ``columns``, ``rows``) and
        ``edges`` (rules between two AUs, for the graph), or None.

    Examples:
        >>> view = trace_view({'text': 'AU1.', 'rules': [
        ...     {'aus': [1, 2], 'type': 'synergy', 'strength': 0.5}]})
        >>> view['tables'][0]['rows'], len(view['edges'])
        ([['AU1, AU2', 'synergy', '0.50']], 1)
        >>> trace_view(None) is None
        True
    """
    if not trace:
        return None
    tables = [
        dict(_table(rows), key=key, title=title, note=note)
        for key, title, note in SECTIONS for rows in [_rows(trace, key)] if rows]
    edges = [edge for edge in map(_edge, _rows(trace, 'rules')) if edge]
    return dict(text=str(trace.get('text') or ''), tables=tables, edges=edges)


def _rows(trace: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Rows of a part: of the clip, and those that stand below one of its AUs."""
    rows = [row for row in trace.get(key) or () if isinstance(row, Mapping)]
    for unit in trace.get('aus') or ():
        below = unit.get(key) if isinstance(unit, Mapping) else None
        rows += [dict(au=unit['au'], **row) for row in below or ()]
    return rows


def _table(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[cell_text(key, row.get(key)) for key in columns] for row in rows]
    return dict(columns=[tidy_text(key) for key in columns], rows=cells)


def cell_text(key: str, value: Any) -> str:
    """A value of a trace as text; AU numbers are known by their key.

    Args:
        key: Name of the column.
        value: A plain value.

    Examples:
        >>> cell_text('au', 4), cell_text('drop', 0.4251), cell_text('x', None)
        ('AU4', '0.43', '')
    """
    if value is None:
        return ''
    if key in ('au', 'aus', 'source', 'target') or key.endswith('_aus'):
        numbers = value if isinstance(value, (list, tuple)) else [value]
        return ', '.join(f'AU{n}' if isinstance(n, int) else str(n) for n in numbers)
    if isinstance(value, float):
        return f'{value:.{_DECIMALS}f}'
    if isinstance(value, Mapping):
        return ', '.join(
            f'{"AU" + str(k) if str(k).isdigit() else tidy_text(k)}: {cell_text("", v)}'
            for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ', '.join(cell_text('', item) for item in value)
    return plain_text(value)


def _edge(rule: Mapping[str, Any]) -> dict[str, Any] | None:
    """A rule between two AUs as the graph wants it."""
    pair = rule.get('aus') or [rule.get('source'), rule.get('target')]
    if len(pair) != 2 or None in pair or rule.get('strength') is None:
        return None
    return dict(aus=[int(au) for au in pair], type=str(rule.get('type', '')),
                strength=float(rule['strength']), decisive=bool(rule.get('decisive')))
