# Copyright (c) AULLM-MM contributors.
"""Put everything that a page needs into its one file, safely."""
from __future__ import annotations

import base64
import json
from functools import lru_cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aullm_mm.utils.jsonable import nan_to_none

#: What a page may load: pictures and video inside of it, its own style and script.
CONTENT_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; media-src data: blob:; base-uri 'none'; "
    "form-action 'none'")
_SIGNATURES = (
    (b'\xff\xd8\xff', 'image/jpeg'), (b'\x89PNG\r\n', 'image/png'),
    (b'\x1aE\xdf\xa3', 'video/webm'))
_PACKAGE = 'aullm_mm.visualization.page'


def data_uri(content: bytes) -> str:
    """Text that stands for a picture or video inside of a page.

    Args:
        content: A JPEG, PNG, WebM or MP4 file.

    Raises:
        ValueError: If it begins like none of them.

    Examples:
        >>> data_uri(b'\\x89PNG\\r\\n...')[:22]
        'data:image/png;base64,'
    """
    kind = next((k for start, k in _SIGNATURES if content.startswith(start)), None)
    if kind is None and content[4:8] == b'ftyp':
        kind = 'video/mp4'
    if kind is None:
        raise ValueError(
            f'media of a page must be JPEG, PNG, WebM or MP4 files as bytes, got '
            f'{len(content)} bytes that begin with {content[:8]!r}')
    return f'data:{kind};base64,{base64.b64encode(content).decode("ascii")}'


def script_json(value: Any) -> Markup:
    """JSON that may stand inside of a ``<script>`` element, whatever its texts are.

    No ``<``, ``>`` or ``&`` is left, so no text of a user can end the element or begin
    a comment. NaN becomes null.

    Args:
        value: Plain values, lists and dicts.

    Examples:
        >>> str(script_json({'name': '</script>'}))
        '{"name": "\\\\u003c/script\\\\u003e"}'
    """
    text = json.dumps(nan_to_none(value), allow_nan=False)
    for sign in '<>&':
        text = text.replace(sign, f'\\u{ord(sign):04x}')
    return Markup(text)


def asset(name: str) -> Markup:
    """Text of a style sheet or script of this package, to stand in a page as it is.

    Args:
        name: File in ``templates``.
    """
    folder = resources.files(_PACKAGE) / 'templates'
    return Markup(folder.joinpath(name).read_text(encoding='utf-8'))


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Templates of the pages; every value is escaped and none may be missing."""
    made = Environment(
        loader=PackageLoader(_PACKAGE), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True)
    made.globals.update(
        asset=asset, script_json=script_json, content_policy=CONTENT_POLICY)
    made.filters.update(
        score=score_text, seconds=seconds_text, plain=plain_text, tidy=tidy_text)
    return made


def score_text(value: float | None) -> str:
    """A score with two decimals, a dash where there is none.

    Examples:
        >>> score_text(0.914), score_text(None)
        ('0.91', '–')
    """
    return '–' if value is None or value != value else f'{value:.2f}'


def seconds_text(value: float | None) -> str:
    """A time of a video: seconds, from a minute on minutes and seconds.

    Examples:
        >>> seconds_text(12.5), seconds_text(3723.25), seconds_text(None)
        ('12.50 s', '1:02:03.25', '–')
    """
    if value is None:
        return '–'
    if value < 60:
        return f'{value:.2f} s'
    minutes, rest = divmod(round(value, 2), 60)
    hours, minutes = divmod(int(minutes), 60)
    start = f'{hours}:{minutes:02d}' if hours else f'{minutes}'
    return f'{start}:{rest:05.2f}'


def plain_text(value: Any) -> str:
    """A setting as people read it.

    Examples:
        >>> plain_text(True), plain_text(None), plain_text([1, 2]), plain_text(0.25)
        ('yes', 'none', '1, 2', '0.25')
    """
    if value is None or isinstance(value, bool):
        return {None: 'none', True: 'yes', False: 'no'}[value]
    if isinstance(value, dict):
        return ', '.join(f'{k}: {plain_text(v)}' for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ', '.join(map(plain_text, value))
    return f'{value:.4g}' if isinstance(value, float) else str(value)


def tidy_text(name: str) -> str:
    """A key as people read it.

    Examples:
        >>> tidy_text('min_seconds')
        'min seconds'
    """
    return str(name).replace('_', ' ')
