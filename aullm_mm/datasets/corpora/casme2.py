# Copyright (c) AULLM-MM contributors.
"""CASME II as its owners distribute it (200 frames a second, 26 subjects).

Spreadsheet ``CASME2-coding-20140508.xlsx``, or a newer revision of it, beside
``Cropped/sub01/EP02_01f/reg_img46.jpg`` (aligned faces, preferred) or
``CASME2_RAW_selected/sub01/EP02_01f/img46.jpg``. An offset that public code corrects by
row number only (to 91) has no clip name to key it by: where it lies beyond the last
frame of the clip, the rule for missing boundary frames mends it; where it lies before
the onset, the clip is dropped and listed. Clip sub16/EP01_08, which lacks frames in
``Cropped``, is left to the rules for missing frames too: whole frames in place of
aligned faces would change its picture.
"""
from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from aullm_mm.datasets.corpora.corpus import CodedClip, Corpus, Layout
from aullm_mm.datasets.corpora.owners import CAS
from aullm_mm.datasets.corpora.sources import numbered
from aullm_mm.datasets.corpora.spreadsheet import Row


def to_clip(row: Row, layout: Layout, root: Path) -> CodedClip:
    """Return the clip of a row.

    Args:
        row: The row.
        layout: Frame folder.
        root: Folder of the release; not used.
    """
    subject = numbered(row['subject'], 'sub{:02d}')
    return CodedClip.of_row(row, subject, row['clip'],
                            f'{layout.folder}/{subject}/{row["clip"]}', layout.images)


CORPUS = Corpus(
    name='casme2', title='CASME II', fps=200.0, owners=CAS.format('CASME II'),
    layouts=(Layout('Cropped', 'reg_img{}.jpg'),
             Layout('CASME2_RAW_selected', 'img{}.jpg')),
    spreadsheets=('CASME2-coding-updated.xlsx', 'CASME2-coding-20190701.xlsx',
                  'CASME2-coding-20140508.xlsx'),
    columns=MappingProxyType({
        'subject': 'Subject', 'clip': 'Filename', 'onset': 'OnsetFrame',
        'apex': 'ApexFrame', 'offset': 'OffsetFrame', 'aus': 'Action Units',
        'emotion': 'Estimated Emotion'}),
    to_clip=to_clip)
