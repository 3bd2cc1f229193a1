# Copyright (c) AULLM-MM contributors.
"""Write a coding table as CASME II's spreadsheet."""
from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Sequence

import openpyxl

from .coding_table import Row

HEADER = ('Subject', 'Filename', None, 'OnsetFrame', 'ApexFrame',
          'OffsetFrame', None, 'Action Units', 'Estimated Emotion')
FIXED_TIME = datetime.datetime(2014, 5, 8)


def write_spreadsheet(rows: Sequence[Row]) -> bytes:
    """Write the rows as CASME II's spreadsheet, always the same bytes.

    Args:
        rows: The coding table.

    Returns:
        The ``.xlsx`` file.

    Examples:
        >>> from .coding_table import draw_rows
        >>> rows = draw_rows(seed=0, subjects=2, clips=3)
        >>> write_spreadsheet(rows) == write_spreadsheet(rows)
        True
    """
    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = FIXED_TIME
    book.properties.creator = 'AULLM-MM'
    sheet = book.active
    sheet.title = 'Sheet1'
    sheet.append(HEADER)
    for row in rows:
        apex = row.apex if row.apex_coded else '/'
        # A single AU is a number in the real table, as Excel makes of it.
        coding = int(row.coding) if row.coding.isdigit() else row.coding
        sheet.append((row.subject, row.filename, None, row.onset, apex,
                      row.offset, None, coding, row.emotion))
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
