# Copyright (c) AULLM-MM contributors.
"""What a run leaves behind of its AU scores: the logged table and the JSON file."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from mmengine.logging import MMLogger

from aullm_mm.facs import action_unit, au_label
from aullm_mm.utils.atomic import write_text_atomic
from aullm_mm.utils.jsonable import nan_to_none
from aullm_mm.visualization.report import ScoreRow, format_score_table

from ..functional import AUScores

#: Field of AUScores and its key in metrics and reports, in the order of ScoreRow.
MEASURES = {'f1': 'F1', 'macro_f1': 'macro_F1', 'auc': 'AUC'}


def score_rows(
    aus: Sequence[int], result: AUScores, constant: AUScores | None
) -> list[ScoreRow]:
    """Turn scores into the rows of a table, one an AU.

    Args:
        aus (Sequence[int]): AU numbers in the order of the columns.
        result (AUScores): Scores of the model.
        constant (AUScores | None): Scores of the all-positive baseline.

    Returns:
        list[ScoreRow]: One row an AU.
    """
    return [
        ScoreRow(
            *(float(getattr(result, measure)[i]) for measure in MEASURES),
            None if constant is None else float(constant.f1[i]),
            au=au,
            positives=int(result.positives[i]),
            known=int(result.known[i]),
            threshold=float(result.thresholds[i]),
        )
        for i, au in enumerate(aus)
    ]


def undefined_notes(aus: Sequence[int], result: AUScores) -> list[str]:
    """Name each AU with an undefined value, and why it is undefined.

    Args:
        aus (Sequence[int]): AU numbers in the order of the columns.
        result (AUScores): Scores of the model.

    Returns:
        list[str]: One sentence an AU concerned.
    """
    notes = []
    for i, au in enumerate(aus):
        reasons = {key: result.why_undefined(m, i) for m, key in MEASURES.items()}
        left_out = [key for key, reason in reasons.items() if reason]
        if left_out:
            names, reason = ', '.join(left_out), reasons[left_out[-1]]
            notes.append(f'{au_label(au)}: {names} undefined, left out: {reason}.')
    return notes


def log_scores(
    aus: Sequence[int],
    result: AUScores,
    constant: AUScores | None,
    title: str,
    notes: Sequence[str],
) -> None:
    """Log the table: in colour on a terminal, plain elsewhere and in log files.

    Args:
        aus (Sequence[int]): AU numbers in the order of the columns.
        result (AUScores): Scores of the model.
        constant (AUScores | None): Scores of the all-positive baseline.
        title (str): Line above the table.
        notes (Sequence[str]): Lines below the table.
    """
    rows = score_rows(aus, result, constant)
    mean = ScoreRow(
        *(result.mean(measure) for measure in MEASURES),
        None if constant is None else constant.mean('f1'),
    )
    log_table(lambda colour: format_score_table(rows, mean, title, notes, colour))


def log_table(render: Callable[[bool], str]) -> None:
    """Log a table: in colour on a terminal, plain elsewhere and in log files.

    Args:
        render (Callable[[bool], str]): Gives the text, in colour or plain.
    """
    plain = '\n' + render(False)
    logger = MMLogger.get_current_instance()
    if not sys.stdout.isatty():
        logger.info(plain)
        return
    print(render(True), flush=True)
    record = logging.LogRecord(
        logger.name, logging.INFO, __file__, 0, plain, None, None
    )
    for handler in logger.handlers:
        if isinstance(handler, logging.FileHandler):
            handler.handle(record)


def write_scores(
    path: str | Path,
    aus: Sequence[int],
    rows: Sequence[ScoreRow],
    metrics: dict[str, float],
    clips: Sequence[dict],
) -> None:
    """Write scores, labels and predictions as JSON, whole or not at all.

    Undefined values are written as null.

    Args:
        path (str | Path): The file; its folder is made where missing.
        aus (Sequence[int]): AU numbers in the order of the columns.
        rows (Sequence[ScoreRow]): Scores, one row an AU.
        metrics (dict[str, float]): Flat scores as the metric returns them.
        clips (Sequence[dict]): Clip id, subject, labels and scores of each clip.
    """
    per_au = {
        au_label(row.au): dict(vars(row), name=action_unit(row.au).name) for row in rows
    }
    content = dict(
        format='aullm_mm.au_scores',
        version=1,
        aus=list(aus),
        metrics=metrics,
        per_au=per_au,
        clips=list(clips),
    )
    text = json.dumps(nan_to_none(content), indent=1, allow_nan=False)
    write_text_atomic(path, text + '\n')
