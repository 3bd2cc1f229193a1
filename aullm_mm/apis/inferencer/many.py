# Copyright (c) AULLM-MM contributors.
"""Several inputs one after the other, into a folder."""
from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Collection, Iterator, Mapping, Sequence

from .inferencer import AUInferencer, Inference, InferenceOptions
from .watching import Progress
from .writing import check_formats, write_result

#: Folder inside of the output for what a run that was cut off goes on from.
KEPT = '.watched'


@dataclass(frozen=True)
class Outcome:
    """What became of one input.

    Attributes:
        source: The input, as it was named.
        inference: The result, or None where there is none.
        paths: Files that were written.
        error: What was wrong, or None.
    """

    source: Any
    inference: Inference | None = None
    paths: Sequence[Path] = field(default_factory=list)
    error: Exception | None = None


def infer_many(
    inferencer: AUInferencer, sources: Sequence[Any], out: str | Path,
    formats: Collection[str] = ('json',), options: InferenceOptions | None = None,
    progress: Callable[[Any], Progress] | None = None
) -> Iterator[Outcome]:
    """Results of several inputs, written as they come.

    An input that cannot be used does not stop the others.

    Args:
        inferencer: What is asked.
        sources: Inputs, see :class:`AUInferencer`.
        out: Folder of the files; made where it is missing.
        formats: See :data:`~.writing.FORMATS`. Defaults to JSON.
        options: How inputs are read.
        progress: Makes the progress function of an input.

    Yields:
        What became of each input.

    Raises:
        ValueError: If a format is not known.
        OSError: If the folder cannot be written to.
    """
    check_formats(formats)
    folder = writable_folder(out)
    for source, name in zip(sources, file_names(sources)):
        try:
            inference = inferencer.analyze(
                source, options, folder / KEPT / name,
                None if progress is None else progress(source))
            paths = write_result(inference, folder, name, formats)
        except (ValueError, FileNotFoundError) as error:
            yield Outcome(source, error=error)
        else:
            yield Outcome(source, inference, paths)
    kept = folder / KEPT
    if kept.is_dir() and not any(kept.iterdir()):
        kept.rmdir()


def writable_folder(out: str | Path) -> Path:
    """Make a folder and see that it can be written to, before anything is computed.

    Args:
        out: The folder.

    Raises:
        OSError: If it cannot be made or written to, naming it.
    """
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(
            f'{folder} cannot be written to ({error.strerror}): name another output '
            f'folder') from error
    return folder


def file_names(sources: Sequence[Any]) -> list[str]:
    """A file name for each input, without ending; equal ones get a number.

    Args:
        sources: Inputs.

    Examples:
        >>> file_names(['a/clip.mp4', 'b/clip.avi', ('on.png', 'apex.png')])
        ['clip', 'clip_2', 'on_apex']
    """
    names: list[str] = []
    for source in sources:
        name = re.sub(r'[^\w.-]+', '_', _stem(source)).strip('._') or 'input'
        names.append(name)
        number = 2
        while names[-1] in names[:-1]:
            names[-1] = f'{name}_{number}'
            number += 1
    return names


def _stem(source: Any) -> str:
    if isinstance(source, (list, tuple)):
        return '_'.join(_stem(part) for part in source[:2])
    return Path(source).stem if isinstance(source, (str, Path)) else 'array'


def summary_lines(outcome: Outcome) -> list[str]:
    """What to tell a person of an outcome.

    Args:
        outcome: What became of an input.
    """
    if outcome.inference is None:
        return [f'error: {outcome.error}']
    result = outcome.inference.result
    source, movements = result['source'], result['movements']
    lines = [
        f'{source["name"]}: {source["seconds"]:.1f} s, {source["frames"]} frames at '
        f'{source["fps"]:g} a second, {len(movements)} movements, '
        f'{len(result["blinks"])} blinks']
    lines += [_movement_line(movement) for movement in movements]
    lines += [f'  note: {warning}' for warning in result['warnings']]
    return lines + [f'  written: {path}' for path in outcome.paths]


def _movement_line(movement: Mapping[str, Any]) -> str:
    units = [
        f'AU{unit["au"]} {unit["name"]} {unit["score"]:.2f}'
        for unit in sorted(movement['aus'], key=lambda unit: -unit['score'])
        if unit['present']]
    return (f'  {movement["onset"]["seconds"]:7.2f} to '
            f'{movement["offset"]["seconds"]:.2f} s  {movement["kind"]:<6} '
            f'{", ".join(units) or "no action unit decided"}')
