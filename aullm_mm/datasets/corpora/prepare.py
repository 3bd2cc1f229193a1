# Copyright (c) AULLM-MM contributors.
"""From the name of a corpus and the folder of its release to an annotation table."""
from __future__ import annotations

import os
from pathlib import Path
from types import MappingProxyType
from typing import Callable, Mapping, NamedTuple

from aullm_mm.datasets.annotations import (AnnotationTable, load_table, save_table,
                                           write_text_atomic)
from aullm_mm.datasets.corpora import casme2
from aullm_mm.datasets.corpora.report import format_report
from aullm_mm.datasets.corpora.spreadsheet import file_sha256


class CorpusReader(NamedTuple):
    """What a corpus module offers; each takes the folder of the release.

    Args:
        find_spreadsheet: Returns the spreadsheet that the table is made from.
        find_frames: Returns the frame folder's name and the file name template.
        read: Returns the annotation table.
    """

    find_spreadsheet: Callable[[Path], Path]
    find_frames: Callable[[Path], tuple[str, str]]
    read: Callable[[Path], AnnotationTable]


#: Readers by corpus name. A further corpus is one more module and one line here.
CORPORA: Mapping[str, CorpusReader] = MappingProxyType({
    casme2.NAME: CorpusReader(casme2.find_spreadsheet, casme2.find_frames, casme2.read),
})


def read_corpus(name: str, root: str | os.PathLike) -> AnnotationTable:
    """Read an official release; nothing is written.

    Args:
        name: A key of :data:`CORPORA`.
        root: Folder of the release.

    Raises:
        FileNotFoundError: If the release, its spreadsheet or its frames are missing.
        ValueError: If the corpus is unknown or its spreadsheet cannot be used.

    Examples:
        >>> read_corpus('casme9', 'data')
        Traceback (most recent call last):
        ...
        ValueError: unknown corpus 'casme9': choose one of ['casme2']
    """
    return _reader(name).read(Path(root))


def prepare_corpus(name: str, root: str | os.PathLike,
                   out: str | os.PathLike | None = None) -> AnnotationTable:
    """Read an official release and write its table and, beside it, its report.

    Args:
        name: A key of :data:`CORPORA`.
        root: Folder of the release.
        out: Table to write; the report ends in ``.report.txt`` instead of ``.json``.
            Defaults to ``annotations.json`` in the folder of the release.

    Returns:
        The table.

    Raises:
        FileNotFoundError: If the release, its spreadsheet or its frames are missing.
        ValueError: If the corpus is unknown or its spreadsheet cannot be used; nothing
            is written then.
    """
    table = read_corpus(name, root)
    path = _table_path(root, out)
    # The report goes first: a table without its report cannot be left behind.
    write_text_atomic(path.with_suffix('.report.txt'), format_report(table))
    save_table(table, path)
    return table


def ensure_annotations(name: str, root: str | os.PathLike,
                       out: str | os.PathLike | None = None) -> Path:
    """Return the table of a corpus, writing it where it is missing or out of date.

    A table is out of date when it is older than the spreadsheet or than a subject's
    frame folder (frames were added), when it was made from a spreadsheet of another
    name or content, or when it cannot be read.

    Args:
        name: A key of :data:`CORPORA`.
        root: Folder of the release.
        out: The table. Defaults to ``annotations.json`` in the folder of the release.

    Returns:
        Path of a table that is up to date.

    Raises:
        FileNotFoundError: If the release, its spreadsheet or its frames are missing.
        ValueError: If the corpus is unknown or its spreadsheet cannot be used.
    """
    path = _table_path(root, out)
    if not _is_current(path, _reader(name), Path(root)):
        prepare_corpus(name, root, path)
    return path


def _is_current(path: Path, reader: CorpusReader, root: Path) -> bool:
    spreadsheet = reader.find_spreadsheet(root)
    frames = root / reader.find_frames(root)[0]
    if not path.is_file():
        return False
    inputs = [spreadsheet, frames, *frames.iterdir()]
    if max(item.stat().st_mtime_ns for item in inputs) > path.stat().st_mtime_ns:
        return False
    try:
        source = load_table(path).source
    except ValueError:
        return False
    return (source.get('file'), source.get('sha256')) == (
        spreadsheet.name, file_sha256(spreadsheet))


def _reader(name: str) -> CorpusReader:
    if name not in CORPORA:
        raise ValueError(f'unknown corpus {name!r}: choose one of {list(CORPORA)}')
    return CORPORA[name]


def _table_path(root: str | os.PathLike, out: str | os.PathLike | None) -> Path:
    return Path(out) if out is not None else Path(root) / 'annotations.json'
