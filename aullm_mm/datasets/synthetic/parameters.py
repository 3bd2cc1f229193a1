# Copyright (c) AULLM-MM contributors.
"""What determines a semi-synthetic corpus, and the README that tells it."""
from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from types import MappingProxyType

from .casme2_layout import CASME2
from .layout import Layout
from .samm_layout import SAMM

#: Layouts by their names on the command line.
LAYOUTS = MappingProxyType({layout.name: layout for layout in (CASME2, SAMM)})
README = 'README.txt'
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

    def __post_init__(self) -> None:
        """Fill in the layout's own values, refuse those that cannot be."""
        if self.layout not in LAYOUTS:
            raise ValueError(
                f'layout must be one of {", ".join(LAYOUTS)}, got {self.layout!r}')
        for name in ('subjects', 'clips', 'amplitude'):
            if getattr(self, name) is None:
                object.__setattr__(self, name, getattr(layout_of(self), name))
        limits = (('subjects', 1), ('clips', self.subjects), ('seed', 0),
                  ('amplitude', 0), ('nuisance', 0))
        for name, low in limits:
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= low):
                raise ValueError(
                    f'{name} must be at least {low}, got {value}')


def layout_of(parameters: CorpusParameters) -> Layout:
    """Return the layout that a corpus is made in.

    Args:
        parameters: What the corpus is made with.

    Examples:
        >>> layout_of(CorpusParameters(layout='samm')).title
        'SAMM'
    """
    return LAYOUTS[parameters.layout]


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
    # The layout stands first.
    made = {'layout': parameters.layout, 'generator_version': GENERATOR_VERSION,
            **asdict(parameters)}
    text = README_TEXT.format(title=layout_of(parameters).title)
    return text + json.dumps(made, indent=2) + '\n'
