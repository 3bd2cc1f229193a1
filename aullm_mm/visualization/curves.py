# Copyright (c) AULLM-MM contributors.
"""Losses and scores over the epochs of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import INK, MEDIUM, SERIES, SMALL, new_figure, plain_axes

_MEANS = ('au/F1_mean', 'au/macro_F1_mean', 'au/AUC_mean', 'au/all_positive_F1_mean')


def draw_training_curves(records: Sequence[Mapping[str, float]]) -> Figure:
    """Draw the losses and, where there are any, the validation scores of a run.

    Args:
        records (Sequence[Mapping]): The lines of ``vis_data/scalars.json`` as MMEngine
            writes them: training lines hold ``loss`` and more ``loss_*`` with ``iter``
            or ``step``; validation lines hold ``au/F1_mean`` and more, their ``step``
            being the epoch.

    Returns:
        Figure: Losses on the left, mean scores on the right.

    Raises:
        ValueError: If no record holds a loss.

    Examples:
        >>> records = [dict(loss=1.0, iter=1), dict(loss=0.5, iter=2)]
        >>> draw_training_curves(records).axes[0].get_ylabel()
        'loss'
    """
    training = [record for record in records if 'loss' in record]
    scored = [record for record in records if any(key in record for key in _MEANS)]
    if not training:
        raise ValueError(f'none of the {len(records)} records to draw holds a loss')
    figure = new_figure(3.3)
    grid = figure.add_gridspec(
        1, 2 if scored else 1, left=0.07, right=0.98, bottom=0.16, top=0.84, wspace=0.2
    )
    _draw_losses(figure.add_subplot(grid[0]), training)
    if scored:
        _draw_scores(figure.add_subplot(grid[1]), scored)
    return figure


def _draw_losses(axes: Axes, records: Sequence[Mapping[str, float]]) -> None:
    keys = sorted({key for record in records for key in record if 'loss' in key})
    keys.sort(key=lambda key: key != 'loss')  # the sum comes first
    steps = [r.get('iter', r.get('step', i)) for i, r in enumerate(records)]
    for key, colour in zip(keys, SERIES):
        values = np.array([record.get(key, np.nan) for record in records], dtype=float)
        axes.plot(steps, values, color=colour, lw=0.8, alpha=0.3)
        axes.plot(
            steps,
            _running_mean(values),
            color=colour,
            lw=2.2 if key == 'loss' else 1.4,
            label=key,
        )
    axes.set_xlabel('iteration', fontsize=MEDIUM, color=INK)
    axes.set_ylabel('loss', fontsize=MEDIUM, color=INK)
    axes.set_ylim(bottom=0)
    _finish(axes)


def _draw_scores(axes: Axes, records: Sequence[Mapping[str, float]]) -> None:
    steps = [record.get('step', i + 1) for i, record in enumerate(records)]
    names = ('F1', 'macro-F1', 'AUC', 'all-positive F1')
    for key, name, colour in zip(_MEANS, names, SERIES):
        values = np.array([record.get(key, np.nan) for record in records], dtype=float)
        if np.isnan(values).all():
            continue
        constant = key == _MEANS[-1]
        axes.plot(
            steps,
            values,
            color=INK if constant else colour,
            lw=1.2 if constant else 2.0,
            ls='--' if constant else '-',
            marker='' if constant else 'o',
            ms=3.5,
            label=name,
        )
    axes.set_xlabel('epoch', fontsize=MEDIUM, color=INK)
    axes.set_ylabel('validation, mean over AUs', fontsize=MEDIUM, color=INK)
    axes.set_ylim(0, 1)
    axes.xaxis.get_major_locator().set_params(integer=True)
    _finish(axes)


def _finish(axes: Axes) -> None:
    plain_axes(axes)
    axes.grid(axis='y', color='#E3E6EA', lw=0.8)
    axes.set_axisbelow(True)
    axes.legend(
        loc='lower left',
        bbox_to_anchor=(-0.02, 1.0),
        ncols=4,
        frameon=False,
        fontsize=SMALL,
        labelcolor=INK,
        handlelength=1.5,
        columnspacing=1.2,
    )


def _running_mean(values: np.ndarray) -> np.ndarray:
    """Mean over a window of a twentieth of the run, shorter at its ends."""
    half = len(values) // 40
    windows = [values[max(i - half, 0) : i + half + 1] for i in range(len(values))]
    known = [window[~np.isnan(window)] for window in windows]
    return np.array([window.mean() if len(window) else np.nan for window in known])
