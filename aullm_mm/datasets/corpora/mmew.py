# Copyright (c) AULLM-MM contributors.
"""MMEW as its owners distribute it (90 frames a second, 300 clips listed).

Spreadsheet ``MMEW_Micro_Exp.xlsx`` beside ``Micro_Expression/<emotion>/<clip>/1.jpg``.
The folder of a clip is looked for under its coded emotion first and then under every
other one, for one public reader keeps clips coded ``others`` under another name. Public
code corrects apex and offset of 16 clips by row number; here the rules for missing
frames see to them.
"""
from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from aullm_mm.datasets.corpora.corpus import CodedClip, Corpus, Layout
from aullm_mm.datasets.corpora.owners import LICENCE
from aullm_mm.datasets.corpora.sources import find_folder, numbered
from aullm_mm.datasets.corpora.spreadsheet import Row


def to_clip(row: Row, layout: Layout, root: Path) -> CodedClip:
    """Return the clip of a row.

    Args:
        row: The row.
        layout: Frame folder.
        root: Folder of the release.
    """
    emotions = sorted(path.name for path in (root / layout.folder).iterdir())
    candidates = [f'{layout.folder}/{emotion}/{row["clip"]}'
                  for emotion in (row['emotion'], *emotions)]
    subject = numbered(row['subject'], 'S{:02d}')
    return CodedClip.of_row(row, subject, row['clip'], find_folder(root, *candidates),
                            layout.images)


CORPUS = Corpus(
    name='mmew', title='MMEW', fps=90.0, owners=LICENCE.format('MMEW'),
    layouts=(Layout('Micro_Expression'),), spreadsheets=('MMEW_Micro_Exp.xlsx',),
    columns=MappingProxyType({
        'subject': 'Subject', 'clip': 'Filename', 'onset': 'OnsetFrame',
        'apex': 'ApexFrame', 'offset': 'OffsetFrame', 'aus': 'Action Units',
        'emotion': 'Estimated Emotion'}),
    to_clip=to_clip)
