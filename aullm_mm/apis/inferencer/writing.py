# Copyright (c) AULLM-MM contributors.
"""Files of a result: JSON, CSV, a page to look at, an annotated video."""
from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, Callable, Collection, Mapping

import cv2
import numpy as np

from aullm_mm.utils.atomic import write_text_atomic
from aullm_mm.explain.heat import region_heat
from aullm_mm.faces.canonical import CANONICAL_BOUNDS
from aullm_mm.utils.jsonable import nan_to_none
from aullm_mm.video import Frame, VideoWriter
from aullm_mm.visualization.page import write_page

from .annotating import Annotator
from .inferencer import Inference
from .movements import CLIP_BOUNDS, CLIP_SCALE
from .results import csv_rows

FORMATS = ('json', 'csv', 'html', 'video')
CSV_COLUMNS = (
    'source', 'movement', 'face', 'kind', 'onset_frame', 'onset_s', 'apex_frame',
    'apex_s', 'offset_frame', 'offset_s', 'au', 'name', 'side', 'score', 'threshold')
STRIP_FRAMES, STRIP_WIDTH = 80, 200
JPEG_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 80]
HEAT_COLOUR, HEAT_STRENGTH = (0, 94, 213), 0.75  # BGR; opacity at its strongest


def write_result(
    inference: Inference, folder: Path, name: str, formats: Collection[str]
) -> list[Path]:
    """Write a result in some formats, each file whole or not at all.

    Args:
        inference: The result.
        folder: Where to; made where it is missing.
        name: Name of the files, without ending.
        formats: Of ``FORMATS``.

    Returns:
        The files.

    Raises:
        ValueError: If a format is not known.
        OSError: If the folder cannot be written to.
    """
    check_formats(formats)
    paths = []
    if 'json' in formats:
        paths.append(write_text_atomic(
            folder / f'{name}.json', to_json(inference.result)))
    if 'csv' in formats:
        paths.append(write_text_atomic(
            folder / f'{name}.csv', to_csv(inference.result)))
    if 'html' in formats:
        paths.append(write_page(
            inference.result, page_media(inference), folder / f'{name}.html'))
    if 'video' in formats:
        paths.append(write_annotated(inference, folder / f'{name}_annotated.mp4'))
    return paths


def check_formats(formats: Collection[str]) -> None:
    """Raise if a format is not known.

    Args:
        formats: Names of formats.

    Raises:
        ValueError: Naming the known ones.

    Examples:
        >>> check_formats(['json', 'html'])
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats:
        raise ValueError(f'formats must be of {FORMATS}, got {unknown or "none"}')


def to_json(result: Mapping[str, Any]) -> str:
    """A result as JSON text.

    Args:
        result: The result.

    Examples:
        >>> to_json({'score': float('nan')})
        '{\\n "score": null\\n}\\n'
    """
    return json.dumps(
        nan_to_none(result), indent=1, ensure_ascii=False, allow_nan=False) + '\n'


def to_csv(result: Mapping[str, Any]) -> str:
    """One line a detected movement and present AU.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.

    Args:
        result: The result.

    Examples:
        >>> to_csv(dict(source=dict(name='a.mp4'), movements=[]))[:20]
        'source,movement,face'
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, lineterminator='\n')
    writer.writeheader()
    for row in csv_rows(result):
        writer.writerow({key: _harmless(value) for key, value in row.items()})
    return text.getvalue()


def _harmless(value: Any) -> Any:
    formula = isinstance(value, str) and value[:1] in ('=', '+', '-', '@', '\t', '\r')
    return f"'{value}" if formula else value


def page_media(inference: Inference) -> dict[str, Any]:
    """Pictures for the page of a result.

    Args:
        inference: The result.
    """
    faces = {
        i: dict(onset=_jpeg(onset), apex=_jpeg(apex))
        for i, (onset, apex) in inference.clips.items()}
    heat = {m['id']: _heat_pictures(m['trace'])
            for m in inference.result['movements'] if m['trace']}
    return dict(frames=film_strip(inference), faces=faces, heat=heat)


def film_strip(
    inference: Inference, count: int = STRIP_FRAMES, width: int = STRIP_WIDTH
) -> list[tuple[int, float, bytes]]:
    """Small pictures of the video, evenly spaced, the apexes among them.

    Args:
        inference: The result.
        count: About how many. Defaults to 80.
        width: Their width in pixels. Defaults to 200.

    Returns:
        Frame number, seconds and JPEG file of each.
    """
    frames = len(inference.watched.seconds)
    wanted = set(np.linspace(0, frames - 1, min(count, frames)).round().astype(int))
    wanted |= {m['apex']['frame'] for m in inference.result['movements']}
    strip = []

    def keep(frame: Frame) -> None:
        if frame.index in wanted:
            height = max(1, round(width * frame.image.shape[0] / frame.image.shape[1]))
            small = cv2.resize(
                frame.image, (width, height), interpolation=cv2.INTER_AREA)
            strip.append((frame.index, round(frame.seconds, 4), _jpeg(small)))

    _look_again(inference, keep)
    return strip


def write_annotated(inference: Inference, path: Path) -> Path:
    """Write the video with faces, movements and action units drawn on it.

    Args:
        inference: The result.
        path: The file.
    """
    draw = Annotator(inference.result, inference.watched.faces)
    with VideoWriter(path, inference.video.fps, inference.video.size) as video:
        _look_again(inference, lambda frame: video.write(draw(frame)))
    return path


def _look_again(inference: Inference, use: Callable[[Frame], None]) -> None:
    frames = len(inference.watched.seconds)
    for frame in inference.video:
        if frame.index >= frames:
            return
        use(frame)


def _heat_pictures(trace: Mapping[str, Any]) -> dict[int, bytes]:
    """For each present AU a transparent picture that lies on the apex frame."""
    found = {}
    for unit in trace['aus']:
        if unit['present']:
            drops = trace['heat']['logit_drop'][str(unit['au'])]
            found[unit['au']] = heat_overlay(np.asarray(drops))
    return found


def heat_overlay(drops: np.ndarray) -> bytes:
    """PNG file of the heat map of an AU, in the frame of the aligned clips.

    Args:
        drops: ``heat['logit_drop'][AU]`` of a trace.

    Examples:
        >>> heat_overlay(np.arange(10.0))[1:4]
        b'PNG'
    """
    x0, x1, y0, y1 = CLIP_BOUNDS
    left, right, top, bottom = CANONICAL_BOUNDS
    size = tuple(round(CLIP_SCALE * (b - a)) for a, b in ((top, bottom), (left, right)))
    heat = region_heat(drops, size)
    row, column = round(CLIP_SCALE * (top - y0)), round(CLIP_SCALE * (left - x0))
    picture = np.zeros(
        (round(CLIP_SCALE * (y1 - y0)), round(CLIP_SCALE * (x1 - x0)), 4), np.uint8)
    picture[..., :3] = HEAT_COLOUR
    strength = heat / max(float(heat.max()), 1e-9) * HEAT_STRENGTH * 255
    picture[row:row + size[0], column:column + size[1], 3] = strength.astype(np.uint8)
    return cv2.imencode('.png', picture)[1].tobytes()


def _jpeg(image: np.ndarray) -> bytes:
    return cv2.imencode('.jpg', image, JPEG_QUALITY)[1].tobytes()
