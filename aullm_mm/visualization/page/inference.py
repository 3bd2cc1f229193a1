# Copyright (c) AULLM-MM contributors.
"""The page of a video: when which action units moved, and why the model says so."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aullm_mm.facs import action_unit, au_label
from aullm_mm.utils.atomic import write_atomic

from ..face_outline import outline_paths
from .embed import data_uri, environment
from .graph_svg import graph_view
from .timeline import Axis, energy_path, missing_spans
from .trace_view import trace_view

KINDS = {'micro': 'micro-expression', 'macro': 'macro-expression',
         'given': 'given movement'}


def write_page(
    result: Mapping[str, Any], media: Mapping[str, Any] | None, path: str | Path
) -> Path:
    """Write the page of one input, whole or not at all.

    Args:
        result: A result of the inferencer, as its JSON file holds it.
        media: Pictures, all optional, see :func:`render_page`.
        path: The HTML file; its folder is made where missing.

    Returns:
        The file.

    Raises:
        ValueError: If the result lacks a key, or a picture is no picture.
    """
    return write_atomic(path, render_page(result, media).encode('utf-8'))


def render_page(
    result: Mapping[str, Any], media: Mapping[str, Any] | None = None
) -> str:
    """HTML of one input: no other file is needed, and none is asked for.

    The path of the source is left out, so that the page can be handed on.

    Args:
        result: A result of the inferencer (``schema`` 1).
        media: All optional; every picture is the bytes of a JPEG or PNG file.
            ``frames``: a film strip, rows of (frame index, seconds, picture);
            ``video``: bytes of a small WebM or MP4 file of the whole source;
            ``faces``: for each movement id ``onset`` and ``apex`` pictures of the
            aligned face; ``heat``: for each movement id, for each AU number a picture
            that is laid over the apex face. None is the same as nothing.

    Raises:
        ValueError: If the result lacks a key, or a picture is no picture.

    Examples:
        >>> result = dict(source=dict(name='<b>.mp4', frames=2, seconds=1.0), model={
        ...     'name': 'm', 'aus': [12], 'thresholds': {'12': .5}}, movements=[])
        >>> page = render_page(result)
        >>> '<b>.mp4' in page, '&lt;b&gt;.mp4' in page
        (False, True)
    """
    missing = [key for key in ('source', 'model', 'movements') if key not in result]
    if missing:
        raise ValueError(
            f'a page needs a result of the inferencer; this one has no '
            f'{", ".join(missing)}')
    view = page_view(result, media or {})
    return environment().get_template('inference.html.jinja').render(view)


def page_view(result: Mapping[str, Any], media: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the template shows, nothing missing.

    Args:
        result: See :func:`render_page`.
        media: See :func:`render_page`.
    """
    axis = Axis(result)
    aus = [int(au) for au in result['model']['aus']]
    movements = [
        _movement(movement, aus, axis, media) for movement in result['movements']]
    series, faces = result.get('series') or {}, result.get('faces') or []
    source = {k: v for k, v in result['source'].items() if k != 'path'}
    frames = [_frame(*row, axis) for row in media.get('frames') or ()]
    return dict(
        result=dict(result, source=source), source=_source(source),
        model=_model(result['model']), outline=outline_paths(), axis=axis,
        movements=movements,
        lanes=[_lane(au, movements) for au in aus],
        blinks=[axis.bar(blink) for blink in result.get('blinks') or ()],
        missing=missing_spans(axis, faces), faces=faces, tracks=_tracks(result),
        curve=energy_path(axis, series.get('seconds', ()), series.get('energy', ())),
        frames=frames,
        frame_times=[dict(frame=f['frame'], seconds=f['seconds']) for f in frames],
        video=data_uri(media['video']) if media.get('video') else None,
        warnings=result.get('warnings') or [], settings=result.get('settings') or {},
        thresholds={f'threshold of AU{au}': value for au, value in (
            result['model'].get('thresholds') or {}).items()},
        versions=result['model'].get('versions') or {},
        timing=_timing(result.get('timing') or {}), counts=_counts(movements))


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    keys = ('name', 'kind', 'frames', 'fps', 'width', 'height', 'seconds', 'truncated')
    return {key: source.get(key) for key in keys}


def _model(model: Mapping[str, Any]) -> dict[str, Any]:
    empty = dict(checkpoint=None, llm=None, thresholds={}, semi_synthetic=False)
    return {**empty, **model}


def _frame(index: int, seconds: float | None, picture: bytes, axis: Axis) -> dict:
    moment = dict(
        frame=int(index), seconds=None if seconds is None else float(seconds))
    return dict(moment, at=axis.place(moment), src=data_uri(picture))


def _movement(
    movement: Mapping[str, Any], aus: Sequence[int], axis: Axis,
    media: Mapping[str, Any],
) -> dict[str, Any]:
    key = movement['id']
    pictures = _of(media.get('faces'), key)
    heat = {int(au): data_uri(p) for au, p in _of(media.get('heat'), key).items()}
    rows = sorted(
        (_au_row(row) for row in movement['aus']), key=lambda row: -row['score'])
    trace = trace_view(movement.get('trace'))
    scores = {row['au']: row['score'] for row in rows}
    return dict(
        id=key, track=movement.get('track', 0), kind=movement['kind'],
        kind_text=KINDS.get(movement['kind'], movement['kind']),
        score=movement.get('score'), bar=axis.bar(movement),
        onset=movement['onset'], apex=movement['apex'], offset=movement['offset'],
        apex_at=axis.place(movement['apex']), duration=_duration(movement), aus=rows,
        present=[row for row in rows if row['present']], heat=heat, trace=trace,
        face={name: data_uri(picture) for name, picture in pictures.items()},
        graph=graph_view(aus, [scores.get(au) for au in aus], trace['edges'])
        if trace and trace['edges'] else None)


def _of(rows: Mapping[Any, Any] | None, key: Any) -> Mapping[Any, Any]:
    """What belongs to a movement, whether ids are numbers or, as in JSON, texts."""
    rows = rows or {}
    return rows.get(key) or rows.get(str(key)) or {}


def _au_row(row: Mapping[str, Any]) -> dict[str, Any]:
    au = int(row['au'])
    return dict(
        au=au, label=au_label(au), name=row.get('name') or action_unit(au).name,
        score=float(row['score']), threshold=float(row.get('threshold', 0.5)),
        present=bool(row['present']), side=row.get('side'))


def _duration(movement: Mapping[str, Any]) -> float | None:
    start, end = (movement[name].get('seconds') for name in ('onset', 'offset'))
    return None if start is None or end is None else end - start


def _lane(au: int, movements: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    bars = [
        dict(movement['bar'], id=movement['id'], track=movement['track'], **row)
        for movement in movements for row in movement['aus'] if row['au'] == au]
    return dict(au=au, label=au_label(au), name=action_unit(au).name, bars=bars,
                found=sum(bar['present'] for bar in bars))


def _tracks(result: Mapping[str, Any]) -> list[int]:
    found = {m.get('track', 0) for m in result['movements']}
    return sorted(found | {face['track'] for face in result.get('faces') or ()})


def _timing(timing: Mapping[str, float]) -> dict[str, Any]:
    parts = {name: s for name, s in timing.items() if name != 'total'}
    total = timing.get('total') or sum(parts.values())
    return dict(total=total, parts=[
        dict(name=name, seconds=s, share=round(100 * s / total, 2) if total else 0)
        for name, s in parts.items()])


def _counts(movements: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """How many movements there are of each kind."""
    kinds = [movement['kind_text'] for movement in movements]
    return [(kinds.count(kind), kind) for kind in dict.fromkeys(kinds)]
