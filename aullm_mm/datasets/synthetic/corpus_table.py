# Copyright (c) AULLM-MM contributors.
"""The clips of a corpus: its coding table, and what the knobs change in it."""
from __future__ import annotations

from dataclasses import replace

from .coder_errors import mistake_row
from .coding_table import draw_rows
from .few_frames import thin_row
from .parameters import CorpusParameters, layout_of, spurious_of
from .row import Row
from .spurious import draw_sides


def draw_table(parameters: CorpusParameters) -> list[Row]:
    """Draw all clips of a corpus.

    Each knob draws from a source of its own, so that it changes nothing but what it
    is for.

    Args:
        parameters: What the corpus is made with.

    Returns:
        The rows, by subject and clip.

    Examples:
        >>> rows = draw_table(CorpusParameters(subjects=1, clips=2, frames=4))
        >>> [row.frames for row in rows]
        [4, 4]
    """
    layout, seed = layout_of(parameters), parameters.seed
    rows = draw_rows(layout, seed, parameters.subjects, parameters.clips,
                     parameters.amplitude)
    spurious = spurious_of(parameters)
    if spurious:
        sides = draw_sides(layout.studio.rng(seed, 8), rows, spurious)
        rows = [replace(row, beside=side) for row, side in zip(rows, sides)]
    if parameters.frames is not None:
        rows = [thin_row(row, parameters.frames) for row in rows]
    if parameters.label_noise:
        rows = [mistake_row(
            layout.studio.rng(seed, 7, index), row, layout, parameters.label_noise,
            parameters.amplitude) for index, row in enumerate(rows)]
    return rows
