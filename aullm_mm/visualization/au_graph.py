# Copyright (c) AULLM-MM contributors.
"""The learned AU graph on a schematic face."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, FancyArrowPatch
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike

from aullm_mm.facs import RELATION_TYPES, action_unit, au_label

from .face_outline import draw_face, place_aus
from .style import BLUE, GREY, INK, LARGE, SMALL, VERMILLION, new_figure

_LINE_STYLES = dict(zip(RELATION_TYPES, ('-', (0, (4, 2)), (0, (4, 1.5, 1, 1.5)), ':')))


def draw_au_graph(
    aus: Sequence[int],
    edges: Sequence[tuple[int, int, int | str]],
    strengths: ArrayLike,
    probabilities: ArrayLike | None = None,
    title: str = 'Learned relations between action units',
) -> Figure:
    """Draw the relations among AUs where they lie on the face.

    The colour of an edge is the sign of its learned strength, the width its size and
    the line style its type in the prior, so an edge that learning turned against
    anatomy is seen at once. AUs that exist on both sides of the face are drawn on one,
    with a small mark on the other.

    Args:
        aus (Sequence[int]): AU numbers.
        edges (Sequence[tuple]): Indices into ``aus`` of both ends, and the relation
            type, by name or as index into ``aullm_mm.facs.RELATION_TYPES``.
        strengths (ArrayLike): Signed strength of each edge.
        probabilities (ArrayLike | None): Score of each AU for the shade of its node.
            Defaults to None.
        title (str): Line above the face.

    Returns:
        Figure: Face and legend side by side.

    Raises:
        ValueError: If an edge, its type or the number of strengths does not fit.

    Shapes:
        - strengths: :math:`(edges,)`
        - probabilities: :math:`(N,)`

    Examples:
        >>> figure = draw_au_graph([1, 2, 4], [(0, 1, 'synergy')], [0.7])
        >>> [text.get_text() for text in figure.axes[0].texts][:3]
        ['1', '2', '4']
    """
    aus = [action_unit(number).number for number in aus]
    strengths = np.asarray(strengths, dtype=float)
    types = _check_edges(aus, edges, strengths)
    figure = new_figure(5.6, width=8.0)
    axes = figure.add_axes((0.01, 0.02, 0.62, 0.90))
    axes.set(xlim=(-1.06, 1.06), ylim=(-1.13, 1.12), aspect='equal')
    axes.set_axis_off()
    figure.text(0.03, 0.95, title, fontsize=LARGE, fontweight='bold', color=INK)
    draw_face(axes)
    radius = 0.095 if len(aus) <= 12 else 0.075
    places = place_aus(aus, gap=3.1 * radius)
    largest = max(np.abs(strengths).max(initial=0.0), 1e-12)
    for (i, j, _), kind, strength in zip(edges, types, strengths):
        _draw_edge(axes, places[i], places[j], kind, strength, strength / largest)
    _draw_nodes(axes, aus, places, probabilities, radius)
    _draw_names(figure, aus)
    _draw_legend(figure, types, largest, shaded=probabilities is not None)
    return figure


def _check_edges(
    aus: Sequence[int],
    edges: Sequence[tuple[int, int, int | str]],
    strengths: np.ndarray,
) -> list[str]:
    if strengths.shape != (len(edges),) or not np.isfinite(strengths).all():
        raise ValueError(
            f'{len(edges)} edges need as many finite strengths, got an array of shape '
            f'{strengths.shape}'
        )
    types = []
    for i, j, kind in edges:
        if not (0 <= i < len(aus) and 0 <= j < len(aus) and i != j):
            raise ValueError(
                f'edge ({i}, {j}) must join two of the {len(aus)} AUs, by index from 0'
            )
        if isinstance(kind, (int, np.integer)) and 0 <= kind < len(RELATION_TYPES):
            kind = RELATION_TYPES[kind]
        if kind not in RELATION_TYPES:
            raise ValueError(
                f'edge ({i}, {j}) has type {kind!r}; known are '
                f'{", ".join(RELATION_TYPES)}'
            )
        types.append(kind)
    return types


def _draw_edge(
    axes: Axes,
    start: np.ndarray,
    end: np.ndarray,
    kind: str,
    strength: float,
    share: float,
) -> None:
    # Bend towards the midline side, so that edges over one node part from each other.
    bend = 0.16 if (start[0] + end[0]) * (start[1] - end[1]) >= 0 else -0.16
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle='-',
            connectionstyle=f'arc3,rad={bend}',
            color=BLUE if strength >= 0 else VERMILLION,
            linewidth=_width(share),
            linestyle=_LINE_STYLES[kind],
            alpha=0.55 + 0.4 * abs(share),
            capstyle='butt',
            zorder=2,
            path_effects=[withStroke(linewidth=_width(share) + 2, foreground='white')],
        )
    )


def _draw_nodes(
    axes: Axes,
    aus: Sequence[int],
    places: np.ndarray,
    probabilities: ArrayLike | None,
    radius: float,
) -> None:
    shades = np.zeros(len(aus)) if probabilities is None else np.asarray(probabilities)
    if shades.shape != (len(aus),):
        raise ValueError(
            f'{len(aus)} AUs need as many probabilities, got {shades.shape}'
        )
    for number, (x, y), shade in zip(aus, places, shades):
        face = _shade(shade)
        if action_unit(number).sided:
            axes.plot(-x, y, 'o', ms=4, color=GREY, alpha=0.6, zorder=1.5)
        axes.add_patch(
            Ellipse(
                (x, y),
                2 * radius,
                2 * radius,
                facecolor=face,
                edgecolor=INK,
                linewidth=1.3,
                zorder=3,
            )
        )
        axes.text(x, y - 0.005, str(number), ha='center', va='center', zorder=4,
                  fontsize=LARGE, fontweight='bold',
                  color='white' if shade > 0.7 else INK)  # fmt: skip


def _shade(probability: float) -> tuple[float, float, float, float]:
    return matplotlib.colormaps['Blues'](0.75 * float(probability))


def _draw_names(figure: Figure, aus: Sequence[int]) -> None:
    step = min(0.036, 0.43 / len(aus))
    for row, number in enumerate(aus):
        y = 0.90 - step * row
        figure.text(0.645, y, au_label(number), fontsize=SMALL, fontweight='bold',
                    color=INK, va='top')  # fmt: skip
        name = action_unit(number).name
        figure.text(0.71, y, name, fontsize=SMALL, color=INK, va='top')


def _draw_legend(
    figure: Figure, types: Sequence[str], largest: float, shaded: bool
) -> None:
    entries = [
        dict(color=BLUE, lw=4, label='learned: go together'),
        dict(color=VERMILLION, lw=4, label='learned: exclude each other'),
    ]
    entries += [
        dict(color=INK, lw=1.6, ls=_LINE_STYLES[kind], label=f'prior: {kind}')
        for kind in RELATION_TYPES
        if kind in types
    ]
    entries += [
        dict(color=GREY, lw=_width(1), label=f'strength {largest:.2f}'),
        dict(color=GREY, lw=_width(0.25), label=f'strength {largest / 4:.2f}'),
    ]
    node = dict(color='none', marker='o')
    if shaded:
        entries += [
            dict(node, ms=9, mec=INK, mfc=_shade(value), label=f'AU score {value}')
            for value in (0, 1)
        ]
    entries.append(dict(node, ms=4, mec=GREY, mfc=GREY, label='same AU, other side'))
    figure.legend(
        handles=[Line2D([], [], **entry) for entry in entries],
        loc='lower left',
        bbox_to_anchor=(0.635, 0.02),
        frameon=False,
        fontsize=SMALL,
        labelcolor=INK,
        handlelength=3.2,
        labelspacing=0.55,
    )


def _width(share: float) -> float:
    return 0.8 + 4.2 * abs(share)
