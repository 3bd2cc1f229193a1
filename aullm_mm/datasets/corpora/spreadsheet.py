# Copyright (c) AULLM-MM contributors.
"""Reading the spreadsheets of corpora: columns by name, cells as clean text."""
from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException


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


def read_rows(path: Path, columns: Mapping[str, str]) -> list[Row]:
    """Read the rows of a workbook's first sheet below its header row.

    The header is the first row that is not empty. Column names match whatever their
    case, spaces and underscores, and wherever they stand; other columns are ignored,
    and so are rows without a value in any wanted column.

    Args:
        path: The ``.xlsx`` file.
        columns: Name of the field to return -> title of the column in the release.

    Returns:
        The filled rows, in the order of the sheet.

    Raises:
        ValueError: If the file is no workbook or a column is missing; the message
            names the file, the missing columns and those found.
    """
    sheet = _sheet_rows(path)
    header = next((row for row in sheet if any(map(cell_text, row[1]))), (0, ()))[1]
    titles = [cell_text(value) for value in header]
    place = {_plain(title): index for index, title in enumerate(titles) if title}
    missing = [title for title in columns.values() if _plain(title) not in place]
    if missing:
        raise ValueError(
            f'{path}: missing column(s) {missing}; found '
            f'{[title for title in titles if title]}. Use the spreadsheet of the '
            'official release unchanged, its titles in the first row')
    wanted = {field: place[_plain(title)] for field, title in columns.items()}
    rows = (Row(number, {field: cell_text(values[index]) if index < len(values) else ''
                         for field, index in wanted.items()})
            for number, values in sheet)
    return [row for row in rows if any(row.cells.values())]


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


def _sheet_rows(path: Path) -> Iterator[tuple[int, tuple[Any, ...]]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError) as error:
        raise ValueError(f'{path} is not a readable .xlsx workbook ({error}): copy it '
                         'again from the official release') from None
    try:
        # Some writers store a wrong sheet size, which would cut rows off.
        book.worksheets[0].reset_dimensions()
        rows = book.worksheets[0].iter_rows(values_only=True)
        yield from enumerate(rows, start=1)
    finally:
        book.close()


def _plain(title: str) -> str:
    return ''.join(title.lower().replace('_', ' ').split())
