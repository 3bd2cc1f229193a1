# Copyright (c) AULLM-MM contributors.
"""Reading the spreadsheets of corpora: columns by name, cells as clean text."""
from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Mapping, Sequence

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

#: How far down a header row is looked for; the preamble of SAMM has 13 rows.
HEADER_REACH = 40


@dataclass(frozen=True)
class Row:
    """One filled row of a spreadsheet.

    Args:
        number: Row number as the spreadsheet program shows it, from 1.
        cells: Text of each wanted column, ``''`` where the cell is empty.

    Examples:
        >>> Row(2, {'clip': 'EP02_01f'})['clip']
        'EP02_01f'
    """

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, field: str) -> str:
        return self.cells[field]

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f'row {self.number}'


def read_rows(path: Path, columns: Mapping[str, str | int],
              sheets: Sequence[str] = ('',), headed: bool = True) -> list[Row]:
    """Read the rows of one sheet of a workbook.

    The header is the row that holds most of the wanted titles, whatever stands above
    it. Titles match whatever their case, spaces and underscores, and wherever they
    stand; other columns are ignored, and so are rows without a value in any wanted
    column.

    Args:
        path: The ``.xlsx`` file.
        columns: Name of the field to return -> title of the column in the release, or
            its place, from 0, in a sheet without a header.
        sheets: Names of the sheet, tried in turn; ``''`` is the first sheet, which is
            read by default.
        headed: Whether the sheet has a header row. Defaults to True.

    Returns:
        The filled rows, in the order of the sheet.

    Raises:
        ValueError: If the file is no workbook or a sheet or a column is missing; the
            message names the file, what is missing and what was found.
    """
    rows = list(enumerate(_sheet_rows(path, sheets), start=1))
    if headed:
        number, values = _header(rows, columns.values())
        wanted = _places(values, columns, path)
        rows = rows[number:]
    else:
        wanted = {name: int(place) for name, place in columns.items()}
        _check_width(rows, wanted, path)
    found = (Row(number, {name: cell_text(values[place]) if place < len(values) else ''
                          for name, place in wanted.items()})
             for number, values in rows)
    return [row for row in found if any(row.cells.values())]


def cell_text(value: Any) -> str:
    """Return a cell's value as text; whole numbers lose their ``.0``.

    Args:
        value: What openpyxl returns: text, a number or None.

    Examples:
        >>> cell_text(46.0), cell_text(' 4+L10 '), cell_text(None)
        ('46', '4+L10', '')
    """
    if value is None:
        return ''
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def frame_number(text: str) -> int | None:
    """Return a frame number, or None where the cell holds no valid one.

    Args:
        text: Text of the cell; ``'/'``, ``'-1'``, ``'0'`` and ``''`` are no frames.

    Examples:
        >>> frame_number('59'), frame_number('/'), frame_number('-1')
        (59, None, None)
    """
    return int(text) if text.isdecimal() and int(text) > 0 else None


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal.

    Args:
        path: The file.
    """
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sheet_rows(path: Path, names: Sequence[str]) -> list[tuple[Any, ...]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError) as error:
        raise ValueError(f'{path} is not a readable .xlsx workbook ({error}): copy it '
                         'again from the official release') from None
    try:
        named = (book[name] if name else book.worksheets[0] for name in names
                 if not name or name in book.sheetnames)
        sheet = next(named, None)
        if sheet is None:
            raise ValueError(f'{path} has no sheet {" or ".join(map(repr, names))}; '
                             f'found {book.sheetnames}. Use the spreadsheet of the '
                             'official release unchanged')
        # Some writers store a wrong sheet size, which would cut rows off.
        sheet.reset_dimensions()
        return list(sheet.iter_rows(values_only=True))
    finally:
        book.close()


def _header(rows: Sequence[tuple[int, tuple[Any, ...]]], titles: Iterable[str | int]
            ) -> tuple[int, tuple[Any, ...]]:
    wanted = {_plain(str(title)) for title in titles}
    filled = [row for row in rows[:HEADER_REACH] if any(map(cell_text, row[1]))]
    # max() keeps the first of equals: the first filled row where no title is found.
    return max(filled or [(0, ())], key=lambda row: len(
        wanted & {_plain(cell_text(value)) for value in row[1]}))


def _places(header: Sequence[Any], columns: Mapping[str, str | int], path: Path
            ) -> dict[str, int]:
    titles = [cell_text(value) for value in header]
    place = {_plain(title): index for index, title in enumerate(titles) if title}
    missing = [title for title in columns.values() if _plain(str(title)) not in place]
    if missing:
        raise ValueError(
            f'{path}: missing column(s) {missing}; found '
            f'{[title for title in titles if title]}. Use the spreadsheet of the '
            'official release unchanged, its titles in one row')
    return {name: place[_plain(str(title))] for name, title in columns.items()}


def _check_width(rows: Sequence[tuple[int, tuple[Any, ...]]], wanted: Mapping[str, int],
                 path: Path) -> None:
    width = max((len(values) for _, values in rows), default=0)
    if width <= max(wanted.values()):
        raise ValueError(
            f'{path}: {width} column(s) found, {max(wanted.values()) + 1} wanted (in '
            f'this order, without a header: {", ".join(wanted)}). Use the spreadsheet '
            'of the official release unchanged')


def _plain(title: str) -> str:
    return ''.join(title.lower().replace('_', ' ').split())
