# Copyright (c) AULLM-MM contributors.
"""From the name of a corpus and the folder of its release to an annotation table."""
from __future__ import annotations

import os
from pathlib import Path
from types import MappingProxyType
from typing import Iterable, Mapping

from aullm_mm.datasets.annotations import AnnotationTable, load_table, save_table
from aullm_mm.datasets.corpora import (casme, casme2, casme3a, casme3c, casme_sq, disfa,
                                       fourdme, generic, mmew, samm, smic)
from aullm_mm.datasets.corpora.corpus import Corpus
from aullm_mm.datasets.corpora.reader import read_release
from aullm_mm.datasets.corpora.report_text import format_report
from aullm_mm.datasets.corpora.sources import (digest, find_layout, find_sources,
                                               source_name)
from aullm_mm.utils.atomic import write_text_atomic

#: Corpora by name. A further corpus is one more module and its name here.
CORPORA: Mapping[str, Corpus] = MappingProxyType({
    module.CORPUS.name: module.CORPUS
    for module in (casme, casme2, casme_sq, casme3a, casme3c, samm, smic, mmew, fourdme,
                   disfa, generic)})


def find_corpus(name: str) -> Corpus:
    """Return a corpus by its name.

    Args:
        name: A key of :data:`CORPORA`.

    Raises:
        ValueError: If there is no such corpus.

    Examples:
        >>> find_corpus('casme2').title
        'CASME II'
    """
    if name not in CORPORA:
        raise ValueError(f'unknown corpus {name!r}: choose one of {list(CORPORA)}')
    return CORPORA[name]


def read_corpus(name: str, root: str | os.PathLike, skip_repairs: Iterable[str] = ()
                ) -> AnnotationTable:
    """Read an official release; nothing is written.

    Args:
        name: A key of :data:`CORPORA`.
        root: Folder of the release.
        skip_repairs: Names of repairs to leave out, or ``'all'``. Defaults to none.

    Raises:
        FileNotFoundError: If the release, its annotations or its frames are missing.
        ValueError: If there is no such corpus or repair, or the annotations cannot be
            used.

    Examples:
        >>> read_corpus('casme9', 'data')
        Traceback (most recent call last):
        ...
        ValueError: unknown corpus 'casme9': choose one of ['casme', 'casme2', ...]
    """
    return read_release(find_corpus(name), Path(root), skip_repairs)


def prepare_corpus(name: str, root: str | os.PathLike,
                   out: str | os.PathLike | None = None,
                   skip_repairs: Iterable[str] = ()) -> AnnotationTable:
    """Read an official release and write its table and, beside it, its report.

    Args:
        name: A key of :data:`CORPORA`.
        root: Folder of the release.
        out: Table to write; the report ends in ``.report.txt`` instead of ``.json``.
            Defaults to ``annotations.json`` in the folder of the release.
        skip_repairs: Names of repairs to leave out, or ``'all'``. Defaults to none.

    Returns:
        The table.

    Raises:
        FileNotFoundError: If the release, its annotations or its frames are missing.
        ValueError: If there is no such corpus or repair, or the annotations cannot be
            used; nothing is written then.
    """
    table = read_corpus(name, root, skip_repairs)
    path = _table_path(root, out)
    # The report goes first: a table without its report cannot be left behind.
    write_text_atomic(path.with_suffix('.report.txt'), format_report(table))
    save_table(table, path)
    return table


def ensure_annotations(name: str, root: str | os.PathLike,
                       out: str | os.PathLike | None = None) -> Path:
    """Return the table of a corpus, writing it where it is missing or out of date.

    A table is out of date when it is older than its sources (the spreadsheet, mostly)
    or than a folder of frames (frames were added), when it was made from sources of
    another name or content, or when it cannot be read. Repairs that were switched off
    for it stay so when it is made again.

    Args:
        name: A key of :data:`CORPORA`.
        root: Folder of the release.
        out: The table. Defaults to ``annotations.json`` in the folder of the release.

    Returns:
        Path of a table that is up to date.

    Raises:
        FileNotFoundError: If the release, its annotations or its frames are missing.
        ValueError: If the corpus is unknown or its annotations cannot be used.
    """
    path = _table_path(root, out)
    table = _load(path)
    if not _is_current(path, table, find_corpus(name), Path(root)):
        off = table.report.get('repairs_off', ()) if table else ()
        prepare_corpus(name, root, path, off)
    return path


def _is_current(path: Path, table: AnnotationTable | None, corpus: Corpus, root: Path
                ) -> bool:
    sources = find_sources(corpus, root)
    frames = root / find_layout(corpus, root).folder
    if table is None or table.corpus != corpus.name:
        return False
    # Where frames lie in the root itself, writing the table touches that folder.
    folders = [frames, *frames.iterdir()] if frames != root else [
        root / folder for folder in {record.frame_dir for record in table.records}]
    inputs = [*sources, *folders]
    if not all(item.exists() for item in inputs):
        return False
    if max(item.stat().st_mtime_ns for item in inputs) > path.stat().st_mtime_ns:
        return False
    made = (table.source.get('file'), table.source.get('sha256'))
    return made == (source_name(sources, root), digest(sources, root))


def _load(path: Path) -> AnnotationTable | None:
    try:
        return load_table(path)
    except (FileNotFoundError, ValueError):
        return None


def _table_path(root: str | os.PathLike, out: str | os.PathLike | None) -> Path:
    return Path(out) if out is not None else Path(root) / 'annotations.json'
