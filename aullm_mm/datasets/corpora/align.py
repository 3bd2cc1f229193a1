# Copyright (c) AULLM-MM contributors.
"""Aligned crops of the clips of a corpus, as a release of the same layout."""
from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Iterable, Iterator, Sequence

import cv2
import numpy as np
from tqdm import tqdm

from aullm_mm.datasets.annotations import ClipRecord
from aullm_mm.utils.atomic import write_text_atomic
from aullm_mm.datasets.corpora.prepare import find_corpus, read_corpus
from aullm_mm.datasets.corpora.sources import find_sources
from aullm_mm.faces import FaceAligner, FaceTracker, smooth_poses
from aullm_mm.faces.align import CROP_BOUNDS, CROP_SIZE, follow_poses
from aullm_mm.faces.pose_smoothing import SPREAD
from aullm_mm.utils.parallel import available_cores, run_in_threads
from aullm_mm.video.pictures import read_picture

#: What was done, in the aligned release; with it an interrupted run goes on.
STATE, REPORT = 'alignment.json', 'alignment.report.txt'
# More than a live video has time for: docs/faces.md has what each gives.
PASSES = 3
_PARTIAL = '.partial'
# Nearly lossless: the movements are of a few gray levels.
_JPEG = (cv2.IMWRITE_JPEG_QUALITY, 97, cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
         cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)


@dataclass
class FolderAlignment:
    """What came of the frames of one folder.

    Args:
        frames: How many were written.
        missing: Why a frame could not be, by its number as text.

    Examples:
        >>> FolderAlignment(12).missing
        {}
    """

    frames: int = 0
    missing: dict[str, str] = field(default_factory=dict)


def align_corpus(name: str, root: str | os.PathLike, out: str | os.PathLike,
                 skip_repairs: Iterable[str] = (), jobs: int | None = None
                 ) -> dict[str, FolderAlignment]:
    """Write the coded frames of a release as aligned crops; the release is not changed.

    Each clip is aligned as a whole, its poses smoothed over time. Frames keep their
    names and folders, and the annotations are copied at last, so that the result is a
    release of the same layout. A frame without a face is left out: for the reader it is
    a missing frame, and treated and reported as one. A folder is written whole or not
    at all; a run that was interrupted goes on where it was.

    Args:
        name: Name of the corpus.
        root: Folder of its release.
        out: Folder to write, outside of the release.
        skip_repairs: Names of repairs to leave out, or ``'all'``. Defaults to none.
        jobs: Number of threads. Defaults to the cores at hand.

    Returns:
        What came of each frame folder.

    Raises:
        FileNotFoundError: If the release, its annotations or its frames are missing.
        ValueError: If the corpus is unknown, ``out`` lies in the release or holds
            something else, or no frame has a face.
    """
    root, out = Path(root), Path(out)
    table = read_corpus(name, root, skip_repairs)
    _check_out(root, out)
    settings = {'corpus': name, 'source': table.source['sha256'], 'spread': SPREAD,
                'passes': PASSES, 'size': list(CROP_SIZE), 'bounds': list(CROP_BOUNDS)}
    done = _read_state(out, settings)
    groups: dict[str, list[ClipRecord]] = {}
    for record in table.records:
        groups.setdefault(record.frame_dir, []).append(record)
    todo = [folder for folder in groups if folder not in done]
    shutil.rmtree(out / _PARTIAL, ignore_errors=True)
    (out / _PARTIAL).mkdir(parents=True)
    work = run_in_threads(
        lambda folder: (folder, _align_folder(groups[folder], root, out)), todo,
        jobs or available_cores())
    for folder, result in tqdm(work, total=len(todo), desc='aligning', unit='clip'):
        done[folder] = result
        write_text_atomic(out / STATE, _state_text(settings, done))
    shutil.rmtree(out / _PARTIAL)
    if not any(result.frames for result in done.values()):
        raise ValueError(f'no frame of {root} has a face: is it the right release?')
    _copy_sources(name, root, out)
    write_text_atomic(out / REPORT, format_alignment(done))
    return done


def format_alignment(done: dict[str, FolderAlignment]) -> str:
    """What came of an alignment, for people.

    Args:
        done: Result by frame folder.

    Examples:
        >>> done = {'a/b': FolderAlignment(3, {'7': 'no face'})}
        >>> print(format_alignment(done), end='')
        Aligned 3 frames of 1 folders; 1 frames of 1 folders left out
          a/b: 1 of 4 left out: 7 (no face)
    """
    lost = {folder: result for folder, result in done.items() if result.missing}
    frames = sum(result.frames for result in done.values())
    left_out = sum(len(result.missing) for result in lost.values())
    lines = [f'Aligned {frames} frames of {len(done)} folders; {left_out} frames of '
             f'{len(lost)} folders left out']
    for folder, result in sorted(lost.items()):
        which = ', '.join(f'{number} ({reason})'
                          for number, reason in result.missing.items())
        total = result.frames + len(result.missing)
        lines.append(f'  {folder}: {len(result.missing)} of {total} left out: {which}')
    return '\n'.join(lines) + '\n'


def _check_out(root: Path, out: Path) -> None:
    inside = out.resolve() == root.resolve() or root.resolve() in out.resolve().parents
    if inside:
        raise ValueError(f'{out} lies in the release {root}, which stays as it is: '
                         'choose a folder outside of it')
    if out.is_dir() and any(out.iterdir()) and not (out / STATE).is_file() \
            and not (out / _PARTIAL).is_dir():
        raise ValueError(f'{out} holds something else than an alignment: choose an '
                         'empty folder, or a new one')


def _read_state(out: Path, settings: dict) -> dict[str, FolderAlignment]:
    path = out / STATE
    if not path.is_file():
        return {}
    state = json.loads(path.read_text(encoding='utf-8'))
    if state.get('settings') != settings:
        raise ValueError(f'{out} was aligned in another way ({state.get("settings")}; '
                         f'now {settings}): choose another folder or delete it')
    return {folder: FolderAlignment(**result)
            for folder, result in state['folders'].items()}


def _state_text(settings: dict, done: dict[str, FolderAlignment]) -> str:
    folders = {folder: asdict(result) for folder, result in sorted(done.items())}
    return json.dumps({'settings': settings, 'folders': folders}, indent=1) + '\n'


def _copy_sources(name: str, root: Path, out: Path) -> None:
    for source in find_sources(find_corpus(name), root):
        if source.is_file():  # where folders are the annotations, the frames made them
            target = out / source.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def _align_folder(records: Sequence[ClipRecord], root: Path, out: Path
                  ) -> FolderAlignment:
    """Align the intervals of a folder into a new folder, then put it into place."""
    frame_dir = records[0].frame_dir
    if Path(frame_dir) == Path('.'):
        raise ValueError(f'the frames of {records[0].key} lie in {root} itself: put '
                         'the frames of a clip into a folder of their own')
    result = FolderAlignment()
    with tempfile.TemporaryDirectory(dir=out / _PARTIAL) as name:
        partial = Path(name) / 'frames'
        partial.mkdir()
        for numbers in _intervals(records):
            _align_interval(records[0], numbers, root, partial, result)
        if result.frames:
            target = out / frame_dir
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(target, ignore_errors=True)  # of a run that was interrupted
            os.replace(partial, target)
    return result


def _intervals(records: Sequence[ClipRecord]) -> list[range]:
    """Coded intervals, those that overlap made one."""
    merged: list[range] = []
    for record in sorted(records, key=lambda record: record.onset):
        if merged and record.onset < merged[-1].stop:
            last = merged.pop()
            merged.append(range(last.start, max(last.stop, record.offset + 1)))
        else:
            merged.append(range(record.onset, record.offset + 1))
    return merged


class _Frames:
    """Frames of an interval, read anew in every iteration; the broken ones noted."""

    def __init__(self, record: ClipRecord, numbers: range, root: Path) -> None:
        self.record, self.numbers, self.root = record, numbers, root
        self.broken: dict[int, str] = {}

    def __iter__(self) -> Iterator[tuple[int, float, np.ndarray]]:
        for number in self.numbers:
            path = self.root / self.record.frame_path(number)
            if not path.is_file():
                continue  # the report of the release lists it
            try:
                yield number, number / self.record.fps, read_picture(path)
            except ValueError as error:
                self.broken[number] = str(error)


def _align_interval(record: ClipRecord, numbers: range, root: Path, partial: Path,
                    result: FolderAlignment) -> None:
    frames, aligner = _Frames(record, numbers, root), FaceAligner()
    raw, seconds, lost = follow_poses(frames, FaceTracker(passes=PASSES))
    for (number, _, image), pose in zip(frames, smooth_poses(raw, seconds)):
        if pose is not None:
            _write(partial / record.frame_template.format(number),
                   aligner(image, pose))
            result.frames += 1
    result.missing.update({
        str(number): reason for number, reason in sorted({**lost,
                                                          **frames.broken}.items())})


def _write(path: Path, image: np.ndarray) -> None:
    if (image[..., :1] == image).all():  # of a gray camera
        image = image[..., 0]
    suffix = path.suffix.lower()
    ok, data = cv2.imencode(suffix, image,
                            _JPEG if suffix in ('.jpg', '.jpeg') else ())
    if not ok:
        raise ValueError(f'{path.name} cannot be written as {suffix}')
    path.write_bytes(data.tobytes())
