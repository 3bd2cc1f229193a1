# Copyright (c) AULLM-MM contributors.
"""One row of a semi-synthetic coding table."""
from __future__ import annotations

from dataclasses import dataclass

from .movements import Movement


@dataclass(frozen=True)
class Row:
    """One clip of the corpus, as coded and as moved.

    Attributes:
        subject: Subject number, from 1; a layout may write it otherwise.
        filename: Clip name such as ``'EP02_01f'``.
        onset: First frame, as numbered in the release.
        apex: Frame of the peak.
        offset: Last frame, inclusive.
        apex_coded: Whether the table tells the apex.
        coding: Text of the AU cell, such as ``'4+L10'``.
        emotion: Estimated emotion, in lower case.
        movements: What the face does.

    Examples:
        >>> Row(1, 'EP02_01f', 46, 59, 86, True, '4', 'disgust', ()).frames
        41
    """

    subject: int
    filename: str
    onset: int
    apex: int
    offset: int
    apex_coded: bool
    coding: str
    emotion: str
    movements: tuple[Movement, ...]

    @property
    def frames(self) -> int:
        """Number of frames, onset to offset."""
        return self.offset - self.onset + 1
