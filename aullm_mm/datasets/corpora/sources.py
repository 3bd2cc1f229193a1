# Copyright (c) AULLM-MM contributors.
"""Finding the files of a release, and a hash over those a table is made from."""
from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Sequence

from aullm_mm.datasets.corpora.corpus import Corpus, Layout
from aullm_mm.datasets.corpora.spreadsheet import file_sha256


def find_sources(corpus: Corpus, root: Path) -> list[Path]:
    """Return the files, or folders, that the table of a release is made from.

    Args:
        corpus: The corpus.
        root: Folder of the release.

    Returns:
        The newest spreadsheet alone, or what the corpus has instead of one.

    Raises:
        FileNotFoundError: If there is none; the message says what was looked for, what
            is there, and where the corpus is to be had.
    """
    if corpus.find_sources is not None:
        found, kind = list(corpus.find_sources(root)), 'annotations'
    else:
        found = [root / name for name in corpus.spreadsheets
                 if (root / name).is_file()][:1]
        kind = 'spreadsheet'
    if not found:
        state = 'is missing' if not root.is_dir() else (
            f'has no {kind}' if any(root.iterdir()) else 'is empty')
        wanted = corpus.looked_for or corpus.spreadsheets
        raise FileNotFoundError(_missing(corpus, root, state, wanted))
    return found


def find_layout(corpus: Corpus, root: Path) -> Layout:
    """Return the frame folder of a release, the preferred one of those there.

    Args:
        corpus: The corpus.
        root: Folder of the release.

    Raises:
        FileNotFoundError: If there is none; the message says what was looked for.
    """
    for layout in corpus.layouts:
        if (root / layout.folder).is_dir():
            return layout
    folders = [f'{layout.folder}/' for layout in corpus.layouts]
    raise FileNotFoundError(_missing(corpus, root, 'has no frames', folders))


def digest(sources: Sequence[Path], root: Path) -> str:
    """Return a hash over the sources: the SHA-256 of the file where it is one.

    Args:
        sources: Files, whose content counts, and folders, whose entries' names count.
        root: Folder of the release.
    """
    if len(sources) == 1 and sources[0].is_file():
        return file_sha256(sources[0])
    total = hashlib.sha256()
    for source in sorted(sources):
        content = '/'.join(sorted(os.listdir(source))) if source.is_dir() \
            else file_sha256(source)
        total.update(f'{source.relative_to(root).as_posix()}\0{content}\n'.encode())
    return total.hexdigest()


def source_name(sources: Sequence[Path], root: Path) -> str:
    """Return what to call the sources: a file's name, or the folder and how many.

    Args:
        sources: Files or folders.
        root: Folder of the release.
    """
    if len(sources) == 1:
        return sources[0].name
    shared = Path(os.path.commonpath(sources)).relative_to(root).as_posix()
    what = 'folders' if sources[0].is_dir() else 'files'
    return f'{len(sources)} {what} in {shared}/'


def find_folder(root: Path, *candidates: str) -> str:
    """Return the first of several folders that is there, whatever its case.

    Args:
        root: Folder of the release.
        candidates: Folders relative to it, with ``/``, the likeliest one first.

    Returns:
        The folder as it is spelled there; the first candidate where none is there.
    """
    for candidate in candidates:
        found = root
        for part in candidate.split('/'):
            found = _entry(found, part)
            if found is None:
                break
        else:
            return found.relative_to(root).as_posix()
    return candidates[0]


def numbered(text: str, template: str) -> str:
    """Return the name of a subject from its number, however the cell writes it.

    Args:
        text: The cell: ``'1'``, ``'01'`` or ``'sub01'``.
        template: The name, braces for the number.

    Returns:
        The name, empty where the cell holds no number.

    Examples:
        >>> numbered('sub1', 'sub{:02d}'), numbered('', 'sub{:02d}')
        ('sub01', '')
    """
    match = re.fullmatch(r'[A-Za-z.\s]*(\d+)', text)
    return template.format(int(match[1])) if match else ''


def _entry(folder: Path, name: str) -> Path | None:
    if (folder / name).is_dir():
        return folder / name
    if not folder.is_dir():
        return None
    same = (entry for entry in sorted(folder.iterdir())
            if entry.name.casefold() == name.casefold() and entry.is_dir())
    return next(same, None)


def _missing(corpus: Corpus, root: Path, state: str, wanted: Sequence[str]) -> str:
    found = ''
    if root.is_dir() and any(root.iterdir()):
        names = sorted(f'{entry.name}/' if entry.is_dir() else entry.name
                       for entry in root.iterdir())
        more = f' and {len(names) - 8} more' if len(names) > 8 else ''
        found = f'; found {", ".join(names[:8])}{more}'
    how = f': looked for {", ".join(wanted)}{found}' if wanted else found
    return f'{corpus.title} folder {root} {state}{how}. {remedy(corpus)}'


def remedy(corpus: Corpus) -> str:
    """Return what to do where a release is missing.

    Args:
        corpus: The corpus.
    """
    ours = corpus.name in ('casme2', 'samm')
    made = ('; or make a semi-synthetic one with: python tools/make_synthetic.py '
            f'--layout {corpus.name}') if ours else ''
    return f'{corpus.owners}{made}'
