# Copyright (c) AULLM-MM contributors.
"""SMIC, its high-speed part (HS, 100 frames a second); emotions only.

No spreadsheet: ``SMIC/HS/s01/micro/negative/<clip>/`` holds the frames of one clip from
onset to offset, and its folder says the emotion. No AU and no apex is coded, so every
AU is unknown. ``HS/`` directly below the root and the aligned faces of
``SMIC_all_cropped/HS/`` are found too. The frame rate is our reading of the published
description.
"""
from __future__ import annotations

from pathlib import Path
from typing import Sequence

from aullm_mm.datasets.corpora.corpus import CodedClip, Corpus, Layout, Reading
from aullm_mm.datasets.corpora.frames import ClipDropped, find_template, list_frames
from aullm_mm.datasets.corpora.owners import LICENCE

EMOTIONS = ('negative', 'positive', 'surprise')
LAYOUTS = (Layout('SMIC_all_cropped/HS'), Layout('SMIC/HS'), Layout('HS'))


def find_sources(root: Path) -> list[Path]:
    """Return the folders of all clips, sorted.

    Args:
        root: Folder of the release.
    """
    layout = next((lay for lay in LAYOUTS if (root / lay.folder).is_dir()), LAYOUTS[-1])
    return sorted(path for path in (root / layout.folder).glob('*/micro/*/*')
                  if path.is_dir())


def read_clips(root: Path, sources: Sequence[Path], layout: Layout) -> Reading:
    """Return the clips of a release.

    Args:
        root: Folder of the release.
        sources: The folders of the clips.
        layout: Frame folder.
    """
    clips, dropped = [], []
    for folder in sources:
        emotion, subject = folder.parent.name.lower(), folder.parents[2].name
        try:
            if emotion not in EMOTIONS:
                raise ClipDropped(f'folder {folder.parent.name}/ is none of '
                                  f'{", ".join(EMOTIONS)}')
            clips.append(_clip(root, folder, subject, emotion, layout))
        except ClipDropped as error:
            dropped.append((f'{subject}/{folder.name}', str(error)))
    return Reading(clips, dropped)


def _clip(root: Path, folder: Path, subject: str, emotion: str, layout: Layout
          ) -> CodedClip:
    template = find_template(folder, layout.images)
    frames = list_frames(folder, template) or [0]
    frame_dir = folder.relative_to(root).as_posix()
    return CodedClip(subject, folder.name, str(frames[0]), '', str(frames[-1]), '',
                     emotion, frame_dir, template, frame_dir)


CORPUS = Corpus(
    name='smic', title='SMIC', fps=100.0, owners=LICENCE.format('SMIC'),
    layouts=LAYOUTS, find_sources=find_sources,
    looked_for=('SMIC/HS/s01/micro/negative/<clip>/',), read_clips=read_clips,
    coded_aus=(), has_apex=False)
