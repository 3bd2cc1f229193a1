# Copyright (c) AULLM-MM contributors.
"""What frames a release really holds, and fitting a coded interval to them."""
from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Container, Sequence

_IMAGE = re.compile(r'(.*?)(\d+)(\.(?:jpg|jpeg|png|bmp))', re.IGNORECASE)


class ClipDropped(ValueError):
    """A clip cannot be used; the text is the reason given in the report."""


@dataclass(frozen=True)
class Interval:
    """A coded interval after it was fitted to the frames of the release.

    Args:
        onset: First frame; it exists.
        apex: Frame of the greatest extent; it exists.
        offset: Last frame; it exists.
        missing: Frames inside the interval that the release lacks.
        repairs: What was changed: ``name``, ``repair``, ``from``, ``to`` and
            ``source`` each.

    Examples:
        >>> fit_interval(1, None, 3, [1, 2, 3]).apex
        2
    """

    onset: int
    apex: int
    offset: int
    missing: tuple[int, ...] = ()
    repairs: tuple[dict[str, Any], ...] = ()


def find_template(folder: Path, images: str) -> str:
    """Return the template of the frames in a folder, with the padding they have.

    Args:
        folder: Folder of one clip.
        images: A template, which is checked and returned, or a pattern with a star
            where the digits stand. ``'*'`` alone takes whatever most images are called.

    Raises:
        ClipDropped: If there is no such folder, no image fits the pattern, or the
            template does not take one number.
    """
    if '*' not in images:
        return _checked(images)
    if not folder.is_dir():
        raise ClipDropped(f'no frame folder {folder.parent.name}/{folder.name}')
    names = sorted(entry.name for entry in os.scandir(folder))
    found = [match.groups() for name in names if (match := _IMAGE.fullmatch(name))
             and not set(name) & set('{}')]
    if images != '*':
        head, tail = images.split('*', 1)
        found = [part for part in found if part[0] == head and part[2] == tail]
    if not found:
        seen = f'there are {", ".join(names[:3])}' if names else 'it is empty'
        raise ClipDropped(f'no image named {images} in {folder.parent.name}/'
                          f'{folder.name}: {seen}')
    (head, tail), _ = Counter((part[0], part[2]) for part in found).most_common(1)[0]
    digits = [part[1] for part in found if (part[0], part[2]) == (head, tail)]
    width = max((len(text) for text in digits if text[0] == '0'), default=0)
    return f'{head}{{:0{width}d}}{tail}' if width > 1 else f'{head}{{}}{tail}'


def list_frames(folder: Path, template: str) -> list[int]:
    """Return the numbers of the usable frames in a folder, sorted.

    A file of zero bytes, which an interrupted download leaves, is no frame. No image
    is opened.

    Args:
        folder: Folder of one clip.
        template: File name with braces for the frame number.

    Raises:
        ClipDropped: If there is no such folder.
    """
    head, tail = (re.escape(part) for part in re.split(r'\{.*?\}', template))
    pattern = re.compile(f'{head}(\\d+){tail}')
    if not folder.is_dir():
        raise ClipDropped(f'no frame folder {folder.parent.name}/{folder.name}')
    with os.scandir(folder) as entries:
        found = [(int(match[1]), entry) for entry in entries
                 if (match := pattern.fullmatch(entry.name))]
    # Only names that the template gives back can be opened later ('img046' cannot).
    return sorted(number for number, entry in found
                  if template.format(number) == entry.name and entry.stat().st_size)


def fit_interval(onset: int | None, apex: int | None, offset: int | None,
                 frames: Sequence[int], coded_apex: str = '',
                 skip: Container[str] = ()) -> Interval:
    """Fit a coded interval to the frames that exist.

    A missing onset or offset frame moves the boundary to the nearest frame inside the
    interval (repair ``boundary-to-frame``). An apex that is unknown or outside the
    interval becomes the middle of it (``apex-to-middle``); one whose frame is missing
    moves to the nearest frame (``apex-to-frame``).

    Args:
        onset: Coded first frame, None where the cell holds none.
        apex: Coded apex, None where the cell holds none.
        offset: Coded last frame, None where the cell holds none.
        frames: Frame numbers that exist, sorted.
        coded_apex: Text of the apex cell, for the report. Defaults to empty.
        skip: Names of the repairs that are switched off. Defaults to none.

    Returns:
        The interval, every boundary of which exists.

    Raises:
        ClipDropped: If the interval is impossible, fewer than two frames of it exist,
            or it needs a repair that is switched off.

    Examples:
        >>> interval = fit_interval(10, 13, 21, [10, 11, 13, 14, 20])
        >>> interval.offset, len(interval.missing)
        (20, 6)
    """
    if onset is None or offset is None:
        which = 'onset' if onset is None else 'offset'
        raise ClipDropped(f'no valid {which} frame is coded')
    if onset > offset:
        raise ClipDropped(f'onset {onset} after offset {offset}')
    inside = [number for number in frames if onset <= number <= offset]
    if len(inside) < 2:
        raise ClipDropped(f'{len(inside)} usable frame(s) within {onset} to {offset}; '
                          'a movement needs two')
    repairs = [
        _repair('boundary-to-frame', f'{name} moved to the nearest existing frame',
                coded, found, 'the frame is missing or empty in the release')
        for name, coded, found in (('onset', onset, inside[0]),
                                   ('offset', offset, inside[-1])) if coded != found]
    missing = sorted(set(range(inside[0], inside[-1] + 1)) - set(inside))
    peak, apex_repairs = _fit_apex(apex, inside, coded_apex)
    for repair in repairs + apex_repairs:
        if repair['name'] in skip:
            raise ClipDropped(f'needs the repair {repair["name"]}, which is switched '
                              f'off ({repair["source"]})')
    return Interval(inside[0], peak, inside[-1], tuple(missing),
                    tuple(repairs + apex_repairs))


def _checked(template: str) -> str:
    try:
        fits = template.format(1) != template.format(2)
    except (LookupError, ValueError, AttributeError):
        fits = False
    if not fits or len(re.split(r'\{.*?\}', template)) != 2:
        raise ClipDropped(f'frame template {template!r} needs one pair of braces for '
                          "the frame number, as in 'img_{:05d}.jpg'")
    return template


def _fit_apex(apex: int | None, inside: Sequence[int], coded: str
              ) -> tuple[int, list[dict[str, Any]]]:
    if apex is None or not inside[0] <= apex <= inside[-1]:
        middle = _nearest((inside[0] + inside[-1]) // 2, inside)
        why = ('no valid apex is coded' if apex is None else
               f'apex outside {inside[0]} to {inside[-1]}')
        return middle, [_repair(
            'apex-to-middle', 'apex set to the middle of the interval',
            coded if apex is None else apex, middle, why)]
    found = _nearest(apex, inside)
    if found == apex:
        return apex, []
    return found, [_repair(
        'apex-to-frame', 'apex moved to the nearest existing frame', apex, found,
        'the frame is missing or empty in the release')]


def _nearest(number: int, frames: Sequence[int]) -> int:
    place = bisect_left(frames, number)
    return min(frames[max(place - 1, 0):place + 1], key=lambda n: (abs(n - number), n))


def _repair(name: str, what: str, before: int | str, after: int, source: str
            ) -> dict[str, Any]:
    return {'name': name, 'repair': what, 'from': before, 'to': after, 'source': source}
