# Copyright (c) AULLM-MM contributors.
"""DISFA: macro-expressions, twelve AUs with their intensities in each frame.

``ActionUnit_Labels/SN001/SN001_au1.txt`` holds lines ``frame,intensity`` (frames from
1, intensities 0 to 5). DISFA has videos, no clips; they are made here (our reading):

1. an AU is active in a frame from intensity 2 on, the usual threshold;
2. a clip is a longest run of frames in each of which some AU is active, with up to
   :data:`MARGIN` frames without any on either side;
3. an AU is coded for the clip with its greatest intensity there (1 to 5 become A to E)
   where it is active in some frame, else it is absent;
4. the apex is the frame with the greatest sum of intensities, the first of equals.

Frames are expected in ``frames/SN001/``, numbered like the labels, extracted from one
of the two videos of a subject. The frame rate, 20 a second, is our reading of the
published description. No emotion is coded.
"""
from __future__ import annotations

from pathlib import Path
from typing import Mapping, Sequence

import numpy as np

from aullm_mm.datasets.corpora.corpus import CodedClip, Corpus, Layout, Reading
from aullm_mm.datasets.corpora.owners import LICENCE

AUS = (1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26)
ACTIVE, MARGIN = 2, 5
LABELS = 'ActionUnit_Labels'
_LETTERS = 'ABCDE'


def find_sources(root: Path) -> list[Path]:
    """Return the label files, sorted.

    Args:
        root: Folder of the release.
    """
    return sorted((root / LABELS).glob('SN*/SN*_au*.txt'))


def read_clips(root: Path, sources: Sequence[Path], layout: Layout) -> Reading:
    """Return the clips made of all subjects' labels.

    Args:
        root: Folder of the release.
        sources: The label files.
        layout: Frame folder.

    Raises:
        ValueError: If a label file is damaged; the message names file and line.
    """
    by_subject: dict[str, dict[str, Path]] = {}
    for path in sources:
        by_subject.setdefault(path.parent.name, {})[path.name] = path
    clips, dropped = [], []
    for subject, files in by_subject.items():
        names = {au: f'{subject}_au{au}.txt' for au in AUS}
        missing = [name for name in names.values() if name not in files]
        if missing:
            dropped.append((subject, f'label files missing: {", ".join(missing)}'))
            continue
        levels = read_levels({au: files[name] for au, name in names.items()})
        clips += [_clip(subject, levels, *bounds, layout)
                  for bounds in find_segments(levels.max(axis=1) >= ACTIVE, MARGIN)]
    return Reading(clips, dropped, (
        f'clips are runs of frames in which an AU has intensity {ACTIVE} or more, with '
        f'up to {MARGIN} frames without on either side',))


def read_levels(files: Mapping[int, Path]) -> np.ndarray:
    """Return the intensities of one subject.

    Args:
        files: AU number -> label file.

    Shapes:
        - output: (frames, AUs); row 0 is frame 1

    Raises:
        ValueError: If a line is no ``frame,intensity``, frames are not counted from 1,
            or the files differ in length; the message names the file.
    """
    columns = {path: _read_file(path) for path in files.values()}
    lengths = {path: len(levels) for path, levels in columns.items()}
    if len(set(lengths.values())) > 1:
        short = min(lengths, key=lengths.get)
        raise ValueError(f'{short}: {lengths[short]} frames, other label files of the '
                         f'subject up to {max(lengths.values())}: copy it again from '
                         'the official release')
    return np.array(list(columns.values())).T


def find_segments(active: np.ndarray, margin: int) -> list[tuple[int, int]]:
    """Return the longest runs of active frames with a margin of inactive ones.

    The frames between two runs are shared out: a margin ends halfway to the next run.

    Args:
        active: Whether any AU is active, frame by frame.
        margin: Frames without an active AU to keep on either side, where there are any.

    Returns:
        First and last index of each segment, inclusive.

    Shapes:
        - active: (frames,)

    Examples:
        >>> find_segments(np.array([0, 0, 0, 1, 1, 0, 0, 1, 0], bool), 2)
        [(1, 5), (6, 8)]
    """
    edges = np.diff(np.concatenate([[0], active.astype(int), [0]]))
    firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    halves = (lasts[:-1] + firsts[1:]) // 2
    low = np.maximum(firsts - margin, np.concatenate([[0], halves + 1])[:len(firsts)])
    high = np.minimum(lasts + margin,
                      np.concatenate([halves, [len(active) - 1]])[-len(lasts):])
    return list(zip(low.tolist(), high.tolist()))


def _read_file(path: Path) -> list[int]:
    levels = []
    for number, line in enumerate(path.read_text(encoding='utf-8').split(), start=1):
        frame, _, level = line.partition(',')
        if not (frame == str(number) and level in tuple('012345')):
            raise ValueError(f'{path}, line {number}: expected "{number},<intensity 0 '
                             f'to 5>", found {line!r}: copy it again from the '
                             'official release')
        levels.append(int(level))
    return levels


def _clip(subject: str, levels: np.ndarray, first: int, last: int, layout: Layout
          ) -> CodedClip:
    part = levels[first:last + 1]
    apex = first + int(part.sum(axis=1).argmax())
    aus = '+'.join(f'{au}{_LETTERS[level - 1]}'
                   for au, level in zip(AUS, part.max(axis=0)) if level >= ACTIVE)
    return CodedClip(
        subject, f'{first + 1:05d}_{last + 1:05d}', str(first + 1), str(apex + 1),
        str(last + 1), aus, '', f'{layout.folder}/{subject}', layout.images,
        f'frame {first + 1}')


CORPUS = Corpus(
    name='disfa', title='DISFA', fps=20.0, owners=LICENCE.format('DISFA'),
    layouts=(Layout('frames'),), find_sources=find_sources,
    looked_for=(f'{LABELS}/SN001/SN001_au1.txt',), read_clips=read_clips,
    coded_aus=AUS)
