# Copyright (c) AULLM-MM contributors.
"""CASME as its owners distribute it (60 frames a second, 189 clips listed).

Spreadsheet ``casme.xlsx`` beside ``CASME_raw_selected/sub01/EP..`` or, where aligned
faces were put there, ``Cropped/sub01/EP..``. It has two apex columns: the first valid
one counts (our reading; the second stands for a second peak or coder). How frames are
called is found from the files. Public code corrects five clips by row number; here the
rules for missing frames see to them, and what they cannot mend is dropped and listed.
"""
from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from aullm_mm.datasets.corpora.corpus import CodedClip, Corpus, Layout
from aullm_mm.datasets.corpora.owners import CAS
from aullm_mm.datasets.corpora.sources import numbered
from aullm_mm.datasets.corpora.spreadsheet import Row, frame_number


def to_clip(row: Row, layout: Layout, root: Path) -> CodedClip:
    """Return the clip of a row.

    Args:
        row: The row.
        layout: Frame folder.
        root: Folder of the release; not used.
    """
    subject = numbered(row['subject'], 'sub{:02d}')
    valid = [name for name in ('apex', 'apex2') if frame_number(row[name]) is not None]
    return CodedClip.of_row(
        row, subject, row['clip'], f'{layout.folder}/{subject}/{row["clip"]}',
        layout.images, apex=row[(valid or ['apex'])[0]])


CORPUS = Corpus(
    name='casme', title='CASME', fps=60.0, owners=CAS.format('CASME'),
    layouts=(Layout('Cropped'), Layout('CASME_raw_selected')),
    spreadsheets=('casme.xlsx',),
    columns=MappingProxyType({
        'subject': 'Subject', 'clip': 'Filename', 'onset': 'OnsetF', 'apex': 'ApexF1',
        'apex2': 'ApexF2', 'offset': 'OffsetF', 'aus': 'AU', 'emotion': 'Emotion'}),
    to_clip=to_clip)
