# Copyright (c) AULLM-MM contributors.
"""The page of a run: scores and intervals, confusion, curves and worst clips."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aullm_mm.utils.atomic import write_atomic

from .charts import known, line_chart
from .embed import environment

#: Width and height of the chart of one AU.
SMALL = (190.0, 110.0)
#: More trainings than this are drawn as thin lines of one colour, without names.
FEW = 3
_STYLES = ('main', 'second', 'third', 'fourth')


def write_run_page(report: Mapping[str, Any], path: str | Path) -> Path:
    """Write the page of a run, whole or not at all.

    Args:
        report: See :func:`render_run_page`.
        path: The HTML file; its folder is made where missing.

    Returns:
        The file.
    """
    return write_atomic(path, render_run_page(report).encode('utf-8'))


def render_run_page(report: Mapping[str, Any]) -> str:
    """HTML of the report of a run: one file that asks for nothing.

    Args:
        report: What :func:`aullm_mm.apis.run_report.report_view` gives.

    Examples:
        >>> report = dict(name='run', kind='training', facts={}, seeds=0, tables=[],
        ...     notes=[], units=[], thresholds=[], mistakes=[], logs=[], folds=[],
        ...     versions={}, config='')
        >>> '<h1>run</h1>' in render_run_page(report)
        True
    """
    units = [dict(unit, chart=_threshold_chart(unit, report['thresholds']))
             for unit in report['units']]
    data = dict(thresholds=report['thresholds'],
                units=[dict(label=u['label'], counts=u['counts']) for u in units])
    view = dict(report, known=known, share=share, units=units, data=data,
                half=_half(report['thresholds']),
                log_charts=_log_charts(report['logs']))
    return environment().get_template('run.html.jinja').render(view)


def share(value: float) -> float:
    """A fraction in per cent, kept between 0 and 100.

    Examples:
        >>> share(0.25)
        25.0
    """
    return round(100 * min(max(value, 0.0), 1.0), 2)


def _half(thresholds: Sequence[float]) -> int:
    """Index of the threshold 0.5."""
    return min(range(len(thresholds)), key=lambda i: abs(thresholds[i] - 0.5),
               default=0)


def _threshold_chart(unit: Mapping[str, Any], thresholds: Sequence[float]) -> dict:
    lines = [
        dict(points=[(t, unit['constant']) for t in (0, 1)], name='all-positive F1',
             style='constant'),
        dict(points=list(zip(thresholds, unit['f1'])), name='F1', style='main')]
    return line_chart(lines, (0, 1), (0, 1), 'threshold', 'F1', SMALL)


def _log_charts(logs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Losses and validation scores; few trainings show every loss, many the sum."""
    losses, scores = [], []
    for index, log in enumerate(logs):
        many = len(logs) > FEW
        style = 'thin' if many else _STYLES[index % len(_STYLES)]
        for place, (key, points) in enumerate(log['losses'].items()):
            if len(logs) > 1 and key != 'loss':
                continue
            of_loss = style if len(logs) > 1 else _STYLES[place % len(_STYLES)]
            name = key if len(logs) == 1 else log['name']
            losses.append(dict(points=points, name=name, style=of_loss))
        scores.append(dict(points=log['scores'], name=log['name'], style=style))
    scored = [line for line in scores if line['points']]
    constants = [log['constant'] for log in logs if log['constant'] is not None]
    if scored and len(constants) == 1:
        steps = [x for line in scored for x, _ in line['points']]
        scored.append(dict(points=[(x, constants[0]) for x in (min(steps), max(steps))],
                           name='all-positive F1', style='constant'))
    charts = []
    if losses:
        charts.append(dict(line_chart(losses, x_title='iteration', y_title='loss'),
                           title='Training losses'))
    if scored:
        charts.append(dict(
            line_chart(scored, y_range=(0, 1), x_title='epoch', y_title='mean F1'),
            title='Validation, mean F1 over action units'))
    return charts
