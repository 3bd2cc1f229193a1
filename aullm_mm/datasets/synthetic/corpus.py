# Copyright (c) AULLM-MM contributors.
"""Write a semi-synthetic corpus in an official layout."""
from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from aullm_mm.utils.parallel import run_in_threads

from .corpus_table import draw_table
from .domain import parse_quality
from .few_frames import thin_courses
from .nuisances import draw_nuisances, noise_bank
from .parameters import (README, README_START, CorpusParameters, layout_of,
                         people_seed, readme_text, spurious_of)
from .rendering import plan_motion, render_frames
from .row import Row
from .scene import Scene, make_scene
from .spreadsheet import write_workbook
from .spurious import SPLIT_FILE, write_split
from .subjects import Subject, make_subject


def write_clip(
    folder: Path, row: Row, subject: Subject, parameters: CorpusParameters,
    index: int, bank: np.ndarray
) -> None:
    """Render one clip into its folder.

    Args:
        folder: The corpus folder being written.
        row: The clip.
        subject: The person, of ``make_subject``.
        parameters: What the corpus is made with.
        index: Number of the clip in the table; seeds its randomness.
        bank: Noise of ``noise_bank``.

    Raises:
        OSError: If a frame cannot be written.
    """
    layout = layout_of(parameters)
    rng = layout.studio.rng(parameters.seed, 4, index)
    nuisances = draw_nuisances(rng, row.length, parameters.nuisance, layout.studio)
    motion = plan_motion(
        subject, row.movements, nuisances, row.length, row.peak, rng,
        people_seed(parameters))
    nuisances, motion = thin_courses(nuisances, motion, row.moments)
    scene = _draw_scene(row, subject, parameters, index)
    _clip_folder(folder, row, parameters).mkdir(parents=True)
    frames = render_frames(subject, motion, nuisances, bank, rng, scene)
    quality = [cv2.IMWRITE_JPEG_QUALITY,
               _draw_quality(parameters, index) or nuisances.quality]
    for number, frame in enumerate(frames, start=row.onset):
        encoded = cv2.imencode('.jpg', frame, quality)[1]
        (folder / layout.frame_path(row, number)).write_bytes(encoded.tobytes())


# What a knob draws comes from a source of its own: nothing else changes with it.
def _draw_quality(parameters: CorpusParameters, index: int) -> int | None:
    if parameters.quality is None:
        return None
    low, high = parse_quality(parameters.quality)
    rng = layout_of(parameters).studio.rng(parameters.seed, 6, index)
    return int(rng.integers(low, high + 1))


def _draw_scene(
    row: Row, subject: Subject, parameters: CorpusParameters, index: int
) -> Scene | None:
    if not row.beside:
        return None
    return make_scene(
        subject.studio.rng(parameters.seed, 9, index), subject,
        spurious_of(parameters).kind, row.beside, row.length, row.peak
    ).at(row.moments)


def _clip_folder(folder: Path, row: Row, parameters: CorpusParameters) -> Path:
    return (folder / layout_of(parameters).frame_path(row, row.onset)).parent


def write_subject(
    task: tuple[Path, CorpusParameters, tuple[tuple[int, Row], ...]]
) -> int:
    """Render all clips of one subject; the unit of work of a thread.

    Args:
        task: Corpus folder, parameters, and the subject's numbered rows.

    Returns:
        Number of frames written.
    """
    folder, parameters, rows = task
    number, studio = rows[0][1].subject, layout_of(parameters).studio
    subject = make_subject(people_seed(parameters), number, studio)
    bank = noise_bank(studio.rng(parameters.seed, 5, number), studio)
    for index, row in rows:
        write_clip(folder, row, subject, parameters, index, bank)
    return sum(row.frames for _, row in rows)


def make_corpus(
    out: str | os.PathLike, parameters: CorpusParameters, jobs: int = 1,
    progress: bool = False
) -> Path:
    """Make a semi-synthetic corpus in an official layout.

    It is written beside its place and renamed when complete, so that ``out``
    is either absent or whole. The bytes do not depend on ``jobs``.

    Args:
        out: Folder to make; must not exist.
        parameters: What to make.
        jobs: Number of threads.
        progress: Whether to show a progress bar.

    Returns:
        The folder.

    Raises:
        FileExistsError: If ``out`` exists.
        ValueError: If ``jobs`` is below 1.
        ImportError: If a package with a portrait or face model is missing.
    """
    out = Path(out)
    if jobs < 1:
        raise ValueError(f'jobs must be at least 1, got {jobs}')
    if os.path.lexists(out):
        raise FileExistsError(
            f'{out} exists and is left alone; choose another folder, or say '
            '--reuse to accept what is there')
    rows, layout = draw_table(parameters), layout_of(parameters)
    out.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f'.{out.name}-', dir=out.parent))
    try:
        _render(building, rows, parameters, jobs, progress)
        (building / layout.spreadsheet).write_bytes(
            write_workbook(layout.table(rows)))
        if parameters.spurious:
            write_split(building, rows, layout, parameters.spurious)
        (building / README).write_text(readme_text(parameters), 'utf-8')
        building.chmod(0o755)
        os.rename(building, out)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    return out


def _render(
    folder: Path, rows: list[Row], parameters: CorpusParameters, jobs: int,
    progress: bool
) -> None:
    tasks = []
    for number in sorted({row.subject for row in rows}):
        own = tuple(pair for pair in enumerate(rows) if pair[1].subject == number)
        tasks.append((folder, parameters, own))
    # Longest first, so that no thread is left with a long one at the end.
    tasks.sort(key=lambda task: -sum(row.frames for _, row in task[2]))
    total = sum(row.frames for row in rows)
    with tqdm(total=total, unit='frame', desc='semi-synthetic frames',
              disable=not progress) as bar:
        for count in run_in_threads(write_subject, tasks, jobs):
            bar.update(count)


def describe_existing(
    folder: str | os.PathLike, parameters: CorpusParameters
) -> str:
    """Say what an existing corpus folder is, for ``--reuse``.

    Args:
        folder: An existing folder.
        parameters: What would be made.

    Returns:
        ``'same'`` for a whole corpus made with the same parameters,
        ``'other'`` for anything that this generator did not make.

    Raises:
        ValueError: If it is a semi-synthetic corpus of other parameters.
        FileNotFoundError: If it is a semi-synthetic corpus with clips missing.
    """
    folder = Path(folder)
    readme = folder / README
    text = readme.read_text('utf-8', 'replace') if readme.is_file() else ''
    if not text.startswith(README_START):
        return 'other'
    if text != readme_text(parameters):
        raise ValueError(
            f'{folder} holds a semi-synthetic corpus made with other '
            f'parameters (see {readme}); remove it or choose another --out')
    for row in draw_table(parameters):
        clip = _clip_folder(folder, row, parameters)
        count = sum(1 for _ in clip.glob('*.jpg'))
        if count != row.frames:
            raise FileNotFoundError(
                f'{clip} holds {count} frames instead of {row.frames}; remove '
                f'{folder} and make it again')
    tables = [layout_of(parameters).spreadsheet]
    for name in tables + [SPLIT_FILE] * bool(parameters.spurious):
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f'{folder / name} is missing; remove {folder} and make it again')
    return 'same'
