# Copyright (c) AULLM-MM contributors.
"""A deduction trace as tables that a page shows, whatever parts of it are there."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aullm_mm.facs import au_label

from .embed import plain_text, tidy_text

#: How a change was measured, as people read it.
MEASURED = {'nodes': 'graph only', 'full': 'whole model'}
#: Marks a change of the answer on an AU.
FLAG = ' ⚑'
NOTES = {
    'regions': 'The score of each action unit once the movement in a region of the '
               'face is taken out of the clip. ⚑: the answer is then another.',
    'rules': 'Learned relations between action units, and what removing each does. '
             'Decisive: an answer changes.',
    'counterfactuals': 'What was changed on purpose, what should follow, and what did.',
    'emotions': 'Prototypes of basic emotions that share most with the action units '
                'found. It compares sets; no feeling was read.',
    'heat': 'Fall of the logit of each action unit when a region is taken out.'}


def trace_view(trace: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Bring a trace to text, tables and edges of the graph.

    A part that is not there is left out.

    Args:
        trace: A trace of ``trace_clips``, or None.

    Returns:
        ``text``, ``by_llm`` (whether the LLM worded it; ``plain_text`` is then the
        text without it), ``refused`` (why its words were not taken), ``tables`` (each
        with ``key``, ``title``, ``note``, ``columns``, ``rows`` of ``cells`` and of the
        ``aus`` that they are about) and ``edges`` (rules between two AUs, for the
        graph), or None.

    Examples:
        >>> view = trace_view({'text': 'AU1.', 'rules': [
        ...     {'aus': [1, 2], 'type': 'synergy', 'strength': 0.5}]})
        >>> view['tables'][0]['rows'][0]['cells'][:3], len(view['edges'])
        (['AU1, AU2', 'synergy', '+0.500'], 1)
        >>> trace_view(None) is None
        True
    """
    if not trace:
        return None
    parts = dict(
        regions=('Face regions', _REGION_COLUMNS, _region_rows(trace.get('aus') or ())),
        rules=('Rules', _RULE_COLUMNS, list(map(_rule_row, trace.get('rules') or ()))),
        counterfactuals=('Counterfactuals', _TRIAL_COLUMNS, [
            _trial_row(trial) for trial in trace.get('counterfactuals') or ()]),
        emotions=('Prototype emotions', _EMOTION_COLUMNS, _emotion_rows(
            trace.get('emotions') or {})),
        heat=('All regions', *_heat(trace.get('heat') or {})))
    tables = [
        dict(key=key, title=title, note=NOTES[key], columns=columns, rows=rows)
        for key, (title, columns, rows) in parts.items() if rows]
    return dict(text=str(trace.get('text') or ''), by_llm=trace.get('text_by') == 'llm',
                plain_text=str(trace.get('plain_text') or ''),
                refused=(trace.get('rephrased') or {}).get('why_not'), tables=tables,
                edges=[
                    edge for edge in map(_edge, trace.get('rules') or ()) if edge])


_REGION_COLUMNS = ('action unit', 'region', 'score', 'without', 'fall', 'measured by')
_RULE_COLUMNS = ('rule', 'kind', 'strength', 'when removed', 'decisive', 'measured by')
_TRIAL_COLUMNS = ('what was changed', 'should', 'did', 'scores', 'measured by')
_EMOTION_COLUMNS = ('emotion', 'prototype', 'likeness')


def aus_text(numbers: Sequence[int]) -> str:
    """AUs as a list.

    Examples:
        >>> aus_text([1, 12])
        'AU1, AU12'
    """
    return ', '.join(map(au_label, numbers))


def number_text(value: float | None) -> str:
    """A number of a trace, with the three digits that its text has.

    Examples:
        >>> number_text(0.4), number_text(None)
        ('0.400', '–')
    """
    return '–' if value is None else f'{value:.3f}'


def _row(cells: Sequence[str], aus: Sequence[int], strong: bool = False) -> dict:
    return dict(cells=list(cells), aus=list(aus), strong=strong)


def _region_rows(units: Sequence[Mapping[str, Any]]) -> list[dict]:
    rows = []
    for unit in sorted(units, key=lambda unit: -unit.get('score', 0.0)):
        for entry in unit.get('regions') or ():
            gone = FLAG if entry.get('flips') else ''
            rows.append(_row(
                (au_label(unit['au']), _place(entry), number_text(entry.get('before')),
                 number_text(entry.get('score')) + gone, number_text(entry.get('drop')),
                 _measured(entry)), [unit['au']], bool(entry.get('flips'))))
    return rows


def _place(entry: Mapping[str, Any]) -> str:
    if entry.get('side') == 'both':
        return f'{entry["region"]}, both sides'
    return ' '.join(filter(None, (entry.get('side'), entry['region'])))


def _rule_row(rule: Mapping[str, Any]) -> dict:
    removed = rule.get('removed')
    decisive = {True: 'yes', False: 'no', None: 'not known'}[rule.get('decisive')]
    if rule.get('decisive') and rule.get('flips'):
        decisive = f'yes: {aus_text(rule["flips"])}'
    cells = (aus_text(rule['aus']), tidy_text(rule.get('type', '')),
             f'{rule["strength"]:+.3f}' if rule.get('strength') is not None else '–',
             _change(removed) if removed else '', decisive, _measured(rule))
    return _row(cells, rule['aus'], bool(rule.get('decisive')))


def _trial_row(trial: Mapping[str, Any]) -> dict:
    of = trial.get('of')
    of = au_label(of) if trial.get('what') == 'evidence' and of is not None else of
    what = tidy_text(trial.get('what', '')) + (f' ({of})' if of is not None else '')
    expected = {'fall': 'fall', 'same': 'stay', None: '–'}.get(
        trial.get('expected'), plain_text(trial.get('expected')))
    held = {True: 'as it should', False: 'otherwise', None: '–'}[trial.get('held')]
    changes = trial.get('changes') or ()
    cells = (what, expected, held, '; '.join(map(_change, changes)), _measured(trial))
    aus = [change['au'] for change in changes]
    return _row(cells, aus, trial.get('held') is False)


def _emotion_rows(emotions: Mapping[str, Any]) -> list[dict]:
    rows = [_row((c['emotion'], aus_text(c['prototype']), number_text(c['similarity'])),
                 c['prototype']) for c in emotions.get('closest') or ()]
    branch = sorted((emotions.get('branch') or {}).items(), key=lambda row: -row[1])
    return rows + [_row((name, 'emotion branch of the model', number_text(share)), ())
                   for name, share in branch]


def _heat(heat: Mapping[str, Any]) -> tuple[tuple[str, ...], list[dict]]:
    """Columns and rows of the fall of every AU's logit with every region."""
    drops = heat.get('logit_drop') or {}
    aus = [int(au) for au in drops]
    rows = [
        _row((region, *(f'{drop:+.3f}' for drop in falls)), aus)
        for region, *falls in zip(heat.get('regions') or (), *drops.values())]
    return ('region', *map(au_label, aus)), rows


def _change(change: Mapping[str, Any]) -> str:
    gone = FLAG if change.get('flips') else ''
    return (f'{au_label(change["au"])} {number_text(change.get("before"))} → '
            f'{number_text(change.get("score"))}{gone}')


def _measured(entry: Mapping[str, Any]) -> str:
    measured = entry.get('measured')
    return MEASURED.get(measured, '' if measured is None else str(measured))


def _edge(rule: Mapping[str, Any]) -> dict[str, Any] | None:
    """A rule between two AUs as the graph wants it."""
    if len(rule.get('aus') or ()) != 2 or rule.get('strength') is None:
        return None
    return dict(
        aus=[int(au) for au in rule['aus']], type=str(rule.get('type', '')),
        strength=float(rule['strength']), decisive=bool(rule.get('decisive')))
