# Copyright (c) AULLM-MM contributors.
"""CAS(ME)^3, part C, as its owners distribute it: no apex and no emotion is coded.

Spreadsheet ``CAS(ME)3_part_C_ME.xlsx`` beside ``part_C/01/1/color/``: subject in two
digits, recording (our reading of the layout, after a public reader; ``color`` may be
missing). AUs are joined by commas, one of them full-width. A clip is named by recording
and onset, as in part A, and the frame rate is the one of part A.
"""
from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from aullm_mm.datasets.corpora.casme3a import FPS
from aullm_mm.datasets.corpora.corpus import CodedClip, Corpus, Layout
from aullm_mm.datasets.corpora.owners import CAS
from aullm_mm.datasets.corpora.sources import find_folder, numbered
from aullm_mm.datasets.corpora.spreadsheet import Row


def to_clip(row: Row, layout: Layout, root: Path) -> CodedClip:
    """Return the clip of a row.

    Args:
        row: The row.
        layout: Frame folder.
        root: Folder of the release.
    """
    subject, recording = numbered(row['subject'], '{:02d}'), row['recording']
    folders = [f'{layout.folder}/{name}/{recording}{end}'
               for end in ('/color', '') for name in (subject, row['subject'])]
    clip = f'{recording}_{row["onset"] or "unknown"}' if recording else ''
    aus = row['aus'].replace('\N{FULLWIDTH COMMA}', ',').replace(',', '+')
    return CodedClip.of_row(row, subject, clip, find_folder(root, *folders),
                            layout.images, aus=aus)


CORPUS = Corpus(
    name='casme3c', title='CAS(ME)^3 part C', fps=FPS, owners=CAS.format('CAS(ME)^3'),
    layouts=(Layout('part_C'), Layout('ME_C')),
    spreadsheets=('CAS(ME)3_part_C_ME.xlsx',),
    columns=MappingProxyType({
        'subject': 'sub', 'recording': 'count', 'onset': 'onset', 'offset': 'offset',
        'aus': 'au'}),
    to_clip=to_clip, has_apex=False)
