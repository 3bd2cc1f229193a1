# Copyright (c) AULLM-MM contributors.
"""Write workbooks whose bytes repeat."""
from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterable, Sequence

import openpyxl

# Of saving: the bytes must not tell when the corpus was made.
FIXED_TIME = datetime.datetime(2014, 5, 8)


def write_workbook(table: Iterable[Sequence[object]]) -> bytes:
    """Write a table as a workbook of one sheet, always the same bytes.

    Args:
        table: The rows, each with its cells: text, number or None.

    Returns:
        The ``.xlsx`` file.

    Examples:
        >>> table = [('Subject', 'Filename'), (1, 'EP02_01f')]
        >>> write_workbook(table) == write_workbook(table)
        True
    """
    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = FIXED_TIME
    book.properties.creator = 'AULLM-MM'
    sheet = book.active
    sheet.title = 'Sheet1'
    for row in table:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_times(buffer.getvalue())


def _without_times(archive: bytes) -> bytes:
    """Rewrite a zip file with fixed dates, so that its bytes repeat."""
    stamp = FIXED_TIME.isoformat() + 'Z'
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(
            buffer, 'w', zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist()):
            content = source.read(name)
            if name == 'docProps/core.xml':
                # openpyxl sets the time of saving here, whatever was asked.
                head, tag, tail = content.decode().partition(
                    '<dcterms:modified xsi:type="dcterms:W3CDTF">')
                content = (head + tag + stamp + tail[tail.index('<'):]).encode()
            info = zipfile.ZipInfo(name, FIXED_TIME.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content)
    return buffer.getvalue()
