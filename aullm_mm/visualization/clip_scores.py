# Copyright (c) AULLM-MM contributors.
"""A picture of a clip with the score of each AU beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .motion import as_picture
from .pictures import draw_bars
from .style import INK, MEDIUM, new_figure


def draw_clip_scores(
    title: str,
    image: np.ndarray,
    aus: Sequence[int],
    scores: ArrayLike,
    labels: ArrayLike | None = None,
    thresholds: float | ArrayLike = 0.5,
) -> Figure:
    """Set the AU scores of a clip beside a picture of it.

    Args:
        title (str): Line above the picture.
        image (np.ndarray): Grey or RGB, ``uint8`` or floats in [0, 1].
        aus (Sequence[int]): AU numbers.
        scores (ArrayLike): Probabilities in [0, 1].
        labels (ArrayLike | None): 1 present, 0 absent, -1 unknown; None where nothing
            is known. Defaults to None.
        thresholds (float | ArrayLike): One or one each. Defaults to 0.5.

    Returns:
        Figure: Picture and bars.

    Shapes:
        - image: :math:`(H, W)` or :math:`(H, W, 3)`
        - scores, labels: :math:`(N,)`

    Examples:
        >>> figure = draw_clip_scores('clip', np.zeros((8, 8)), [4, 12], [.9, .1])
        >>> figure.axes[0].get_title(loc='left')
        'clip'
    """
    labels = np.full(len(aus), -1.0) if labels is None else labels
    figure = new_figure(max(2.4, 0.6 + 0.235 * len(aus)), width=8.0)
    grid = figure.add_gridspec(
        1, 3, width_ratios=(1, 0.95, 1), left=0.02, right=0.93, wspace=0.03
    )
    frame, bars = figure.add_subplot(grid[0]), figure.add_subplot(grid[2])
    frame.imshow(as_picture(image), interpolation='lanczos')
    frame.set_axis_off()
    frame.set_title(title, loc='left', fontsize=MEDIUM, fontweight='bold', color=INK,
                    parse_math=False)  # fmt: skip
    draw_bars(bars, aus, scores, labels, thresholds)
    return figure
