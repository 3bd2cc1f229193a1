# Copyright (c) AULLM-MM contributors.
"""4DME, its gray videos, as its owners distribute them (267 clips listed).

Spreadsheet ``4DME_Labelling_Micro_release v1.xlsx`` beside
``gray_micro/<sub_ID>/<fold_name>/``. An AU with ``(k)`` is held through the whole clip:
it stays in the record and counts as absent. Public code swaps the codes of two rows by
their numbers; without clip names that cannot be checked here and is not done. The frame
rate, 60 a second, is our reading of the published description.
"""
from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from aullm_mm.datasets.corpora.corpus import CodedClip, Corpus, Layout
from aullm_mm.datasets.corpora.owners import LICENCE
from aullm_mm.datasets.corpora.sources import find_folder
from aullm_mm.datasets.corpora.spreadsheet import Row


def to_clip(row: Row, layout: Layout, root: Path) -> CodedClip:
    """Return the clip of a row.

    Args:
        row: The row.
        layout: Frame folder.
        root: Folder of the release.
    """
    folder = find_folder(root, f'{layout.folder}/{row["subject"]}/{row["clip"]}')
    return CodedClip.of_row(row, row['subject'], row['clip'], folder, layout.images)


CORPUS = Corpus(
    name='4dme', title='4DME', fps=60.0, owners=LICENCE.format('4DME'),
    layouts=(Layout('gray_micro'),),
    spreadsheets=('4DME_Labelling_Micro_release v1.xlsx',),
    columns=MappingProxyType({
        'subject': 'sub_ID', 'clip': 'fold_name', 'onset': 'Onset', 'apex': 'Apex',
        'offset': 'Offset', 'aus': 'AUs', 'emotion': 'Emotion'}),
    to_clip=to_clip)
