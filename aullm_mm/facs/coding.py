# Copyright (c) AULLM-MM contributors.
"""The grammar of coded AUs, as micro-expression spreadsheets write them.

A cell is tokens joined by ``+``; spaces do not count::

    token = ['AU'] [side] number [side] [intensity] ['(k)'] ['?']

``side`` is L or R (at most once), ``intensity`` A (trace) to E (maximum), ``(k)``
marks an AU that is held unchanged through the clip, ``?`` an AU the coder was not
sure of. A bare ``?`` beside other tokens says that some further AU moved that the
coder could not name; see :data:`UNKNOWN_AU`. Cells that leave a choice, ``12 or 15``,
are no part of the grammar: :func:`first_alternatives` takes a choice out first.
"""
from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Iterable

from aullm_mm.facs.action_units import ACTION_UNITS

#: Number given to a bare ``?``: an AU that moved but was not named. A clip with it
#: says nothing about the AUs it does not list, so their labels are masked.
UNKNOWN_AU = 0

_TOKEN = re.compile(
    r'(?:AU)?\s*(?P<before>[LR])?\s*(?P<number>\d+)\s*(?P<after>[LR])?\s*'
    r'(?P<intensity>[A-E])?\s*(?P<static>\(\s*k\s*\))?\s*(?P<uncertain>\?)?',
    re.IGNORECASE)
_OR = re.compile(r'\s*\bor\b\s*', re.IGNORECASE)
_ACCEPTED = ("AU numbers joined by '+', each with an optional side L or R, intensity "
             "A to E, '(k)' and '?', for example 'L1+R2A+12(k)?'")


@dataclass(frozen=True)
class CodedAU:
    """One AU as a coder wrote it down for a clip.

    Args:
        number: FACS number, or :data:`UNKNOWN_AU` for a bare ``?``.
        side: ``'L'``, ``'R'`` or None where both sides moved or none was named.
        intensity: ``'A'`` to ``'E'`` or None where not coded.
        static: True for ``(k)``: held unchanged through the clip.
        uncertain: True for ``?``: neither present nor absent (label -1).

    Examples:
        >>> str(CodedAU(12, side='L', intensity='B'))
        'L12B'
    """

    number: int
    side: str | None = None
    intensity: str | None = None
    static: bool = False
    uncertain: bool = False

    def __str__(self) -> str:
        if self.number == UNKNOWN_AU:
            return '?'
        return ''.join((self.side or '', str(self.number), self.intensity or '',
                        '(k)' if self.static else '', '?' if self.uncertain else ''))


def parse_coded_aus(text: str) -> tuple[CodedAU, ...]:
    """Read one AU cell.

    Order is kept; a token that is written twice counts once. A cell that holds
    nothing but ``?`` names no AU at all and is refused.

    Args:
        text: The cell, for example ``'L1+R2A+12(k)?'``.

    Returns:
        The coded AUs, at least one, in the order of the cell.

    Raises:
        ValueError: If the cell is empty or cannot be read; the message quotes the
            cell and the token and says what is accepted.

    Examples:
        >>> parse_coded_aus('4+L10')
        (CodedAU(number=4, side=None, intensity=None, static=False, uncertain=False), \
CodedAU(number=10, side='L', intensity=None, static=False, uncertain=False))
        >>> parse_coded_aus('12 or 15')
        Traceback (most recent call last):
        ...
        ValueError: cannot read AU cell '12 or 15': accepted are AU numbers joined by \
'+', each with an optional side L or R, intensity A to E, '(k)' and '?', for example \
'L1+R2A+12(k)?'
    """
    # NFKC turns the full-width digits and signs of some spreadsheets into ASCII.
    cell = unicodedata.normalize('NFKC', text).strip()
    if not cell:
        raise ValueError(f'empty AU cell: expected {_ACCEPTED}')
    coded = tuple(dict.fromkeys(
        _parse_token(token.strip(), text) for token in cell.split('+')))
    if all(au.number == UNKNOWN_AU for au in coded):
        raise ValueError(f'AU cell {text!r} names no AU: expected {_ACCEPTED}')
    return coded


def first_alternatives(text: str) -> str:
    """Return an AU cell with the first of the AUs between which it leaves a choice.

    Args:
        text: The cell, its tokens joined by ``+``; ``or`` between AUs is a choice.

    Returns:
        A cell without ``or``; the text itself where it leaves no choice.

    Examples:
        >>> first_alternatives('L14 or L12 + 4'), first_alternatives('12+R15')
        ('L14+4', '12+R15')
    """
    parts = [_OR.split(part) for part in text.split('+')]
    if all(len(part) == 1 for part in parts):
        return text
    return '+'.join(part[0].strip() for part in parts)


def format_coded_aus(coded: Iterable[CodedAU]) -> str:
    """Write coded AUs as one cell; :func:`parse_coded_aus` reads it back.

    Args:
        coded: Coded AUs, in the order to write them.

    Examples:
        >>> format_coded_aus(parse_coded_aus('au1 L + 12 b + ?'))
        'L1+12B+?'
    """
    return '+'.join(map(str, coded))


def _parse_token(token: str, cell: str) -> CodedAU:
    if token == '?':
        return CodedAU(UNKNOWN_AU, uncertain=True)
    match = _TOKEN.fullmatch(token)
    if match is None or (match['before'] and match['after']):
        named = '' if token == cell.strip() else f' at {token!r}'
        raise ValueError(f'cannot read AU cell {cell!r}{named}: accepted are '
                         f'{_ACCEPTED}')
    number = int(match['number'])
    if number not in ACTION_UNITS:
        raise ValueError(f'AU cell {cell!r} names AU{number}, which FACS does not '
                         f'have: accepted are {_ACCEPTED}')
    side, intensity = match['before'] or match['after'], match['intensity']
    return CodedAU(number, side.upper() if side else None,
                   intensity.upper() if intensity else None,
                   bool(match['static']), bool(match['uncertain']))
