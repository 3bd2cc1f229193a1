# Copyright (c) AULLM-MM contributors.
"""CAS(ME)^2 as its owners distribute it (30 frames a second, 22 subjects).

Workbook ``CAS(ME)^2code_final.xlsx``: a sheet of nine columns without titles, and two
sheets that give the folder of a subject's index and the code of a stimulus. Frames lie
in ``rawpic/s15/15_0401.../``, one folder a recording, as public readers have it; where
only ``cropped/`` or ``selectedpic/`` is there, the folder of the recording or of the
clip is looked for in the same way (our reading). An offset of 0 is unknown: the clip is
dropped. A valence is coded, which is what the record keeps as its emotion. Macro-
expressions are left out by a rule that can be switched off like a repair.
"""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Sequence

from aullm_mm.datasets.corpora.corpus import CodedClip, Corpus, Layout, Reading
from aullm_mm.datasets.corpora.frames import ClipDropped
from aullm_mm.datasets.corpora.owners import CAS
from aullm_mm.datasets.corpora.repairs import Repair
from aullm_mm.datasets.corpora.sources import find_folder
from aullm_mm.datasets.corpora.spreadsheet import Row, read_rows

#: Names of the sheet in public readers; '' is the first one, whatever its name.
SHEETS = ('CASFEcode_final', 'CASMEcode_final', '')
COLUMNS = MappingProxyType({
    'subject': 0, 'clip': 1, 'onset': 2, 'apex': 3, 'offset': 4, 'aus': 5, 'emotion': 6,
    'type': 7, 'self-report': 8})
MICRO = 'micro-expression'


def read_clips(root: Path, sources: Sequence[Path], layout: Layout) -> Reading:
    """Return the clips of a release.

    Args:
        root: Folder of the release.
        sources: The workbook.
        layout: Frame folder.

    Raises:
        ValueError: If the workbook is damaged or lacks columns or a naming sheet.
    """
    path = sources[0]
    folders = {row['index']: row['folder'] for row in read_rows(
        path, {'number': 0, 'folder': 1, 'index': 2}, ('naming rule1',), headed=False)}
    codes = {row['stimulus']: row['code'].zfill(4) for row in read_rows(
        path, {'code': 0, 'stimulus': 1}, ('naming rule2',), headed=False)}
    clips, dropped = [], []
    for row in read_rows(path, COLUMNS, SHEETS, headed=False):
        folder, code = folders.get(row['subject']), codes.get(_stimulus(row))
        if row['subject'] and row['clip'] and not (folder and code):
            sheet = 'naming rule2' if folder else 'naming rule1'
            dropped.append((f'{row["subject"]}/{row["clip"]}', f'{row.place} is not in '
                            f'the sheet {sheet!r}, which names its frame folder'))
        else:
            frames = _frames(root, layout, folder or '', code or '', row['clip'])
            clips.append(replace(CodedClip.of_row(
                row, folder or '', row['clip'], frames, layout.images),
                kind=row['type'].lower()))
    return Reading(clips, dropped)


def _stimulus(row: Row) -> str:
    return row['clip'].split('_')[0]


def _frames(root: Path, layout: Layout, subject: str, code: str, clip: str) -> str:
    """Folder of the recording, which begins with its number, or of the clip alone."""
    ground = f'{layout.folder}/{subject}'
    begin = f'{subject.removeprefix("s")}_{code}'
    recordings = sorted(path.name for path in (root / ground).glob(f'{begin}*'))
    return find_folder(root, *(f'{ground}/{name}' for name in (
        *recordings, clip, begin)))


def only_micro(clip: CodedClip, root: Path) -> CodedClip | None:
    """Change of a repair: leave out what is no micro-expression.

    Args:
        clip: The clip.
        root: Folder of the release; not used.
    """
    if clip.kind != MICRO:
        raise ClipDropped(f'{clip.kind or "no kind of expression"}')
    return None


CORPUS = Corpus(
    name='casme_sq', title='CAS(ME)^2', fps=30.0, owners=CAS.format('CAS(ME)^2'),
    layouts=(Layout('rawpic'), Layout('cropped'), Layout('selectedpic')),
    spreadsheets=('CAS(ME)^2code_final(Updated).xlsx',
                  'CAS(ME)^2code_final (Updated).xlsx', 'CAS(ME)^2code_final.xlsx'),
    columns=COLUMNS, read_clips=read_clips, repairs=(Repair(
        'micro-only', 'macro-expressions left out',
        'only micro-expressions are read by default', only_micro),))
