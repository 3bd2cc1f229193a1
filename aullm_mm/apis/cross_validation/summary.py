# Copyright (c) AULLM-MM contributors.
"""From the results of all folds to scores: pooled by clip, per AU, corpus and seed."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from aullm_mm.evaluation.functional import (
    all_positive_scores,
    au_scores,
    choose_thresholds,
    subject_bootstrap,
)
from aullm_mm.evaluation.functional.pooling import (
    Predictions,
    at_inner_thresholds,
    pool,
    predictions_of,
    with_half_as_threshold,
)
from aullm_mm.facs import au_label

from .emotions import summarize_emotions
from .plan import Plan
from .unit import FILE, read_result

FORMAT = 'aullm_mm.cross_validation'
ORACLE = 'oracle, not a result'
MEASURES = ('f1', 'macro_f1', 'auc')
Fold = dict[str, Any]
Scores = dict[str, Any]


def load_seeds(plan: Plan, work_dir: Path) -> dict[int, list[Fold]]:
    """Results of the folds, by seed; seeds with a missing fold are left out.

    Args:
        plan: The plan.
        work_dir: Folder of the cross-validation.

    Raises:
        FileNotFoundError: If no seed is finished; the message counts what is missing.
        ValueError: If a result belongs to another split than the plan's.
    """
    paths = {unit: unit.folder(work_dir) / FILE for unit in plan.units}
    missing = {unit for unit, path in paths.items() if not path.is_file()}
    done = [s for s in plan.seeds if not any(u.seed == s for u in missing)]
    if not done:
        raise FileNotFoundError(
            f'{work_dir}: {len(missing)} of {len(paths)} folds have no result yet; '
            f'run the same command with --resume.')
    seeds = {s: [read_result(p) for u, p in paths.items() if u.seed == s] for s in done}
    for folds in seeds.values():
        for fold, planned in zip(folds, plan.folds):
            if fold['hash'] != planned['hash']:
                raise ValueError(
                    f'the result of fold {planned["name"]} in {work_dir} is of another '
                    f'split: remove its folder and run with --resume.')
    return seeds


def pooled(folds: Sequence[Fold]) -> Predictions:
    """Test predictions of all folds of a seed."""
    return pool([predictions_of(fold['test']) for fold in folds])


def pooled_inner(folds: Sequence[Fold]) -> Predictions | None:
    """The same, judged at thresholds chosen on each fold's validation subjects."""
    if not all(fold['val'] for fold in folds):
        return None
    return pool([at_inner_thresholds(*map(predictions_of, (f['test'], f['val'])))
                 for f in folds])


def oracle_threshold(folds: Sequence[Fold]) -> Predictions:
    """The same, at thresholds tuned on the very clips that are judged."""
    found = pooled(folds)
    thresholds = choose_thresholds(found.labels, found.scores)
    return Predictions(
        found.clip_ids, found.subjects, found.corpora, found.labels,
        with_half_as_threshold(found.scores, thresholds))


def oracle_epoch(folds: Sequence[Fold]) -> Predictions | None:
    """The same, each fold at the epoch that is best on its test clips."""
    if not all(fold['oracle_epochs'] for fold in folds):
        return None
    return pool([_best_epoch(fold) for fold in folds])


def _best_epoch(fold: Fold) -> Predictions:
    test = predictions_of(fold['test'])
    epochs = [np.array([epoch[clip] for clip in test.clip_ids])
              for epoch in fold['oracle_epochs'].values()]
    # Correct decisions stand in where a fold has no positive and so no F1.
    quality = [(np.nan_to_num(au_scores(test.labels, e).mean('f1')),
                ((e >= 0.5) == (test.labels == 1)).mean()) for e in epochs]
    best = max(range(len(epochs)), key=lambda i: quality[i])
    return Predictions(
        test.clip_ids, test.subjects, test.corpora, test.labels, epochs[best])


def summarize(plan: Plan, work_dir: Path, bootstrap: int = 1000) -> Scores:
    """Judge a cross-validation.

    Args:
        plan: The plan.
        work_dir: Its folder.
        bootstrap: Resamples of subjects. Defaults to 1000.

    Returns:
        JSON values; undefined scores are NaN.

    Raises:
        FileNotFoundError: If no seed is finished.
        ValueError: If a clip is tested in two folds, or a result is of another split.
    """
    seeds = load_seeds(plan, work_dir)
    folds = list(seeds.values())
    aus = folds[0][0]['aus']
    runs = [pooled(each) for each in folds]

    def judge(choose: Callable[[Sequence[Fold]], Predictions | None]) -> Scores | None:
        chosen = [choose(each) for each in folds]
        if any(each is None for each in chosen):
            return None
        return score(chosen, runs, aus, bootstrap)

    first = runs[0]
    corpora = sorted(set(first.corpora))
    return {
        'format': FORMAT, 'version': 1, 'protocol': plan.protocol, 'aus': aus,
        'seeds': list(seeds), 'unfinished_seeds': sorted(set(plan.seeds) - set(seeds)),
        'clips': len(first.clip_ids), 'subjects': len(set(first.subjects)),
        'threshold 0.5': judge(pooled),
        'threshold chosen on validation subjects': judge(pooled_inner),
        'per corpus': {
            corpus: score(kept, kept, aus, bootstrap) for corpus in corpora
            for kept in [[r.where([c == corpus for c in r.corpora]) for r in runs]]},
        'emotions': summarize_emotions(folds, bootstrap),
        ORACLE: {
            'threshold tuned on the test clips': judge(oracle_threshold),
            'epoch chosen on the test clips': judge(oracle_epoch)},
        'notes': fold_notes(folds[0], aus),
        'folds': list(plan.folds),
        'seconds': sum(fold['seconds'] for each in folds for fold in each),
        'tables': plan.tables, 'versions': plan.versions, 'config': plan.config,
    }


def score(
    judged: Sequence[Predictions], raw: Sequence[Predictions], aus: Sequence[int],
    bootstrap: int
) -> Scores:
    """Scores of several seeds of the same clips at 0.5.

    Args:
        judged: Predictions, one a seed, whose thresholds are one half.
        raw: The same with their original scores, for the AUC.
        aus: AU numbers.
        bootstrap: Resamples of subjects.
    """
    results = [au_scores(p.labels, p.scores) for p in judged]
    values = {m: np.stack([getattr(r, m) for r in results]) for m in MEASURES}
    values['auc'] = np.stack([au_scores(p.labels, p.scores).auc for p in raw])
    ends = {s: np.mean([subject_bootstrap(p.labels, p.scores, p.subjects, s, bootstrap)
                        for p in judged], axis=0) for s in ('f1', 'f1_mean')}
    constant = all_positive_scores(judged[0].labels)
    rows = {}
    for i, number in enumerate(aus):
        rows[au_label(number)] = {
            'positives': int(results[0].positives[i]),
            'known': int(results[0].known[i]),
            **{m: _over_seeds(values[m][:, i]) for m in MEASURES},
            'low': ends['f1'][0, i], 'high': ends['f1'][1, i],
            'all_positive_f1': constant.f1[i],
            'undefined': results[0].why_undefined('f1', i)}
    means = {m: _over_seeds([_mean(row) for row in values[m]]) for m in MEASURES}
    return {'per_au': rows, 'mean': {
        **means, 'low': ends['f1_mean'][0], 'high': ends['f1_mean'][1],
        'all_positive_f1': constant.mean('f1')}}


def fold_notes(folds: Sequence[Fold], aus: Sequence[int]) -> list[str]:
    """Name AUs that have no positive in the test clips of some folds.

    Their F1 is undefined in such a fold; it is computed on the pooled predictions.
    """
    labels = [predictions_of(fold['test']).labels for fold in folds]
    notes = []
    for i, number in enumerate(aus):
        without = sum(not (matrix[:, i] == 1).any() for matrix in labels)
        if without:
            notes.append(
                f'{au_label(number)} has no positive test clip in {without} of '
                f'{len(folds)} folds; its F1 there is undefined, and that of the '
                f'pooled predictions is given.')
    return notes


def _over_seeds(values: Sequence[float]) -> dict[str, Any]:
    values = [float(value) for value in values]
    return {'value': float(np.mean(values)), 'std': float(np.std(values)),
            'each_seed': values}


def _mean(row: np.ndarray) -> float:
    return float(np.nanmean(row)) if not np.isnan(row).all() else float('nan')
