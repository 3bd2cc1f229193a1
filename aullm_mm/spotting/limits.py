# Copyright (c) AULLM-MM contributors.
"""What counts as a movement, and how long a micro-expression may be."""
from __future__ import annotations

import math
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class SpottingLimits:
    """Limits of the intervals that are spotted. All times are in seconds.

    Attributes:
        shortest: Shortest movement; what is shorter is noise. Defaults to 0.05.
        longest: Longest micro-expression, from onset to offset. Defaults to 0.5, the
            field's limit.
        tolerance: How much longer a movement may be measured and still be micro: the
            ends of a movement are not told exactly. Defaults to 0.1.
        longest_macro: Longest movement of all; what is longer is posture or head
            motion. Defaults to 4.0.
        least_score: Least height of a movement above the noise of its regions, in
            standard deviations. Higher misses more and invents less; chosen on
            development videos, see docs/spotting.md. Defaults to 7.
        least_motion: Least way that a region moves, in inter-ocular distances. It
            keeps a clip without noise from being all movement. Defaults to 0.002.
        least_macro_score: As ``least_score``, for what is longer than a
            micro-expression: slow motion of the head leaves more behind.
            Defaults to 10.
        least_macro_motion: As ``least_motion``, for the same. Defaults to 0.012.
        least_blink: Least loss of likeness of the eyes (0 to 1) in a blink. Defaults to
            0.05.
        longest_blink: Longest blink. Defaults to 0.6.
        noise_window: Seconds over which the noise is measured. Defaults to 20.

    Raises:
        ValueError: If a limit is not positive, or they are not in order.

    Examples:
        >>> SpottingLimits(longest=0.5).shortest
        0.05
    """

    shortest: float = 0.05
    longest: float = 0.5
    tolerance: float = 0.1
    longest_macro: float = 4.0
    least_score: float = 7.0
    least_motion: float = 0.002
    least_macro_score: float = 10.0
    least_macro_motion: float = 0.012
    least_blink: float = 0.05
    longest_blink: float = 0.6
    noise_window: float = 20.0

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for field in fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f'{field.name} must be above 0, got {value}')
        if not self.shortest < self.longest <= self.longest_macro:
            raise ValueError(
                'shortest < longest <= longest_macro must hold, got '
                f'{self.shortest}, {self.longest}, {self.longest_macro}')

    def kind(self, seconds: float) -> str:
        """Return the kind of a movement by its length.

        Args:
            seconds: From onset to offset.

        Examples:
            >>> SpottingLimits().kind(0.3), SpottingLimits().kind(0.9)
            ('micro', 'macro')
        """
        return 'micro' if seconds <= self.longest + self.tolerance else 'macro'
