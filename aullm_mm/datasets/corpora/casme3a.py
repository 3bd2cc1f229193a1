# Copyright (c) AULLM-MM contributors.
"""CAS(ME)^3, part A, as its owners distribute it (860 micro-expressions listed).

Spreadsheet ``cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx``, sheet ``label``, beside
``part_A/spNO.1/a/color/166.jpg`` or the release of single clips,
``Part_A_ME_clip/frame/spNO.1_a_166/``. One recording holds several micro-expressions:
a clip is named by recording and onset, ``a_166``. Recordings are spelled in both cases
and become lower case. Public code corrects onset, apex and offset of some rows by
number; here the rules for missing frames see to them. The frame rate, 30 a second, is
our reading of the published description; frames of the single clips are taken to keep
the numbers of the recording (our reading too).
"""
from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from aullm_mm.datasets.corpora.corpus import CodedClip, Corpus, Layout
from aullm_mm.datasets.corpora.owners import CAS
from aullm_mm.datasets.corpora.repairs import Repair, leave_out
from aullm_mm.datasets.corpora.sources import find_folder
from aullm_mm.datasets.corpora.spreadsheet import Row

FPS = 30.0


def to_clip(row: Row, layout: Layout, root: Path) -> CodedClip:
    """Return the clip of a row.

    Args:
        row: The row.
        layout: Frame folder.
        root: Folder of the release.
    """
    subject, recording = row['subject'], row['recording'].lower()
    clip = f'{recording}_{row["onset"] or "unknown"}' if recording else ''
    folder = f'{subject}/{recording}/color' if layout.folder == 'part_A' \
        else f'{subject}_{clip}'
    return CodedClip.of_row(row, subject, clip,
                            find_folder(root, f'{layout.folder}/{folder}'),
                            layout.images)


CORPUS = Corpus(
    name='casme3a', title='CAS(ME)^3 part A', fps=FPS, owners=CAS.format('CAS(ME)^3'),
    layouts=(Layout('part_A', '{}.jpg'), Layout('Part_A_ME_clip/frame')),
    spreadsheets=('cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx',), sheets=('label',),
    columns=MappingProxyType({
        'subject': 'Subject', 'recording': 'Filename', 'onset': 'Onset', 'apex': 'Apex',
        'offset': 'Offset', 'aus': 'AU', 'emotion': 'emotion'}),
    to_clip=to_clip,
    repairs=(Repair(
        'hand-occlusion', 'clip left out', 'public readers of CAS(ME)^3 list it as bad',
        leave_out('a hand hides the face'), ('spNO.215/l_*', 'spNO.184/k_*')),))
