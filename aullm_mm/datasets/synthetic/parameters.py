# Copyright (c) AULLM-MM contributors.
"""What determines a semi-synthetic corpus, and the README that tells it."""
from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from .casme2_layout import CASME2
from .domain import LAYOUTS, STATISTICS, change_layout, parse_quality
from .layout import Layout
from .spurious import FEWEST_SUBJECTS, Spurious, parse_spurious

README = 'README.txt'
# The README tells these only where they are not at their defaults.
KNOBS = ('camera_noise', 'camera_blur', 'light', 'quality', 'statistics',
         'label_noise', 'frames', 'people_seed', 'spurious')
NOT_NEGATIVE = ('seed', 'amplitude', 'nuisance', 'camera_noise', 'camera_blur',
                'light', 'label_noise', 'people_seed')
# Raise it whenever the same parameters would give other bytes.
GENERATOR_VERSION = 1
README_START = """\
This corpus is semi-synthetic: no real micro-expression is in it.

It has the file layout of """
README_TEXT = README_START + """{title}, but its faces are mixtures of two
public-domain portraits (Grace Hopper, US Navy; Eileen Collins, NASA) that were
moved by computer according to the AUs in the spreadsheet. Figures obtained on
it say nothing about real micro-expressions. Made by AULLM-MM with

"""


@dataclass(frozen=True)
class CorpusParameters:
    """What determines every byte of a corpus.

    Attributes:
        subjects: Number of people; None for the layout's own.
        clips: Number of clips; None for the layout's own.
        seed: Seed, at least 0.
        amplitude: Factor on the movements, 1 is a micro-expression; None for
            the layout's own.
        nuisance: Factor on everything else that moves or flickers.
        layout: Name of the official layout, a key of ``LAYOUTS``.
        camera_noise: Factor on the sensor noise.
        camera_blur: Factor on the optics' blur.
        light: Factor on flicker, slow changes and tilt of the light.
        quality: JPEG quality or range of it, such as ``'60'`` or ``'40-60'``; None
            for the layout's own, or 97 where ``nuisance`` is 0.
        statistics: Whose counts the coding table has, a key of ``STATISTICS``;
            None for the layout's own.
        label_noise: Probability that the table gets a coded AU wrong.
        frames: Frames of every clip, at least 3; None for the layout's own lengths.
        people_seed: Seed of the people; None for ``seed``.
        spurious: Nuisance that goes with an AU, ``'KIND:AU:RATE'``; None for none.

    Raises:
        ValueError: If there is no such layout, or no corpus of such values.

    Examples:
        >>> CorpusParameters().clips, CorpusParameters(layout='samm').clips
        (256, 159)
    """

    subjects: int | None = None
    clips: int | None = None
    seed: int = 0
    amplitude: float | None = None
    nuisance: float = 1.0
    layout: str = CASME2.name
    camera_noise: float = 1.0
    camera_blur: float = 1.0
    light: float = 1.0
    quality: str | None = None
    statistics: str | None = None
    label_noise: float = 0.0
    frames: int | None = None
    people_seed: int | None = None
    spurious: str | None = None

    def __post_init__(self) -> None:
        """Fill in the layout's own values, refuse those that cannot be."""
        _check_name('layout', self.layout, LAYOUTS)
        own = LAYOUTS[self.layout]
        for name in ('subjects', 'clips', 'amplitude'):
            self._set(name, getattr(self, name), None, getattr(own, name))
        if self.statistics is not None:
            _check_name('statistics', self.statistics, STATISTICS)
        limits = {'subjects': FEWEST_SUBJECTS if self.spurious else 1,
                  'clips': self.subjects, 'frames': 3, **dict.fromkeys(NOT_NEGATIVE, 0)}
        for name, low in limits.items():
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= low):
                raise ValueError(f'{name} must be at least {low}, got {value}')
        if self.label_noise > 1:
            raise ValueError(f'label_noise must be at most 1, got {self.label_noise}')
        self._write_alike()

    def _set(self, name: str, value: object, old: object, new: object) -> None:
        object.__setattr__(self, name, new if value == old else value)

    def _write_alike(self) -> None:
        """Write what is the same in the same way, for corpora to be recognised."""
        self._set('statistics', self.statistics, self.layout, None)
        self._set('people_seed', self.people_seed, self.seed, None)
        if self.quality is not None:
            low, high = parse_quality(self.quality)
            self._set('quality', f'{low}-{high}', f'{low}-{low}', str(low))
        if self.spurious is not None:
            self._set('spurious', str(spurious_of(self)), None, None)


def _check_name(what: str, name: str, allowed: Iterable[str]) -> None:
    if name not in allowed:
        raise ValueError(f'{what} must be one of {", ".join(allowed)}, got {name!r}')


def layout_of(parameters: CorpusParameters) -> Layout:
    """Return the layout that a corpus is made in, changed by the knobs.

    Args:
        parameters: What the corpus is made with.

    Examples:
        >>> layout_of(CorpusParameters(layout='samm')).title
        'SAMM'
    """
    return change_layout(
        LAYOUTS[parameters.layout], parameters.statistics, parameters.camera_noise,
        parameters.camera_blur, parameters.light)


def spurious_of(parameters: CorpusParameters) -> Spurious | None:
    """Return the nuisance that goes with an AU, None for none.

    Args:
        parameters: What the corpus is made with.

    Raises:
        ValueError: If the parameter cannot be read.

    Examples:
        >>> spurious_of(CorpusParameters(spurious='light:12')).rate
        0.9
    """
    if parameters.spurious is None:
        return None
    counts = STATISTICS[parameters.statistics or parameters.layout]
    return parse_spurious(parameters.spurious, counts.aus)


def people_seed(parameters: CorpusParameters) -> int:
    """Return the seed of the people.

    Args:
        parameters: What the corpus is made with.

    Examples:
        >>> people_seed(CorpusParameters(seed=3))
        3
    """
    own = parameters.people_seed
    return parameters.seed if own is None else own


def readme_text(parameters: CorpusParameters) -> str:
    """Return the README of a corpus.

    Args:
        parameters: What the corpus is made with.

    Returns:
        Text that ends with the parameters as JSON.

    Examples:
        >>> 'semi-synthetic' in readme_text(CorpusParameters())
        True
    """
    given = asdict(parameters)
    for field in fields(parameters):
        # A corpus made before there was a knob has to be recognised.
        if field.name in KNOBS and given[field.name] == field.default:
            del given[field.name]
    # The layout stands first.
    made = {'layout': parameters.layout, 'generator_version': GENERATOR_VERSION,
            **given}
    text = README_TEXT.format(title=layout_of(parameters).title)
    return text + json.dumps(made, indent=2) + '\n'
