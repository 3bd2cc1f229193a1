# Copyright (c) AULLM-MM contributors.
"""Hand figures and texts to every backend of an MMEngine visualizer."""
from __future__ import annotations

import textwrap

import numpy as np
from matplotlib.figure import Figure
from mmengine.visualization import Visualizer

from .style import INK, LARGE, new_figure

#: Backends of MMEngine whose ``experiment`` has ``add_text``.
TEXT_BACKENDS = ('TensorboardVisBackend',)
#: Characters in a line of a text that is drawn, and inches a line is high.
COLUMNS, LINE = 110, 0.17


def figure_array(figure: Figure) -> np.ndarray:
    """Draw a figure into an array.

    Args:
        figure: A figure on an Agg canvas, as ``new_figure`` makes it.

    Shapes:
        - output: :math:`(H, W, 3)`, RGB uint8

    Examples:
        >>> figure_array(new_figure(1.0, 2.0)).shape
        (100, 200, 3)
    """
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()


def add_figure(
    visualizer: Visualizer, name: str, figure: Figure, step: int = 0
) -> np.ndarray:
    """Hand a figure to all backends.

    Args:
        visualizer: Any visualizer of MMEngine.
        name: Identifier; a slash in it becomes ``_``, so that no folder is needed.
        figure: The figure.
        step: Global step. Defaults to 0.

    Returns:
        The picture, RGB uint8.
    """
    drawn = figure_array(figure)
    visualizer.add_image(name.replace('/', '_'), drawn, step)
    return drawn


def add_text(visualizer: Visualizer, name: str, text: str, step: int = 0) -> np.ndarray:
    """Hand a text to all backends: as text where they take it, to all as a picture.

    Args:
        visualizer: Any visualizer of MMEngine.
        name: Identifier.
        text: The text.
        step: Global step. Defaults to 0.

    Returns:
        The picture, RGB uint8.
    """
    for backend in filter(None, map(visualizer.get_backend, TEXT_BACKENDS)):
        # Indented by four, Markdown leaves it as it is.
        backend.experiment.add_text(name, textwrap.indent(text, '    '), step)
    return add_figure(visualizer, name, draw_text(text, name), step)


def draw_text(text: str, title: str = '') -> Figure:
    """Draw a text in letters of equal width, long lines broken.

    Args:
        text: The text.
        title: Line above it. Defaults to none.

    Examples:
        >>> bool(draw_text('a' * 300).get_figheight() > draw_text('').get_figheight())
        True
    """
    lines = [part for line in text.splitlines() or ['']
             for part in textwrap.wrap(line, COLUMNS, drop_whitespace=False) or ['']]
    height = 0.6 + LINE * len(lines)
    figure = new_figure(height)
    figure.text(0.02, 1 - 0.12 / height, title, fontsize=LARGE, fontweight='bold',
                color=INK, va='top', parse_math=False)
    figure.text(0.02, 1 - 0.42 / height, '\n'.join(lines), fontsize=8.5, color=INK,
                va='top', family='monospace', linespacing=1.25, parse_math=False)
    return figure
