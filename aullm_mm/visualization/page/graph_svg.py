# Copyright (c) AULLM-MM contributors.
"""The AU graph of a page: where nodes and edges stand on a schematic face."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from aullm_mm.facs import RELATION_TYPES, action_unit, au_label

from ..face_outline import place_aus

RADIUS = 9.0
#: Dashes of each relation type, in SVG's notation.
DASHES = dict(zip(RELATION_TYPES, ('', '5 3', '6 2 1.5 2', '1.5 2.5')))


def graph_view(
    aus: Sequence[int],
    scores: Sequence[float | None],
    rules: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Lay the AU graph of a movement out for the template.

    Args:
        aus: AU numbers.
        scores: Score of each AU, None where there is none.
        rules: For each rule ``aus`` (two AU numbers), ``type``, ``strength`` in (-1, 1)
            and ``decisive``.

    Returns:
        ``nodes`` and ``edges``, in a box from -100 to 100 in both directions, y down.

    Examples:
        >>> rule = dict(aus=[1, 2], type='synergy', strength=0.5, decisive=True)
        >>> view = graph_view([1, 2], [0.9, 0.2], [rule])
        >>> len(view['nodes']), view['edges'][0]['sign'], view['edges'][0]['width']
        (2, 'positive', 4.5)
    """
    where = dict(zip(aus, _places(tuple(aus))))
    known = [rule for rule in rules if set(rule['aus']) <= set(where)]
    largest = max((abs(rule['strength']) for rule in known), default=0.0) or 1.0
    nodes = [
        dict(au=au, x=x, y=y, score=score,
             name=f'{au_label(au)} {action_unit(au).name}')
        for (au, (x, y)), score in zip(where.items(), scores)]
    return dict(radius=RADIUS, nodes=nodes,
                edges=[_edge(rule, where, largest) for rule in known])


@lru_cache(maxsize=8)
def _places(aus: tuple[int, ...]) -> list[list[float]]:
    """Places of AUs on the face, the same for every movement of a page."""
    return np.round(place_aus(aus, gap=0.29) * (100, -100), 1).tolist()


def _edge(
    rule: Mapping[str, Any], where: Mapping[int, list[float]], largest: float
) -> dict[str, Any]:
    (x1, y1), (x2, y2) = (where[au] for au in rule['aus'])
    # Bend towards the midline, so that edges over one node part from each other.
    bend = 0.16 if (x1 + x2) * (y2 - y1) >= 0 else -0.16
    middle = (x1 + x2) / 2 - bend * (y2 - y1), (y1 + y2) / 2 + bend * (x2 - x1)
    strength = rule['strength']
    return dict(
        path=f'M{x1},{y1}Q{middle[0]:.1f},{middle[1]:.1f} {x2},{y2}',
        sign='positive' if strength >= 0 else 'negative',
        width=round(0.7 + 3.8 * abs(strength) / largest, 2),
        dash=DASHES.get(rule.get('type'), ''), aus=rule['aus'],
        decisive=bool(rule.get('decisive')),
        title=f'{au_label(rule["aus"][0])} and {au_label(rule["aus"][1])}: '
              f'{rule.get("type", "rule")}, strength {strength:+.2f}')
