# Copyright (c) AULLM-MM contributors.
"""A trace in one paragraph: every number in it is one of the trace."""
from __future__ import annotations

import re
from typing import Any, Iterator, Sequence

from aullm_mm.facs import au_label

from .regions import FaceRegion

_NUMBER = re.compile(r'(?<![\d.])-?\d+(?:\.\d+)?')
ESTIMATE = '*'
FOOTNOTE = '* By the AU nodes alone, what the LLM adds being held.'


def write_text(trace: dict) -> str:
    """One paragraph of plain English made from the numbers of a trace.

    What was measured by the nodes alone, the LLM's part held, has a star.

    Args:
        trace: A trace without its text.

    Examples:
        >>> trace = dict(aus=[dict(au=4, name='brow lowerer', score=.2, threshold=.5,
        ...     present=False)], rules=[], counterfactuals=[],
        ...     emotions=dict(closest=[]))
        >>> write_text(trace)
        'The model finds no AU here; nearest is AU4 (brow lowerer), score 0.2, below
        its threshold of 0.5. It has no rules that relate AUs.'
    """
    found = [entry for entry in trace['aus'] if entry['present']]
    sentences = [_found(trace['aus'], found)]
    sentences += [_regions(entry) for entry in found]
    sentences += _rules(trace['rules'])
    sentences += [s for s in map(_counterfactual, trace['counterfactuals']) if s]
    sentences += _emotion(found, trace['emotions']['closest'])
    text = ' '.join(sentences)
    return f'{text} {FOOTNOTE}' if ESTIMATE in text else text


def numbers_of(text: str) -> list[float]:
    """All numbers in a text, those of AU labels among them.

    Args:
        text: The text.

    Examples:
        >>> numbers_of('AU12 fell from 0.9 to 0.05.')
        [12.0, 0.9, 0.05]
    """
    # A hyphen between words is no sign.
    return [float(n) for n in _NUMBER.findall(re.sub(r'(?<=\w)-', ' ', text))]


def values_of(trace: Any) -> set[float]:
    """All numbers that a trace holds, at any depth; AU numbers that are keys too.

    Args:
        trace: The trace, or a part of it.

    Examples:
        >>> sorted(values_of({'au': 4, 'heat': {'12': [0.5]}, 'present': True}))
        [0.5, 4.0, 12.0]
    """
    return set(_values(trace))


def _values(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for key, item in value.items():
            if str(key).isdigit():
                yield float(key)
            if key != 'text':
                yield from _values(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _values(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield float(value)


def _found(entries: Sequence[dict], found: Sequence[dict]) -> str:
    if not found:
        nearest = max(entries, key=lambda e: e['score'] - e['threshold'])
        return (f'The model finds no AU here; nearest is {_named(nearest)}, below its '
                f'threshold of {nearest["threshold"]:g}.')
    names = _list([_named(entry) for entry in found])
    limits = {entry['threshold'] for entry in found}
    if len(limits) == 1:
        return f'The model finds {names}; the threshold is {limits.pop():g}.'
    each = _list([f'{e["threshold"]:g} for {au_label(e["au"])}' for e in found])
    return f'The model finds {names}; the thresholds are {each}.'


def _named(entry: dict) -> str:
    return f'{au_label(entry["au"])} ({entry["name"]}), score {entry["score"]:g}'


def _regions(entry: dict) -> str:
    label = au_label(entry['au'])
    lower = entry['regions'][:2]
    if not lower:
        return f'No face region was found whose removal lowers {label}.'
    first = lower[0]
    text = (f'{label} rests most on the {_place(first)}: with the movement there taken '
            f'out its score goes from {first["before"]:g} to {first["score"]:g}'
            f'{_estimate(first)}{_gone(first)}')
    for other in lower[1:]:
        text += (f'; without that of the {_place(other)} to {other["score"]:g}'
                 f'{_estimate(other)}{_gone(other)}')
    return text + '.'


def _place(entry: dict) -> str:
    return str(FaceRegion(entry['region'], entry['side']))


def _gone(entry: dict) -> str:
    return ', and the AU is no longer found' if entry['flips'] else ''


def _estimate(entry: dict) -> str:
    return ESTIMATE if entry['measured'] == 'nodes' else ''


def _rules(rules: Sequence[dict]) -> list[str]:
    if not rules:
        return ['It has no rules that relate AUs.']
    decisive = [rule for rule in rules if rule['decisive']]
    if decisive:
        return [f'The rule of {_rule(rule)} is decisive: without it '
                f'{_removed(rule)}.' for rule in decisive[:3]]
    unknown = [rule for rule in rules if rule['decisive'] is None]
    text = (f'No single rule was found to be decisive; foremost is that of '
            f'{_rule(rules[0])}: without it {_removed(rules[0])}.')
    if unknown:
        text += (f' By the nodes the rule of {_rule(unknown[0])} might be; the whole '
                 f'model was not asked.')
    return [text]


def _rule(rule: dict) -> str:
    first, second = (au_label(number) for number in rule['aus'])
    return f'{first} and {second} ({rule["type"]}, strength {rule["strength"]:g})'


def _removed(rule: dict) -> str:
    text = _change(rule['removed']) + _estimate(rule)
    others = [au_label(n) for n in rule['flips'] if n != rule['removed']['au']]
    if others:
        text += f', and the answer on {_list(others)} changes too'
    return text


def _change(change: dict) -> str:
    label = au_label(change['au'])
    if change['before'] == change['score']:  # to as many digits as are shown
        return (f'{label} stays at {change["score"]:g} (logit '
                f'{change["logit_change"]:+g})')
    return f'{label} goes from {change["before"]:g} to {change["score"]:g}'


def _counterfactual(entry: dict) -> str:
    star = _estimate(entry)
    if entry['what'] == 'evidence':
        return (f'With the movement at its places taken out, '
                f'{_list([_change(change) + star for change in entry["changes"]])}.')
    how = {
        'still context': 'With all other movement made still,',
        'other context': "With all other movement exchanged for another clip's,",
        'no rules': 'Without any rule'}.get(entry['what'])
    if how is None:
        return ''
    flips = _list([_change(c) + star for c in entry['changes'] if c['flips']])
    if entry['held']:
        return f'{how} these AUs are still found{star}.'
    return f'{how} {flips or "the answer stays" + star}.'


def _emotion(found: Sequence[dict], closest: Sequence[dict]) -> list[str]:
    if not found or not closest:
        return []
    first = closest[0]
    aus = _list([au_label(entry['au']) for entry in found])
    prototype = _list([au_label(number) for number in first['prototype']])
    return [f'Of the prototypes of emotions, that of {first["emotion"]} ({prototype}) '
            f'is closest to {aus}, with a Jaccard similarity of '
            f'{first["similarity"]:g}; that is a likeness of AU sets, not a finding '
            f'about what the person felt.']


def _list(parts: Sequence[str]) -> str:
    """Words joined by commas and a last ``and``."""
    if len(parts) < 2:
        return ''.join(parts)
    return f'{", ".join(parts[:-1])} and {parts[-1]}'
