# Copyright (c) AULLM-MM contributors.
"""Scores of the emotion branch over all folds."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aullm_mm.evaluation.functional import (
    emotion_indicators,
    emotion_scores,
    subject_bootstrap,
)

#: Measures and what they are called in a bootstrap over indicators of the classes.
INTERVALS = {'UF1': 'f1_mean', 'UAR': 'recall_mean'}


def summarize_emotions(
    seeds: Sequence[Sequence[dict[str, Any]]], bootstrap: int
) -> dict[str, Any] | None:
    """UF1, UAR and accuracy of the pooled predictions; None without emotions.

    Args:
        seeds: Results of the folds, by seed.
        bootstrap: Resamples of subjects.

    Returns:
        Means and deviations over seeds, overall and per corpus, as JSON values.
    """
    classes = seeds[0][0]['emotions']
    if not classes:
        return None
    runs = [_pooled(folds) for folds in seeds]
    corpora = sorted({clip['corpus'] for clip in runs[0]})
    by_corpus = {
        name: _judge([[c for c in run if c['corpus'] == name] for run in runs],
                     len(classes), bootstrap) for name in corpora}
    labels = np.array([clip['emotion'] for clip in runs[0]])
    return {
        'classes': list(classes),
        'clips': {name: int((labels == i).sum()) for i, name in enumerate(classes)},
        **_judge(runs, len(classes), bootstrap), 'per corpus': by_corpus}


def _pooled(folds: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Test clips of all folds that have an emotion, each once."""
    clips = {clip['clip_id']: clip for fold in folds for clip in fold['test']}
    kept = [clips[key] for key in sorted(clips) if clips[key].get('emotion', -1) >= 0]
    if not kept:
        raise ValueError('no test clip has an emotion of the scheme')
    return kept


def _judge(
    runs: Sequence[Sequence[dict[str, Any]]], num_classes: int, bootstrap: int
) -> dict[str, Any]:
    values: dict[str, list[float]] = {'UF1': [], 'UAR': [], 'accuracy': []}
    ends: dict[str, list] = {name: [] for name in INTERVALS}
    for run in runs:
        labels = [clip['emotion'] for clip in run]
        guesses = [int(np.argmax(clip['emotion_score'])) for clip in run]
        found = emotion_scores(labels, guesses, num_classes)
        for name, value in zip(values, (found.uf1, found.uar, found.accuracy)):
            values[name].append(value)
        truth, guess = emotion_indicators(labels, guesses, num_classes)
        subjects = [clip['subject'] for clip in run]
        for name, statistic in INTERVALS.items():
            ends[name].append(
                subject_bootstrap(truth, guess, subjects, statistic, bootstrap))
    summary = {}
    for name, each in values.items():
        low, high = np.mean(ends[name], axis=0) if name in ends else (None, None)
        summary[name] = {
            'value': float(np.mean(each)), 'std': float(np.std(each)),
            'each_seed': each, 'low': None if low is None else float(low),
            'high': None if high is None else float(high)}
    return summary


def format_emotions(summary: dict[str, Any]) -> list[str]:
    """Lines of the readable report, in per cent.

    Args:
        summary: Of :func:`summarize_emotions`.
    """
    counts = ', '.join(f'{name} {n}' for name, n in summary['clips'].items())
    lines = [f'Emotions ({counts} clips), pooled',
             f'  {"":12s}{"UF1":>7s}{"95%":>16s}{"UAR":>8s}{"95%":>16s}'
             f'{"accuracy":>10s}']
    rows = {'all': summary}
    if len(summary['per corpus']) > 1:
        rows.update(summary['per corpus'])
    for name, row in rows.items():
        cells = [f'  {name:12s}']
        for measure, width in (('UF1', 7), ('UAR', 8)):
            entry = row[measure]
            interval = f'{_percent(entry["low"])} to {_percent(entry["high"])}'
            cells.append(f'{_percent(entry["value"]):>{width}s}{interval:>16s}')
        lines.append(''.join(cells) + f'{_percent(row["accuracy"]["value"]):>10s}')
    return lines


def _percent(value: float) -> str:
    return '-' if np.isnan(value) else f'{100 * value:.1f}'
