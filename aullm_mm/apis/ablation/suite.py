# Copyright (c) AULLM-MM contributors.
"""What a comparison consists of: a small config file."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from mmengine.config import Config

from .options import check_options, flatten

FOLDER = Path('configs/suites')
#: Settings of rows that a suite may give for all of them; a row's own come first.
SHARED = ('corpus', 'data_root', 'cache_root', 'split', 'cfg_options')


@dataclass(frozen=True)
class Row:
    """One model of a comparison.

    Args:
        name: Its name, also of its folder.
        config: Config file.
        cfg_options: Settings to change, by dotted keys.
        corpus: Corpora to run on instead of the config's. Defaults to None.
        data_root: Their folders. Defaults to None.
        cache_root: Clip cache. Defaults to None.
        split: Settings of the split to change, as ``train_subjects``.
        protocol: Protocol, see :mod:`aullm_mm.datasets.named_protocols`.
        reference: Row to compare with.
        group: Heading in the table. Defaults to ''.
        curve: Line of the figure that the row is a point of. Defaults to ''.
        x: Where on that line. Defaults to None.

    Raises:
        ValueError: If a value does not fit.
    """

    name: str
    config: str
    cfg_options: Mapping[str, Any]
    split: Mapping[str, Any]
    protocol: str
    reference: str
    corpus: str | Sequence[str] | None = None
    data_root: str | Sequence[str] | None = None
    cache_root: str | None = None
    group: str = ''
    curve: str = ''
    x: float | None = None

    def __post_init__(self) -> None:
        """Refuse what no folder or figure can be made of."""
        if not self.name or set(self.name) & set('/\\|<>`\n') or self.name[0] == '.':
            raise ValueError(f'row {self.name!r}: a name must do as a folder name.')
        if bool(self.curve) != (self.x is not None):
            raise ValueError(f'row {self.name!r}: curve and x belong together.')
        check_options(self.cfg_options, self.name)


@dataclass(frozen=True)
class Suite:
    """A comparison.

    Args:
        name: Name of its file.
        path: As given on the command line.
        title: Heading of its section.
        asks: A sentence on what it asks.
        rows: The models, in the order of the table.
        seeds: How many seeds. Defaults to 1.
        reference: Row that the others are compared with, of all rows that name none.
        corpora: Parameters of semi-synthetic corpora to make, each with ``out``.
        oracle: Whether to keep what the oracle chooses from. Defaults to False.
        x_label: Label of the figure's x axis. Defaults to 'x'.
    """

    name: str
    path: str
    title: str
    asks: str
    rows: tuple[Row, ...]
    seeds: int
    reference: str
    corpora: tuple[Mapping[str, Any], ...] = ()
    oracle: bool = False
    x_label: str = 'x'

    def row(self, name: str) -> Row:
        """The row of a name."""
        return next(row for row in self.rows if row.name == name)


def find_suite(name: str) -> Path:
    """File of a suite, from a path or a bare name.

    Args:
        name: ``'within'`` for ``configs/suites/within.py``, or a path.

    Raises:
        FileNotFoundError: If there is none; the message lists those there are.
    """
    for path in (Path(name), FOLDER / f'{name}.py'):
        if path.is_file():
            return path
    known = ', '.join(sorted(p.stem for p in FOLDER.glob('*.py'))) or 'none'
    raise FileNotFoundError(
        f'There is no suite {name}: give a file, or a name of {FOLDER} ({known}).')


def load_suite(name: str) -> Suite:
    """Read a suite.

    Args:
        name: Its path or bare name.

    Raises:
        FileNotFoundError: If there is no such suite.
        ValueError: If a setting is missing, unknown or does not fit.
    """
    path = find_suite(name)
    content = {key: value for key, value in Config.fromfile(path).to_dict().items()
               if not key.startswith('_')}
    try:
        return _suite(name, path.stem, content)
    except ValueError as error:
        raise ValueError(f'{path}: {error}') from None


def _suite(given: str, stem: str, content: dict[str, Any]) -> Suite:
    shared = {key: content.pop(key) for key in SHARED if key in content}
    shared['protocol'] = content.pop('protocol', None)
    rows = content.pop('rows', None)
    if not rows:
        raise ValueError('rows is missing: a list of dict(name=..., config=...).')
    first = content.setdefault('reference', dict(rows[0]).get('name', ''))
    settings = dict(dict(name=stem, path=given, seeds=1), **content)
    settings['rows'] = tuple(_row(dict(row), shared, first) for row in rows)
    settings['corpora'] = tuple(content.get('corpora', ()))
    _check_keys(settings, Suite, 'the suite')
    suite = Suite(**settings)
    _check_names(suite)
    if not isinstance(suite.seeds, int) or suite.seeds < 1:
        raise ValueError(f'seeds must be 1 or more, got {suite.seeds!r}.')
    return suite


def _row(row: dict[str, Any], shared: Mapping[str, Any], reference: str) -> Row:
    merged = {**shared, 'reference': reference, **row}
    for key in ('cfg_options', 'split'):
        merged[key] = {**flatten(shared.get(key) or {}), **flatten(row.get(key) or {})}
    title = f'row {merged.get("name", "without a name")!r}'
    if merged['protocol'] is None:
        raise ValueError(f'{title}: neither it nor the suite has a protocol.')
    _check_keys(merged, Row, title)
    return Row(**merged)


def _check_keys(settings: Mapping[str, Any], kind: type, title: str) -> None:
    known = {field.name for field in fields(kind)}
    needed = {field.name for field in fields(kind) if field.default is MISSING}
    wrong = sorted(set(settings) - known)
    missing = sorted(needed - set(settings))
    if wrong or missing:
        text = [f'does not know {", ".join(wrong)}'] * bool(wrong)
        text += [f'lacks {", ".join(missing)}'] * bool(missing)
        raise ValueError(f'{title} {" and ".join(text)}.')


def _check_names(suite: Suite) -> None:
    names = [row.name for row in suite.rows]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f'rows are there twice: {", ".join(twice)}.')
    for row in suite.rows:
        if row.reference not in names:
            raise ValueError(
                f'the reference {row.reference!r} of row {row.name!r} is no row.')
