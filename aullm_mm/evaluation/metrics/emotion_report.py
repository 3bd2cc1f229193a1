# Copyright (c) AULLM-MM contributors.
"""The table of scores per emotion class, for a terminal or a log file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich import box
from rich.table import Table

from aullm_mm.visualization.report import render_table

from ..functional import EmotionScores, emotion_scores

COLUMNS = ('clips', 'predicted', 'precision', 'recall', 'F1')


def format_emotion_table(
    classes: Sequence[str],
    result: EmotionScores,
    title: str = '',
    notes: Sequence[str] = (),
    colour: bool = False,
    width: int = 100,
) -> str:
    """Lay out scores per emotion class, with UAR and UF1 in the last row.

    Undefined values are shown as a dash.

    Args:
        classes (Sequence[str]): Names of the classes.
        result (EmotionScores): Scores of the model.
        title (str): Line above the table. Defaults to none.
        notes (Sequence[str]): Lines below the table. Defaults to none.
        colour (bool): Whether to write terminal colours. Defaults to False.
        width (int): Columns of the terminal. Defaults to 100.

    Returns:
        str: The table, lines separated by newlines, without a last newline.

    Examples:
        >>> from aullm_mm.evaluation.functional import emotion_scores
        >>> scores = emotion_scores([0, 0, 1], [0, 1, 1], num_classes=2)
        >>> text = format_emotion_table(['negative', 'positive'], scores)
        >>> next(line for line in text.splitlines() if 'positive' in line).split()
        ['positive', '1', '2', '0.500', '1.000', '0.667']
    """
    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify='left')
    table.add_column('emotion', no_wrap=True)
    for name in COLUMNS:
        table.add_column(name, justify='right', no_wrap=True)
    for i, name in enumerate(classes):
        counts = str(result.support[i]), str(result.predicted[i])
        values = (result.precision[i], result.recall[i], result.f1[i])
        table.add_row(name, *counts, *map(_number, values))
    table.add_section()
    defined = f'mean of {len(classes) - result.undefined} of {len(classes)} classes'
    means = '', _number(result.uar), _number(result.uf1)
    table.add_row(defined, str(result.support.sum()), '', *means, style='bold')
    return render_table(table, notes, colour, width)


def accuracy_notes(
    classes: Sequence[str], labels: np.ndarray, result: EmotionScores
) -> list[str]:
    """Accuracy, and what always saying the most frequent class would score.

    Args:
        classes (Sequence[str]): Names of the classes.
        labels (np.ndarray): Class indices, -1 where there is no emotion.
        result (EmotionScores): Scores of the model.

    Returns:
        list[str]: Two sentences, or none where no clip has an emotion.
    """
    if not result.support.any():
        return []
    most = int(result.support.argmax())
    always = emotion_scores(labels, np.full(len(labels), most), len(classes))
    return [
        f'Accuracy {result.accuracy:.3f}.',
        f'Always "{classes[most]}": UF1 {always.uf1:.3f}, UAR {always.uar:.3f}, '
        f'accuracy {always.accuracy:.3f}.',
    ]


def undefined_emotions(classes: Sequence[str], result: EmotionScores) -> list[str]:
    """Name each class without a clip, and say what becomes of its scores.

    Args:
        classes (Sequence[str]): Names of the classes.
        result (EmotionScores): Scores of the model.

    Returns:
        list[str]: One sentence a class concerned.
    """
    return [
        f'{name}: F1, recall undefined, left out of UF1 and UAR: no clip among '
        f'{result.support.sum()}.'
        for name, support in zip(classes, result.support)
        if support == 0
    ]


def _number(value: float) -> str:
    return '-' if np.isnan(value) else f'{value:.3f}'
