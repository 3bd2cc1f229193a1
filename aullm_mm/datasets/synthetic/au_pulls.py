# Copyright (c) AULLM-MM contributors.
"""Where each AU pulls on a face, and which skin it folds."""
from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Pull:
    """One place that an AU moves.

    Attributes:
        point: Mesh point on the picture's left (the person's right side), or
            on the midline.
        out: Displacement away from the midline at full intensity, in
            inter-ocular distances; ignored on the midline.
        up: Displacement upwards at full intensity.
        radius: Standard deviation of the region, inter-ocular distances.
        tall: Height of the region relative to its width.

    Examples:
        >>> Pull(61, 0.07, 0.09, 0.2).tall
        1.0
    """

    point: int
    out: float
    up: float
    radius: float
    tall: float = 1.0


# Peak displacements at full intensity, in inter-ocular distances. Regions and
# directions follow the AU to region to flow-direction table of public
# micro-expression knowledge bases; sizes of 1, 2, 4, 12, 15 and 17 are given
# there, the others are our reading of FACS.
AU_PULLS = MappingProxyType({
    1: (Pull(107, 0.0, 0.10, 0.17), Pull(66, 0.01, 0.06, 0.16),
        Pull(108, 0.0, 0.05, 0.22)),
    2: (Pull(105, 0.0, 0.07, 0.17), Pull(70, 0.01, 0.10, 0.17),
        Pull(104, 0.0, 0.05, 0.22)),
    4: (Pull(55, -0.07, -0.08, 0.17), Pull(65, -0.04, -0.06, 0.17),
        Pull(9, 0.0, -0.04, 0.16), Pull(105, -0.01, -0.03, 0.18)),
    5: (Pull(159, 0.0, 0.055, 0.12, 0.6),),
    6: (Pull(50, -0.01, 0.06, 0.22), Pull(117, -0.01, 0.05, 0.18),
        Pull(145, 0.0, 0.02, 0.13, 0.6), Pull(130, -0.03, 0.01, 0.1)),
    7: (Pull(145, -0.01, 0.045, 0.14, 0.6), Pull(159, 0.0, -0.025, 0.13, 0.5),
        Pull(163, -0.02, 0.03, 0.1)),
    9: (Pull(129, 0.0, 0.07, 0.13), Pull(198, 0.0, 0.06, 0.12),
        Pull(37, 0.0, 0.035, 0.14), Pull(55, -0.02, -0.035, 0.14)),
    10: (Pull(40, 0.0, 0.075, 0.14), Pull(165, 0.0, 0.06, 0.15),
         Pull(129, 0.01, 0.03, 0.12), Pull(205, 0.0, 0.03, 0.16)),
    11: (Pull(203, 0.02, 0.06, 0.13), Pull(165, 0.01, 0.03, 0.12)),
    12: (Pull(61, 0.07, 0.09, 0.18), Pull(186, 0.06, 0.08, 0.17),
         Pull(205, 0.02, 0.045, 0.22)),
    14: (Pull(61, 0.07, 0.01, 0.15), Pull(57, 0.05, 0.01, 0.13),
         Pull(214, -0.025, 0.0, 0.15)),
    15: (Pull(61, 0.015, -0.09, 0.16), Pull(43, 0.01, -0.07, 0.17)),
    16: (Pull(84, 0.0, -0.075, 0.14), Pull(91, 0.0, -0.05, 0.14)),
    17: (Pull(199, 0.0, 0.07, 0.2), Pull(200, 0.0, 0.07, 0.18),
         Pull(17, 0.0, 0.05, 0.15), Pull(84, 0.0, 0.04, 0.13)),
    18: (Pull(61, -0.08, 0.0, 0.17), Pull(40, -0.035, 0.01, 0.13),
         Pull(91, -0.035, -0.01, 0.13)),
    20: (Pull(61, 0.09, -0.015, 0.18), Pull(57, 0.08, -0.01, 0.16),
         Pull(214, 0.05, -0.02, 0.2)),
    23: (Pull(37, 0.0, -0.035, 0.12, 0.7), Pull(84, 0.0, 0.035, 0.12, 0.7),
         Pull(61, -0.02, 0.0, 0.12)),
    24: (Pull(37, 0.0, -0.04, 0.14, 0.7), Pull(84, 0.0, 0.05, 0.14, 0.7),
         Pull(199, 0.0, 0.02, 0.2)),
    25: (Pull(0, 0.0, 0.025, 0.15, 0.6), Pull(17, 0.0, -0.06, 0.17, 0.6)),
    26: (Pull(17, 0.0, -0.10, 0.2), Pull(199, 0.0, -0.12, 0.3),
         Pull(149, 0.0, -0.08, 0.25)),
    38: (Pull(129, 0.045, 0.015, 0.1), Pull(64, 0.035, 0.01, 0.09)),
})
# Skin that darkens where it folds: AU -> mesh points of one side's fold.
AU_FOLDS = MappingProxyType({
    1: (109, 108), 2: (104, 103), 4: (9, 107), 6: (111, 117), 7: (110, 24),
    9: (198, 196), 10: (203, 206), 12: (206, 216), 14: (57, 186),
    15: (212, 43), 17: (200, 201), 20: (57, 43), 24: (84, 181)})
FOLD_DEPTH = 0.25
