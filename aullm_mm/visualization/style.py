# Copyright (c) AULLM-MM contributors.
"""Colours, sizes and saving shared by all figures."""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from aullm_mm.utils.atomic import write_atomic

# Okabe and Ito's palette, told apart with every common colour blindness.
BLUE, VERMILLION, GREEN, AMBER = '#0072B2', '#D55E00', '#009E73', '#E69F00'
SERIES = (BLUE, VERMILLION, GREEN, '#CC79A7', AMBER, '#56B4E9')
INK, GREY, PALE = '#22272E', '#8A9099', '#E3E6EA'
#: Font sizes in points at the width of a README column.
LARGE, MEDIUM, SMALL = 11.0, 9.5, 8.5
#: Width of every figure in inches.
WIDTH = 10.0


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """Make a white figure that draws without a display or global state.

    Args:
        height (float): Height in inches.
        width (float): Width in inches. Defaults to ``WIDTH``.

    Returns:
        Figure: The empty figure with an Agg canvas.

    Examples:
        >>> new_figure(2.0).get_size_inches().tolist()
        [10.0, 2.0]
    """
    figure = Figure(figsize=(width, height), facecolor='white')
    FigureCanvasAgg(figure)
    return figure


def plain_axes(axes: Axes, left: bool = True) -> None:
    """Take away the box of an axes and quieten its ticks.

    Args:
        axes (Axes): The axes to change.
        left (bool): Whether to keep the left spine. Defaults to True.
    """
    for side in ('top', 'right', 'bottom', 'left'):
        axes.spines[side].set_visible(side == 'bottom' or (side == 'left' and left))
        axes.spines[side].set_color(GREY)
    axes.tick_params(colors=GREY, labelcolor=INK, labelsize=SMALL, length=3)


def save_figure(figure: Figure, path: str | Path, dpi: int = 160) -> Path:
    """Save a figure whole or not at all.

    Args:
        figure (Figure): What to save.
        path (str | Path): The file, for example ``*.png``, ``*.pdf`` or ``*.svg``; its
            folder is made where missing.
        dpi (int): Pixels an inch of raster formats. Defaults to 160.

    Returns:
        Path: The file.

    Raises:
        ValueError: If the suffix names no format that matplotlib writes.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_figure(new_figure(1.0), folder + '/empty.png').name
        'empty.png'
    """
    path = Path(path)
    kind = path.suffix.lstrip('.').lower()
    known = sorted(FigureCanvasAgg.get_supported_filetypes())
    if kind not in known:
        raise ValueError(
            f'cannot save a figure as {path.name!r}: the suffix must be one of '
            f'{", ".join(known)}'
        )
    content = io.BytesIO()
    figure.savefig(content, format=kind, dpi=dpi)
    return write_atomic(path, content.getvalue())
