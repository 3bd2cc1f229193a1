# Copyright (c) AULLM-MM contributors.
"""What frames a release really holds, and fitting a coded interval to them."""
from __future__ import annotations

import os
import re
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence


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
        repairs: What was changed: ``repair``, ``from``, ``to`` and ``source`` each.

    Examples:
        >>> fit_interval(1, None, 3, [1, 2, 3]).apex
        2
    """

    onset: int
    apex: int
    offset: int
    missing: tuple[int, ...] = ()
    repairs: tuple[dict[str, Any], ...] = ()


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
                 frames: Sequence[int], coded_apex: str = '') -> Interval:
    """Fit a coded interval to the frames that exist.

    A missing onset or offset frame moves the boundary to the nearest frame inside the
    interval. An apex that is unknown or outside the interval becomes the middle of it;
    one whose frame is missing moves to the nearest frame.

    Args:
        onset: Coded first frame, None where the cell holds none.
        apex: Coded apex, None where the cell holds none.
        offset: Coded last frame, None where the cell holds none.
        frames: Frame numbers that exist, sorted.
        coded_apex: Text of the apex cell, for the report. Defaults to empty.

    Returns:
        The interval, every boundary of which exists.

    Raises:
        ClipDropped: If the interval is impossible or fewer than two frames of it exist.

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
        _repair(f'{name} moved to the nearest existing frame', coded, found,
                'the frame is missing or empty in the release')
        for name, coded, found in (('onset', onset, inside[0]),
                                   ('offset', offset, inside[-1])) if coded != found]
    missing = sorted(set(range(inside[0], inside[-1] + 1)) - set(inside))
    peak, apex_repairs = _fit_apex(apex, inside, coded_apex)
    return Interval(inside[0], peak, inside[-1], tuple(missing),
                    tuple(repairs + apex_repairs))


def _fit_apex(apex: int | None, inside: Sequence[int], coded: str
              ) -> tuple[int, list[dict[str, Any]]]:
    if apex is None or not inside[0] <= apex <= inside[-1]:
        middle = _nearest((inside[0] + inside[-1]) // 2, inside)
        why = ('no valid apex is coded' if apex is None else
               f'apex outside {inside[0]} to {inside[-1]}')
        return middle, [_repair('apex set to the middle of the interval',
                                coded if apex is None else apex, middle, why)]
    found = _nearest(apex, inside)
    if found == apex:
        return apex, []
    return found, [_repair('apex moved to the nearest existing frame', apex, found,
                           'the frame is missing or empty in the release')]


def _nearest(number: int, frames: Sequence[int]) -> int:
    place = bisect_left(frames, number)
    return min(frames[max(place - 1, 0):place + 1], key=lambda n: (abs(n - number), n))


def _repair(what: str, before: int | str, after: int, source: str) -> dict[str, Any]:
    return {'repair': what, 'from': before, 'to': after, 'source': source}
