# Copyright (c) AULLM-MM contributors.
"""CASME II as its owners distribute it (200 frames a second, 26 subjects).

Spreadsheet ``CASME2-coding-20140508.xlsx``, or a newer revision of it, beside
``Cropped/sub01/EP02_01f/reg_img46.jpg`` (aligned faces, preferred) or
``CASME2_RAW_selected/sub01/EP02_01f/img46.jpg``. Columns are found by name and clips by
subject and file name: row numbers differ between revisions, so no correction here
depends on one. An offset that public code corrects by row number only (to 91) has no
clip name to key it by. Where it lies beyond the last frame of the clip, the general
rule for missing boundary frames mends it; where it lies before the onset, the clip is
dropped and listed.
"""
from __future__ import annotations

from pathlib import Path

from aullm_mm.datasets.annotations import AnnotationTable, ClipRecord
from aullm_mm.datasets.corpora.frames import (ClipDropped, Interval, fit_interval,
                                              list_frames)
from aullm_mm.datasets.corpora.report import ReportBuilder
from aullm_mm.datasets.corpora.spreadsheet import (Row, file_sha256, frame_number,
                                                   read_rows)
from aullm_mm.facs.coding import CodedAU, parse_coded_aus
from aullm_mm.facs.emotions import canonical_emotion

NAME = 'casme2'
FPS = 200.0
#: Spreadsheet revisions, newest first.
SPREADSHEETS = ('CASME2-coding-updated.xlsx', 'CASME2-coding-20190701.xlsx',
                'CASME2-coding-20140508.xlsx')
#: Frame folders with their file names, the preferred one first.
LAYOUTS = (('Cropped', 'reg_img{}.jpg'), ('CASME2_RAW_selected', 'img{}.jpg'))
COLUMNS = {
    'subject': 'Subject', 'clip': 'Filename', 'onset': 'OnsetFrame',
    'apex': 'ApexFrame', 'offset': 'OffsetFrame', 'aus': 'Action Units',
    'emotion': 'Estimated Emotion',
}
_REMEDY = (
    'Ask for the real corpus at its owners, the Institute of Psychology of the Chinese '
    'Academy of Sciences (CASME II licence agreement), and unpack it there; or make a '
    'semi-synthetic one with: python tools/make_synthetic.py --layout casme2')


def find_spreadsheet(root: Path) -> Path:
    """Return the newest spreadsheet revision of a release.

    Args:
        root: Folder of the release.

    Raises:
        FileNotFoundError: If the folder or every revision is missing; the message says
            what was looked for and where the corpus is to be had.
    """
    found = [root / name for name in SPREADSHEETS if (root / name).is_file()]
    if not found:
        state = 'is missing' if not root.is_dir() else (
            'has no spreadsheet' if any(root.iterdir()) else 'is empty')
        raise FileNotFoundError(f'CASME II folder {root} {state}: looked for '
                                f'{", ".join(SPREADSHEETS)}. {_REMEDY}')
    return found[0]


def find_frames(root: Path) -> tuple[str, str]:
    """Return the frame folder of a release and its file name template.

    Args:
        root: Folder of the release.

    Raises:
        FileNotFoundError: If neither frame folder is there.
    """
    for folder, template in LAYOUTS:
        if (root / folder).is_dir():
            return folder, template
    raise FileNotFoundError(f'CASME II folder {root} has no frames: looked for '
                            f'{" and ".join(f"{f}/" for f, _ in LAYOUTS)}. {_REMEDY}')


def read(root: Path) -> AnnotationTable:
    """Read a release into an annotation table.

    Args:
        root: Folder of the release.

    Returns:
        The table; its report lists every repair and every dropped clip.

    Raises:
        FileNotFoundError: If the spreadsheet or the frames are missing.
        ValueError: If a column is missing, a clip has two rows, no AU cell can be read
            or no clip is usable.
    """
    path = find_spreadsheet(root)
    folder, template = find_frames(root)
    rows = read_rows(path, COLUMNS)
    _check_unique(rows, path)
    report = ReportBuilder()
    _note_release(root, path, folder, rows, report)
    coded = _read_aus(rows, path, report)
    records = []
    for row in rows:
        if row.number in coded:
            frame_dir = f'{folder}/{_key(row)}'
            try:
                interval = _fit(row, root / frame_dir, template)
            except ClipDropped as error:
                report.drop(_key(row), str(error))
                continue
            report.repair(_key(row), interval.repairs)
            report.missing(_key(row), interval.missing)
            records.append(_record(row, interval, frame_dir, template,
                                   coded[row.number]))
    if not records:
        first = (report.dropped or [{'clip': '-', 'reason': 'no row'}])[0]
        raise ValueError(f'{path}: none of {len(rows)} rows gives a usable clip, the '
                         f'first, {first["clip"]}, because of: {first["reason"]}')
    source = {'file': path.name, 'sha256': file_sha256(path), 'rows': len(rows)}
    records.sort(key=lambda record: record.key)
    return AnnotationTable(NAME, tuple(records), source, report.build(records))


def _subject(row: Row) -> str:
    text = row['subject'].lower().removeprefix('sub')
    return f'sub{int(text):02d}' if text.isdecimal() else ''


def _key(row: Row) -> str:
    return f'{_subject(row) or "(no subject)"}/{row["clip"] or "(no clip)"}'


def _check_unique(rows: list[Row], path: Path) -> None:
    numbers: dict[str, list[int]] = {}
    for row in rows:
        if _subject(row) and row['clip']:
            numbers.setdefault(_key(row), []).append(row.number)
    twice = [f'{key} (rows {", ".join(map(str, found))})'
             for key, found in sorted(numbers.items()) if len(found) > 1]
    if twice:
        raise ValueError(f'{path}: {len(twice)} clip(s) with more than one row: '
                         f'{"; ".join(twice)}. Keep one row a clip')


def _read_aus(rows: list[Row], path: Path, report: ReportBuilder
              ) -> dict[int, tuple[CodedAU, ...]]:
    coded, unreadable = {}, 0
    for row in rows:
        if not _subject(row) or not row['clip']:
            report.drop(_key(row), f'row {row.number} lacks its subject number or '
                                   'file name (merged cells?)')
            continue
        try:
            coded[row.number] = parse_coded_aus(row['aus'])
        except ValueError as error:
            unreadable += 1
            report.drop(_key(row), str(error))
    if unreadable and not coded:
        raise ValueError(f'{path}: none of {unreadable} cells of column '
                         f'{COLUMNS["aus"]!r} can be read; the first: '
                         f'{report.dropped[0]["reason"]}')
    return coded


def _fit(row: Row, folder: Path, template: str) -> Interval:
    onset, apex, offset = (frame_number(row[k]) for k in ('onset', 'apex', 'offset'))
    return fit_interval(onset, apex, offset, list_frames(folder, template), row['apex'])


def _record(row: Row, interval: Interval, frame_dir: str, template: str,
            aus: tuple[CodedAU, ...]) -> ClipRecord:
    return ClipRecord(
        NAME, _subject(row), row['clip'], interval.onset, interval.apex,
        interval.offset, FPS, frame_dir, template, aus,
        canonical_emotion(row['emotion']) or None)


def _note_release(root: Path, path: Path, folder: str, rows: list[Row],
                  report: ReportBuilder) -> None:
    others = [name for name in SPREADSHEETS
              if name != path.name and (root / name).is_file()]
    if others:
        report.note(f'{path.name} is the newest revision here; not read: '
                    f'{", ".join(others)}')
    if folder != LAYOUTS[0][0]:
        report.note(f'{LAYOUTS[0][0]}/ is missing, so the uncropped frames of '
                    f'{folder}/ are used')
    listed = {_key(row) for row in rows}
    folders = {f'{clip.parent.name}/{clip.name}'
               for clip in (root / folder).glob('sub*/*') if clip.is_dir()}
    if folders - listed:
        report.note('frame folders without a row in the spreadsheet: '
                    f'{", ".join(sorted(folders - listed))}')
