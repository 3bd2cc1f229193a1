# Copyright (c) AULLM-MM contributors.
"""How inputs are read."""
from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from aullm_mm.spotting import SpottingLimits

from .movements import SPOT_MODES
from .watching import WatchOptions


@dataclass(frozen=True)
class InferenceOptions:
    """How inputs are read.

    Attributes:
        fps: Frames per second, over what the input says. Defaults to None.
        spot: ``'auto'``, ``'always'`` or ``'never'``: whether movements are looked for,
            or the whole input is one. ``'auto'`` looks in what is longer than a second.
        limits: What counts as a movement.
        faces: How faces are looked for.
        onset: First frame of the one movement. Defaults to None, found.
        apex: Frame of its peak. Defaults to None, found.
        offset: Its last frame, inclusive. Defaults to None, found.
        batch_size: Movements that the model is given at once. Defaults to 8.
        trace: Whether the answers are explained. Defaults to True.
        rephrase: Whether the LLM words the reasons anew; where its numbers differ from
            the trace's, the plain text stands. Defaults to False.
    """

    fps: float | None = None
    spot: str = 'auto'
    limits: SpottingLimits = field(default_factory=SpottingLimits)
    faces: WatchOptions = field(default_factory=WatchOptions)
    onset: int | None = None
    apex: int | None = None
    offset: int | None = None
    batch_size: int = 8
    trace: bool = True
    rephrase: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.batch_size < 1:
            raise ValueError(f'batch_size must be at least 1, got {self.batch_size}')
        if self.rephrase and not self.trace:
            raise ValueError('rephrase words the reasons anew: it needs trace=True')
        if self.spot not in SPOT_MODES:
            raise ValueError(f'spot must be one of {SPOT_MODES}, got {self.spot!r}')
        if self.names_movement and self.spot == 'always':
            raise ValueError(
                "onset, apex and offset name one movement, spot='always' looks for "
                'several: leave one of them out')

    @property
    def names_movement(self) -> bool:
        """Whether the one movement is named by any of its frames."""
        return any(n is not None for n in (self.onset, self.apex, self.offset))

    def plain(self) -> dict[str, Any]:
        """Every option with its value, in one flat dict.

        Examples:
            >>> InferenceOptions().plain()['longest']
            0.5
        """
        own = asdict(self)
        limits, faces = own.pop('limits'), own.pop('faces')
        return {**own, **limits, **faces}
