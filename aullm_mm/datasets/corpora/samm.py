# Copyright (c) AULLM-MM contributors.
"""SAMM as its owners distribute it (200 frames a second, 159 clips listed).

Spreadsheet ``SAMM_Micro_FACS_Codes_v2.xlsx``, its titles below 13 rows of preamble,
beside ``SAMM/006/006_1_2/006_05562.jpg``; numbers are padded to four or five digits.
Public code gives the AUs of five cells with ``or``, one offset and three apex frames by
row number, without clip names: general rules stand in for these corrections.
"""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from aullm_mm.datasets.corpora.corpus import CodedClip, Corpus, Layout
from aullm_mm.datasets.corpora.frames import ClipDropped, find_template
from aullm_mm.datasets.corpora.owners import LICENCE
from aullm_mm.datasets.corpora.repairs import Repair, apex_outside
from aullm_mm.datasets.corpora.sources import numbered
from aullm_mm.datasets.corpora.spreadsheet import Row
from aullm_mm.facs.coding import first_alternatives


def to_clip(row: Row, layout: Layout, root: Path) -> CodedClip:
    """Return the clip of a row.

    Args:
        row: The row.
        layout: Frame folder.
        root: Folder of the release; not used.
    """
    subject = numbered(row['subject'], '{:03d}')
    return CodedClip.of_row(
        row, subject, row['clip'], f'{layout.folder}/{subject}/{row["clip"]}',
        f'{subject}_*.jpg')


def take_first(clip: CodedClip, root: Path) -> CodedClip | None:
    """Change of a repair: the first of the AUs between which a cell leaves the choice.

    Args:
        clip: The clip.
        root: Folder of the release; not used.

    Returns:
        The changed clip, or None where the cell leaves no choice.
    """
    aus = first_alternatives(clip.aus)
    return None if aus == clip.aus else replace(clip, aus=aus)


def other_names(clip: CodedClip, root: Path) -> CodedClip | None:
    """Change of a repair: take the images under the names that they have.

    Args:
        clip: The clip.
        root: Folder of the release.

    Returns:
        The changed clip, or None where the images have their usual names or are absent.
    """
    folder = root / clip.frame_dir
    try:
        return find_template(folder, clip.images) and None
    except ClipDropped:
        try:
            return replace(clip, images=find_template(folder, '*'))
        except ClipDropped:
            return None


REPAIRS = (
    Repair('or-first', 'first alternative of an "or" cell taken',
           'our reading: public readers decide such cells by hand and by row',
           take_first),
    Repair('apex-outside', 'apex set to the middle of the interval',
           'apex outside the interval, as public readers of SAMM note', apex_outside,
           ('028/028_4_1', '032/032_3_1'), 'the apex is inside the interval'),
    Repair('frame-names', 'images taken under the names they have',
           'images named differently, as public readers of SAMM (ReturnYG/MER2) note',
           other_names,
           ('013/013_1_12', '013/013_1_8', '017/017_3_2', '026/026_1_1', '026/026_1_2',
            '035/035_7_2'), 'the images have their usual names, or there are none'),
)
CORPUS = Corpus(
    name='samm', title='SAMM', fps=200.0, owners=LICENCE.format('SAMM'),
    layouts=(Layout('SAMM'),), spreadsheets=('SAMM_Micro_FACS_Codes_v2.xlsx',),
    columns=MappingProxyType({
        'subject': 'Subject', 'clip': 'Filename', 'onset': 'Onset Frame',
        'apex': 'Apex Frame', 'offset': 'Offset Frame', 'aus': 'Action Units',
        'emotion': 'Estimated Emotion'}),
    to_clip=to_clip, repairs=REPAIRS)
