# Copyright (c) AULLM-MM contributors.
"""The Action Units of the Facial Action Coding System (FACS).

Numbers, names and muscles follow the FACS manual of Ekman, Friesen and Hager
(2002). The face regions are ours: they group AUs by where a camera sees them move.
"""
from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Iterable, Mapping

#: Face regions used in the table, from the top of the face to the neck.
REGIONS = ('brow', 'eye', 'nose', 'cheek', 'mouth', 'chin', 'jaw', 'neck', 'head')


@dataclass(frozen=True)
class ActionUnit:
    """One row of the FACS table.

    Args:
        number: FACS number, for example 12.
        name: FACS name, for example ``'lip corner puller'``.
        muscle: Muscle or muscles behind the movement; empty where FACS names none.
        region: Face region, one of :data:`REGIONS`.
        sided: Whether FACS codes it on the left (L) and right (R) separately.

    Examples:
        >>> action_unit(12).name
        'lip corner puller'
    """

    number: int
    name: str
    muscle: str
    region: str
    sided: bool


_ORIS = 'orbicularis oris'
_LIDS = 'relaxed levator palpebrae superioris, orbicularis oculi (pars palpebralis)'
_TABLE = (
    (1, 'inner brow raiser', 'frontalis (pars medialis)', 'brow', True),
    (2, 'outer brow raiser', 'frontalis (pars lateralis)', 'brow', True),
    (4, 'brow lowerer',
     'corrugator supercilii, depressor supercilii, depressor glabellae', 'brow', True),
    (5, 'upper lid raiser', 'levator palpebrae superioris', 'eye', True),
    (6, 'cheek raiser', 'orbicularis oculi (pars orbitalis)', 'cheek', True),
    (7, 'lid tightener', 'orbicularis oculi (pars palpebralis)', 'eye', True),
    (8, 'lips toward each other', _ORIS, 'mouth', False),
    (9, 'nose wrinkler', 'levator labii superioris alaeque nasi', 'nose', True),
    (10, 'upper lip raiser',
     'levator labii superioris (caput infraorbitalis)', 'mouth', True),
    (11, 'nasolabial deepener', 'zygomaticus minor', 'cheek', True),
    (12, 'lip corner puller', 'zygomaticus major', 'mouth', True),
    (13, 'sharp lip puller', 'levator anguli oris', 'mouth', True),
    (14, 'dimpler', 'buccinator', 'mouth', True),
    (15, 'lip corner depressor', 'depressor anguli oris', 'mouth', True),
    (16, 'lower lip depressor', 'depressor labii inferioris', 'mouth', True),
    (17, 'chin raiser', 'mentalis', 'chin', False),
    (18, 'lip pucker',
     'incisivii labii superioris, incisivii labii inferioris', 'mouth', False),
    (19, 'tongue show', '', 'mouth', False),
    (20, 'lip stretcher', 'risorius, platysma', 'mouth', True),
    (21, 'neck tightener', 'platysma', 'neck', False),
    (22, 'lip funneler', _ORIS, 'mouth', False),
    (23, 'lip tightener', _ORIS, 'mouth', False),
    (24, 'lip pressor', _ORIS, 'mouth', False),
    (25, 'lips part',
     'depressor labii inferioris, or relaxed mentalis or orbicularis oris',
     'mouth', False),
    (26, 'jaw drop', 'masseter; relaxed temporalis and internal pterygoid',
     'jaw', False),
    (27, 'mouth stretch', 'pterygoids, digastric', 'jaw', False),
    (28, 'lip suck', _ORIS, 'mouth', False),
    (29, 'jaw thrust', '', 'jaw', False),
    (30, 'jaw sideways', '', 'jaw', True),
    (31, 'jaw clencher', 'masseter', 'jaw', False),
    (32, 'lip bite', '', 'mouth', False),
    (33, 'cheek blow', '', 'cheek', True),
    (34, 'cheek puff', '', 'cheek', True),
    (35, 'cheek suck', '', 'cheek', True),
    (36, 'tongue bulge', '', 'cheek', True),
    (37, 'lip wipe', '', 'mouth', False),
    (38, 'nostril dilator', 'nasalis (pars alaris)', 'nose', True),
    (39, 'nostril compressor',
     'nasalis (pars transversa), depressor septi nasi', 'nose', True),
    (41, 'lid droop', 'relaxed levator palpebrae superioris', 'eye', True),
    (42, 'slit', 'orbicularis oculi (pars palpebralis)', 'eye', True),
    (43, 'eye closure', _LIDS, 'eye', True),
    (44, 'squint', 'orbicularis oculi (pars palpebralis)', 'eye', True),
    (45, 'blink', _LIDS, 'eye', True),
    (46, 'wink', _LIDS, 'eye', True),
    (51, 'head turn left', '', 'head', False),
    (52, 'head turn right', '', 'head', False),
    (53, 'head up', '', 'head', False),
    (54, 'head down', '', 'head', False),
    (55, 'head tilt left', '', 'head', False),
    (56, 'head tilt right', '', 'head', False),
    (57, 'head forward', '', 'head', False),
    (58, 'head back', '', 'head', False),
    (61, 'eyes turn left', '', 'eye', False),
    (62, 'eyes turn right', '', 'eye', False),
    (63, 'eyes up', '', 'eye', False),
    (64, 'eyes down', '', 'eye', False),
)

#: Every AU that this package knows, by number, in rising order (read-only).
ACTION_UNITS: Mapping[int, ActionUnit] = MappingProxyType(
    {row[0]: ActionUnit(*row) for row in _TABLE})


def action_unit(number: int) -> ActionUnit:
    """Look an Action Unit up by its FACS number.

    Args:
        number: FACS number.

    Raises:
        ValueError: If FACS has no such AU; the message lists the known ones.

    Examples:
        >>> action_unit(4).region
        'brow'
    """
    if number not in ACTION_UNITS:
        known = ', '.join(map(str, ACTION_UNITS))
        raise ValueError(f'unknown AU {number!r}: known AU numbers are {known}')
    return ACTION_UNITS[number]


def au_label(number: int) -> str:
    """Return the short label of an AU, ``'AU12'`` for 12.

    Args:
        number: FACS number.

    Raises:
        ValueError: If FACS has no such AU.

    Examples:
        >>> au_label(12)
        'AU12'
    """
    return f'AU{action_unit(number).number}'


def check_au_list(aus: Iterable[int]) -> tuple[int, ...]:
    """Return an AU list as a tuple after checking it.

    Args:
        aus: FACS numbers in the order the model, the labels and the scores use.

    Raises:
        ValueError: If the list is empty, repeats an AU or names an unknown one.

    Examples:
        >>> check_au_list([1, 2, 4])
        (1, 2, 4)
    """
    numbers = tuple(aus)
    if not numbers:
        raise ValueError('the AU list is empty: name at least one AU number')
    for number in numbers:
        action_unit(number)
    repeated = sorted({n for n in numbers if numbers.count(n) > 1})
    if repeated:
        raise ValueError(f'the AU list {list(numbers)} repeats {repeated}: '
                         'name every AU once')
    return tuple(int(n) for n in numbers)
