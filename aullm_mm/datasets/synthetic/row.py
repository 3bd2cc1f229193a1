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
        moments: Where few frames of a longer clip are written: which ones, as
            numbers from 0 in that clip; its first and its last are among them.
            Empty where all are written.
        beside: Where a spurious nuisance comes from or goes to, ``'above'`` or
            ``'below'``; empty for none.

    Examples:
        >>> Row(1, 'EP02_01f', 46, 59, 86, True, '4', 'disgust', ()).frames
        41
        >>> few = Row(1, 'EP', 7, 8, 9, True, '4', 'fear', (), (0, 30, 61))
        >>> few.frames, few.length, few.peak
        (3, 62, 30)
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
    moments: tuple[int, ...] = ()
    beside: str = ''

    @property
    def frames(self) -> int:
        """Number of frames written, onset to offset."""
        return self.offset - self.onset + 1

    @property
    def length(self) -> int:
        """Number of frames of the clip in which the movement takes place."""
        return self.moments[-1] + 1 if self.moments else self.frames

    @property
    def peak(self) -> int:
        """Apex as a number from 0 in that clip."""
        index = self.apex - self.onset
        return self.moments[index] if self.moments else index
