# Copyright (c) AULLM-MM contributors.
"""A corpus of one's own: a CSV file with one clip a row.

``clips.csv`` in the root, UTF-8, fields separated by commas or semicolons, titles in
the first row. See :data:`COLUMNS`; frame folders are relative to the root.
"""
from __future__ import annotations

import csv
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Mapping, Sequence

from aullm_mm.datasets.corpora.corpus import CodedClip, Corpus, Layout, Reading
from aullm_mm.facs.coding import CodedAU, parse_coded_aus

FILE = 'clips.csv'
#: What each column holds; those of :data:`OPTIONAL` may be empty or left out.
COLUMNS = MappingProxyType({
    'subject': 'name of the person', 'clip': 'name of the clip, unique for the person',
    'onset': 'first frame', 'apex': 'frame of the greatest extent',
    'offset': 'last frame',
    'aus': "AUs as in '4+L10B', or 'none' where no AU moved",
    'emotion': 'emotion', 'fps': 'frames per second',
    'frame_dir': 'folder of the frames, relative to the root',
    'frame_template': "name of a frame, 'img_{:05d}.jpg'; found from the files",
})
OPTIONAL = ('apex', 'emotion', 'frame_template')
NO_AU = 'none'


def find_sources(root: Path) -> list[Path]:
    """Return the CSV file.

    Args:
        root: Folder of the corpus.
    """
    return [root / FILE] if (root / FILE).is_file() else []


def read_clips(root: Path, sources: Sequence[Path], layout: Layout) -> Reading:
    """Return the clips of the CSV file.

    Args:
        root: Folder of the corpus.
        sources: The CSV file.
        layout: Not used: every row names its folder.

    Raises:
        ValueError: If the file is no UTF-8 text or lacks a column.
    """
    clips, dropped = [], []
    for number, row in read_csv(sources[0]):
        fault = find_fault(row)
        if fault:
            key = f'{row["subject"] or "(no subject)"}/{row["clip"] or "(no clip)"}'
            dropped.append((key, f'row {number}: {fault}'))
        else:
            clips.append(CodedClip(
                row['subject'], row['clip'], row['onset'], row['apex'], row['offset'],
                row['aus'], row['emotion'], row['frame_dir'],
                row['frame_template'] or '*', f'row {number}', float(row['fps'])))
    return Reading(clips, dropped)


def read_csv(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Return number and cells of the filled rows.

    Args:
        path: The CSV file.

    Raises:
        ValueError: If it is no UTF-8 text or lacks a column; the message says which.
    """
    try:
        lines = path.read_text(encoding='utf-8-sig').splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f'{path} is no UTF-8 text ({error}): save it as CSV, UTF-8'
                         ) from None
    first = lines[0] if lines else ''
    reader = csv.reader(lines, delimiter=';' if first.count(';') > first.count(',')
                        else ',')
    titles = [title.strip().lower() for title in next(reader, [])]
    missing = [name for name in COLUMNS if name not in (*titles, *OPTIONAL)]
    if missing:
        raise ValueError(f'{path}: missing column(s) {missing}; found {titles}. Wanted '
                         f'in the first row are {list(COLUMNS)}, of which '
                         f'{list(OPTIONAL)} may be left out')
    rows = [(number, dict(zip(titles, map(str.strip, cells))))
            for number, cells in enumerate(reader, start=2) if any(cells)]
    return [(number, {name: row.get(name, '') for name in COLUMNS})
            for number, row in rows]


def find_fault(row: Mapping[str, str]) -> str:
    """Return what is wrong with a row beside its frames, empty where nothing is.

    Args:
        row: Its cells.

    Examples:
        >>> find_fault({'fps': 'fast', 'frame_dir': 'frames/a'})
        "fps is 'fast', not a number above 0"
    """
    try:
        fast = 0 < float(row['fps']) < float('inf')
    except ValueError:
        fast = False
    if not fast:
        return f'fps is {row["fps"]!r}, not a number above 0'
    folder = PurePosixPath(row['frame_dir'])
    if not row['frame_dir'] or folder.is_absolute() or '..' in folder.parts:
        return (f'frame_dir is {row["frame_dir"]!r}, not a folder below that of '
                f'{FILE}, with / between its parts')
    return ''


def parse_aus(text: str) -> tuple[CodedAU, ...]:
    """Read an AU cell; it may say that no AU moved.

    Args:
        text: The cell.

    Raises:
        ValueError: If it cannot be read.

    Examples:
        >>> parse_aus('none'), len(parse_aus('4+L10'))
        ((), 2)
    """
    return () if text.lower() == NO_AU else parse_coded_aus(text)


CORPUS = Corpus(
    name='generic', title='Your own corpus', fps=1.0, owners=(
        f'Write {FILE} with the columns {", ".join(COLUMNS)}, see '
        'docs/prepare_corpora.md'),
    layouts=(Layout('.'),), find_sources=find_sources, looked_for=(FILE,),
    read_clips=read_clips, parse_aus=parse_aus)
