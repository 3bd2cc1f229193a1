# Copyright (c) AULLM-MM contributors.
"""A nuisance that goes with an AU, the other way round for the people tested."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aullm_mm.datasets.annotations import ClipRecord
from aullm_mm.datasets.protocols import Split
from aullm_mm.datasets.split_file import save_split

from .layout import Layout
from .row import Row

KINDS = ('light', 'background')
DEFAULT_RATE = 0.9
SPLIT_FILE = 'spurious_split.json'
FEWEST_SUBJECTS = 3
# Not left and right: training clips are mirrored at random, so these would be no cue.
ABOVE, BELOW = 'above', 'below'


@dataclass(frozen=True)
class Spurious:
    """Which nuisance goes with which AU, and how often.

    Attributes:
        kind: One of ``KINDS``.
        au: AU number.
        rate: Share of the training group's clips in which it goes with the AU.

    Examples:
        >>> str(Spurious('light', 12, 0.9))
        'light:12:0.9'
    """

    kind: str
    au: int
    rate: float

    def __str__(self) -> str:
        """Return it as on the command line."""
        return f'{self.kind}:{self.au}:{self.rate:g}'


def parse_spurious(text: str, aus: Iterable[int]) -> Spurious:
    """Read ``KIND:AU`` or ``KIND:AU:RATE``.

    Args:
        text: Such as ``'light:12'`` or ``'background:4:0.8'``.
        aus: AUs of the coding table.

    Returns:
        Its parts.

    Raises:
        ValueError: If the kind, the AU or the rate cannot be.

    Examples:
        >>> parse_spurious('light:12', (4, 12))
        Spurious(kind='light', au=12, rate=0.9)
    """
    kind, _, rest = str(text).partition(':')
    au, colon, rate = rest.partition(':')
    allowed = [str(number) for number in sorted(aus)]
    try:
        value = float(rate) if colon else DEFAULT_RATE
    except ValueError:
        value = -1.0
    if kind not in KINDS or au not in allowed or not 0.0 <= value <= 1.0:
        raise ValueError(
            f'spurious must be KIND:AU or KIND:AU:RATE with KIND one of '
            f'{", ".join(KINDS)}, AU one of {", ".join(allowed)} and RATE from 0 to 1, '
            f'got {str(text)!r}')
    return Spurious(kind, int(au), value)


def subject_groups(subjects: int) -> dict[str, range]:
    """Return who is trained on, chosen on and tested on, by subject number.

    Args:
        subjects: Number of people, at least 3.

    Returns:
        ``train``, ``val`` (about a sixth of the training group) and ``test`` (the
        last third).

    Examples:
        >>> subject_groups(9)
        {'train': range(1, 6), 'val': range(6, 7), 'test': range(7, 10)}
    """
    last = subjects - subjects // 3
    first_val = last - max(1, last // 6)
    return {'train': range(1, first_val + 1), 'val': range(first_val + 1, last + 1),
            'test': range(last + 1, subjects + 1)}


def draw_sides(
    rng: np.random.Generator, rows: Sequence[Row], spurious: Spurious
) -> list[str]:
    """Choose whether each clip has its nuisance above or below.

    Above goes with the AU. The shares are exact within each group of people, train,
    val and test, as far as its clips can be shared out.

    Args:
        rng: Source of randomness.
        rows: All clips; what they show counts, not what is coded.
        spurious: What goes together; in the test group it is the other way round.

    Returns:
        ``'above'`` or ``'below'`` by clip.

    Examples:
        >>> from .movements import Movement
        >>> smile = (Movement(12, None, 0.2),)
        >>> rows = [Row(s, f'c{i}', 1, 2, 3, True, '12', 'others', smile)
        ...         for s in (1, 2, 3) for i in range(4)]
        >>> draw_sides(np.random.default_rng(0), rows, Spurious('light', 12, 1.0))
        ... # doctest: +ELLIPSIS
        ['above', 'above', 'above', 'above', 'above', ..., 'below', 'below']
    """
    sides = [''] * len(rows)
    groups = subject_groups(max(row.subject for row in rows))
    for name, people in groups.items():
        rate = 1.0 - spurious.rate if name == 'test' else spurious.rate
        for shown in (True, False):
            own = [index for index, row in enumerate(rows) if row.subject in people
                   and (spurious.au in {m.au for m in row.movements}) == shown]
            usual = round(rate * len(own))
            for place, at in enumerate(rng.permutation(len(own)).tolist()):
                sides[own[at]] = ABOVE if (place < usual) == shown else BELOW
    return sides


def write_split(folder: Path, rows: Sequence[Row], layout: Layout, about: str) -> Path:
    """Write the split file of a corpus with a spurious nuisance.

    Args:
        folder: The corpus.
        rows: All its clips.
        layout: Its layout.
        about: What goes together, to be noted.

    Returns:
        The file, in the format of ``aullm_mm.datasets.split_file``.

    Examples:
        >>> import tempfile
        >>> from .casme2_layout import CASME2
        >>> rows = [Row(s, 'EP', 1, 2, 3, True, '4', 'fear', ()) for s in (1, 2, 3)]
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     'casme2/sub03/EP' in write_split(
        ...         Path(folder), rows, CASME2, 'light:4:0.9').read_text()
        True
    """
    groups = subject_groups(max(row.subject for row in rows))
    parts = {name: tuple(_record(row, layout) for row in rows if row.subject in people)
             for name, people in groups.items()}
    return save_split(Split(**parts), folder / SPLIT_FILE, spurious=about)


def _record(row: Row, layout: Layout) -> ClipRecord:
    folder, _, name = layout.frame_path(row, row.onset).rpartition('/')
    _, subject, clip = folder.split('/')
    return ClipRecord(
        layout.name, subject, clip, row.onset, row.apex, row.offset, 200.0, folder,
        name)
