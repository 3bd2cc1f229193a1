# Copyright (c) AULLM-MM contributors.
"""What determines a semi-synthetic corpus, and the README that tells it."""
from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass

README = 'README.txt'
# Raise it whenever the same parameters would give other bytes.
GENERATOR_VERSION = 1
README_TEXT = """\
This corpus is semi-synthetic: no real micro-expression is in it.

It has the file layout of CASME II, but its faces are mixtures of two
public-domain portraits (Grace Hopper, US Navy; Eileen Collins, NASA) that were
moved by computer according to the AUs in the spreadsheet. Figures obtained on
it say nothing about real micro-expressions. Made by AULLM-MM with

"""


@dataclass(frozen=True)
class CorpusParameters:
    """What determines every byte of a corpus.

    Attributes:
        subjects: Number of people.
        clips: Number of clips.
        seed: Seed, at least 0.
        amplitude: Factor on the movements; 1 is a micro-expression.
        nuisance: Factor on everything else that moves or flickers.

    Examples:
        >>> CorpusParameters().clips
        256
    """

    subjects: int = 26
    clips: int = 256
    seed: int = 0
    amplitude: float = 1.0
    nuisance: float = 1.0

    def __post_init__(self) -> None:
        """Refuse values that no corpus can be made from."""
        limits = (('subjects', 1), ('clips', self.subjects), ('seed', 0),
                  ('amplitude', 0), ('nuisance', 0))
        for name, low in limits:
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= low):
                raise ValueError(
                    f'{name} must be at least {low}, got {value}')


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
    made = {'layout': 'casme2', 'generator_version': GENERATOR_VERSION,
            **asdict(parameters)}
    return README_TEXT + json.dumps(made, indent=2) + '\n'
