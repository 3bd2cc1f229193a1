# Copyright (c) AULLM-MM contributors.
"""Named domains: sets of values for the knobs of a semi-synthetic corpus."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from .parameters import CorpusParameters


@dataclass(frozen=True)
class Preset:
    """A named domain.

    Attributes:
        meaning: What it is, in a line.
        values: Fields of ``CorpusParameters``; all others keep their defaults.

    Examples:
        >>> PRESETS['clear'].values['amplitude']
        2.5
    """

    meaning: str
    values: Mapping[str, Any]

    def options(self) -> str:
        """Return the values as they stand on a command line.

        Examples:
            >>> PRESETS['clear'].options()
            '--amplitude 2.5 --nuisance 0.5'
        """
        return ' '.join(f'--{name.replace("_", "-")} {value}'
                        for name, value in self.values.items())


def _preset(meaning: str, **values: Any) -> Preset:
    return Preset(meaning, MappingProxyType(values))


#: Domains by their names on the command line.
PRESETS = MappingProxyType({
    'clear': _preset(
        'movements that anybody sees, in a calm clip', amplitude=2.5, nuisance=0.5),
    'subtle': _preset('half of a usual micro-expression', amplitude=0.5),
    'below-noise': _preset(
        'coded movements weaker than the uncoded ones', amplitude=0.15),
    'soft-camera': _preset('out of focus', camera_blur=3.0),
    'noisy-camera': _preset('much sensor noise', camera_noise=4.0),
    'flicker': _preset('lamps that flicker and wander', light=5.0),
    'compressed': _preset('coarse JPEG', quality='25-40'),
    'few-subjects': _preset('few people to learn from', subjects=6, clips=60),
    'samm-statistics': _preset(
        'AUs and emotions as often as in SAMM', statistics='samm'),
    'even-statistics': _preset(
        'the twelve AUs of CD6ME equally often', statistics='even'),
    'noisy-labels': _preset(
        'every fifth coded AU is wrong in the table', label_noise=0.2),
    'spurious-light': _preset(
        'a lamp above goes with AU12, the other way round in the test group',
        spurious='light:12:0.9', statistics='even'),
    'spurious-background': _preset(
        'something that rises behind the head goes with AU12, the other way round in '
        'the test group', spurious='background:12:0.9', statistics='even'),
    'pretrain': _preset(
        'large: many people, even AUs, five frames a clip', subjects=120, clips=3000,
        statistics='even', frames=5, seed=1000),
})


def make_parameters(preset: str | None = None, **given: Any) -> CorpusParameters:
    """Return the parameters of a preset, with what is given in their place.

    Args:
        preset: A key of ``PRESETS``; None for the defaults.
        given: Fields of ``CorpusParameters`` that override the preset's.

    Raises:
        ValueError: If there is no such preset, or no corpus of such values.

    Examples:
        >>> made = make_parameters('few-subjects', clips=30)
        >>> made.subjects, made.clips
        (6, 30)
    """
    if preset is not None and preset not in PRESETS:
        raise ValueError(
            f'preset must be one of {", ".join(PRESETS)}, got {preset!r}')
    values = dict(PRESETS[preset].values) if preset else {}
    return CorpusParameters(**{**values, **given})


def describe_presets() -> str:
    """Return the table of presets, a paragraph each.

    Examples:
        >>> describe_presets().splitlines()[0]
        'clear: movements that anybody sees, in a calm clip'
    """
    return '\n'.join(f'{name}: {preset.meaning}\n    {preset.options()}'
                     for name, preset in PRESETS.items())
