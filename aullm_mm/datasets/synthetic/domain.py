# Copyright (c) AULLM-MM contributors.
"""Domain knobs: what they do to a layout, and which values they take."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from .casme2_layout import CASME2
from .layout import Layout
from .samm_layout import SAMM
from .statistics import TableCounts
from .studio import Studio

#: Layouts by their names on the command line.
LAYOUTS = MappingProxyType({layout.name: layout for layout in (CASME2, SAMM)})
# The twelve AUs of CD6ME, as often as each other; emotions as even as they fit.
EVEN = TableCounts(
    aus_per_clip=MappingProxyType({1: 3, 2: 2, 3: 1}),
    aus=MappingProxyType({au: 1 for au in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17)}),
    emotions=MappingProxyType({
        'surprise': 1, 'happiness': 1, 'disgust': 1, 'sadness': 1, 'others': 2}),
    emotion_aus=MappingProxyType({
        'sadness': {1: 8, 15: 5, 17: 2},
        'surprise': {1: 6, 2: 9, 5: 6},
        'happiness': {12: 9, 6: 7},
        'disgust': {9: 9, 10: 8, 4: 1.5},
        'others': {4: 1, 7: 1, 14: 1, 17: 1}}),
    sided=1, unsure=0, no_apex=0)
#: Statistics of the coding table by name.
STATISTICS: Mapping[str, TableCounts] = MappingProxyType(
    {**{name: layout.counts for name, layout in LAYOUTS.items()}, 'even': EVEN})
# No blur at all is not a Gaussian of width 0 to OpenCV.
SHARPEST = 0.05


def parse_quality(text: str) -> tuple[int, int]:
    """Read a JPEG quality or a range of them.

    Args:
        text: Such as ``'60'`` or ``'40-60'``, from 1 to 100.

    Returns:
        Lowest and highest.

    Raises:
        ValueError: If it is neither.

    Examples:
        >>> parse_quality('60'), parse_quality('40-60')
        ((60, 60), (40, 60))
    """
    low, dash, high = str(text).partition('-')
    high = high if dash else low
    if low.isdecimal() and high.isdecimal() and 1 <= int(low) <= int(high) <= 100:
        return int(low), int(high)
    raise ValueError(
        'quality must be a JPEG quality from 1 to 100 such as 60, or a range such as '
        f'40-60, got {str(text)!r}')


def scale_studio(studio: Studio, noise: float, blur: float, light: float) -> Studio:
    """Change camera and lamps of a studio.

    Args:
        studio: As the layout has it.
        noise: Factor on the sensor noise.
        blur: Factor on the optics' blur.
        light: Factor on flicker, slow changes and tilt of the light.

    Returns:
        The studio; people and everything else in it stay.

    Examples:
        >>> scale_studio(Studio(), noise=2.0, blur=1.0, light=1.0).noise
        (2.0, 4.4)
    """
    return replace(
        studio, noise=tuple(noise * value for value in studio.noise),
        blur=tuple(max(blur * value, SHARPEST) for value in studio.blur),
        flicker=light * studio.flicker, slow=light * studio.slow,
        tilt=light * studio.tilt)


def change_layout(
    layout: Layout, statistics: str | None, noise: float, blur: float, light: float
) -> Layout:
    """Change a layout by the knobs; its files and names stay.

    Args:
        layout: The official layout.
        statistics: A key of ``STATISTICS``; None for the layout's own.
        noise: See ``scale_studio``.
        blur: See ``scale_studio``.
        light: See ``scale_studio``.

    Examples:
        >>> even = change_layout(CASME2, 'even', 1.0, 1.0, 1.0)
        >>> sorted(even.counts.aus)[-1], even.studio == CASME2.studio
        (17, True)
    """
    return replace(
        layout, studio=scale_studio(layout.studio, noise, blur, light),
        counts=STATISTICS[statistics or layout.name])
