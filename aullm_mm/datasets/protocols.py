# Copyright (c) AULLM-MM contributors.
"""Evaluation protocols: pure functions from annotated clips to splits by subject.

A subject is never on two sides of a split. Validation subjects are taken from the
training subjects, so that nothing is ever chosen on the test subjects.
"""
from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Iterable, Sequence

import numpy as np

from aullm_mm.datasets.annotations import ClipRecord
from aullm_mm.facs.coding import UNKNOWN_AU

# Greedy assignments tried per call; the best balanced one is kept. Measured on tables
# like CASME II, more than this no longer improves the balance noticeably.
_CANDIDATES = 16


@dataclass(frozen=True)
class Split:
    """The clips of one fold, by part.

    Args:
        train: Clips to learn from.
        val: Clips of training subjects held out to choose checkpoint and thresholds.
        test: Clips of the test subjects.

    Raises:
        ValueError: If a subject or a clip is in more than one part.

    Examples:
        >>> Split((), (), ()).test
        ()
    """

    train: tuple[ClipRecord, ...]
    val: tuple[ClipRecord, ...]
    test: tuple[ClipRecord, ...]

    def __post_init__(self) -> None:
        check_disjoint(train=self.train, val=self.val, test=self.test)


def check_disjoint(**parts: Iterable[ClipRecord]) -> None:
    """Make sure that no subject and no clip is in more than one part.

    Args:
        parts: Clips of each part, by its name.

    Raises:
        ValueError: Naming the two parts and the subjects and clips that both hold.

    Examples:
        >>> record = ClipRecord('c', 's1', 'a', 1, 2, 3, 200.0, 'd', '{}.jpg')
        >>> check_disjoint(train=[record], test=[record])
        Traceback (most recent call last):
        ...
        ValueError: train and test share 1 subject(s) (c/s1) and 1 clip(s) (c/s1/a): \
a split must put all clips of a subject on one side
    """
    held = {name: list(records) for name, records in parts.items()}
    for first, second in combinations(held, 2):
        subjects = sorted({r.subject_key for r in held[first]}
                          & {r.subject_key for r in held[second]})
        clips = sorted({r.key for r in held[first]} & {r.key for r in held[second]})
        if subjects or clips:
            raise ValueError(
                f'{first} and {second} share {len(subjects)} subject(s) '
                f'({", ".join(subjects)}) and {len(clips)} clip(s) '
                f'({", ".join(clips)}): a split must put all clips of a subject on '
                'one side')


def subject_folds(records: Sequence[ClipRecord], n_folds: int, seed: int = 0
                  ) -> tuple[frozenset[str], ...]:
    """Divide the subjects into folds of similar clip and AU counts.

    Subjects, the largest first after a seeded jitter, go one by one to the fold that
    so far shares least with them, by clips and by positives of each AU (each count
    relative to the table's total). Of several such assignments the one is kept that
    leaves the fewest folds without a positive of an AU that enough subjects show, then
    the one with the most even counts. The order of ``records`` does not matter.

    Args:
        records: Clips.
        n_folds: Number of folds, 2 or more.
        seed: Seed of the assignment. Defaults to 0.

    Returns:
        ``n_folds`` sets of subject keys; every subject is in exactly one.

    Raises:
        ValueError: If there are fewer subjects than folds, or fewer than two folds.

    Examples:
        >>> clips = [ClipRecord('c', f's{i}', 'a', 1, 2, 3, 200.0, 'd', '{}.jpg')
        ...          for i in range(4)]
        >>> sorted(map(len, subject_folds(clips, 2)))
        [2, 2]
    """
    subjects = sorted({record.subject_key for record in records})
    if n_folds < 2 or n_folds > len(subjects):
        raise ValueError(f'cannot make {n_folds} folds of {len(subjects)} subject(s): '
                         f'n_folds must be 2 to the number of subjects')
    counts = _subject_counts(records, subjects)  # (subjects, 1 + AUs)
    share = counts / counts.sum(axis=0)
    # Even AU counts matter more than even folds: four parts of the weight to one.
    share[:, 1:] *= 2 / np.sqrt(max(share.shape[1] - 1, 1))
    # Folds can only all show an AU that at least as many subjects show.
    spread = (counts > 0).sum(axis=0) >= n_folds
    generator = np.random.default_rng(seed)
    candidates = [_assign(share, n_folds, generator) for _ in range(_CANDIDATES)]
    best = min(candidates, key=lambda fold: _imbalance(fold, share, spread, n_folds))
    return tuple(frozenset(name for name, at in zip(subjects, best) if at == k)
                 for k in range(n_folds))


def split_by_subject(records: Sequence[ClipRecord], n_folds: int = 5, fold: int = 0,
                     seed: int = 0, val_fraction: float = 0.15,
                     train_subjects: int | None = None) -> Split:
    """Return one fold of the seeded subject k-fold as a split.

    Args:
        records: Clips.
        n_folds: Number of folds. Defaults to 5.
        fold: Index of the fold whose subjects are the test subjects. Defaults to 0.
        seed: Seed of the folds. Defaults to 0.
        val_fraction: Share of the training clips held out for validation as whole
            subjects; at least one subject, 0 for none. Defaults to 0.15.
        train_subjects: See :func:`limit_training`. Defaults to None, all of them.

    Raises:
        ValueError: If ``fold``, ``n_folds``, ``val_fraction`` or ``train_subjects`` is
            out of range.

    Examples:
        >>> clips = [ClipRecord('c', f's{i}', 'a', 1, 2, 3, 200.0, 'd', '{}.jpg')
        ...          for i in range(10)]
        >>> split = split_by_subject(clips, n_folds=5, fold=1)
        >>> len(split.train), len(split.val), len(split.test)
        (6, 2, 2)
    """
    folds = subject_folds(records, n_folds, seed)
    if not 0 <= fold < n_folds:
        raise ValueError(f'fold {fold} is out of range: with n_folds={n_folds} it must '
                         f'be 0 to {n_folds - 1}')
    split = split_by_test_subjects(records, folds[fold], seed, val_fraction)
    return limit_training(split, train_subjects, seed)


def limit_training(split: Split, train_subjects: int | None, seed: int = 0) -> Split:
    """Leave only some subjects in the training part, to see how F1 grows with them.

    Validation and test part stay as they are: validation subjects are taken from all
    training subjects first, the ``train_subjects`` from those that remain, in an order
    drawn with the seed. So the subjects of a small part are all in a larger one, and
    every size is judged on the same clips. The validation subjects, which choose the
    checkpoint, are not counted.

    Args:
        split: A split.
        train_subjects: How many subjects to train on; None for all.
        seed: Seed of the order. Defaults to 0.

    Raises:
        ValueError: If ``train_subjects`` is no whole number of 1 to the number of
            training subjects.

    Examples:
        >>> clips = [ClipRecord('c', f's{i}', 'a', 1, 2, 3, 200.0, 'd', '{}.jpg')
        ...          for i in range(10)]
        >>> split = limit_training(split_by_subject(clips), 2)
        >>> len(split.train), len(split.val), len(split.test)
        (2, 2, 2)
    """
    if train_subjects is None:
        return split
    subjects = sorted({record.subject_key for record in split.train})
    whole = isinstance(train_subjects, int) and not isinstance(train_subjects, bool)
    if not whole or not 1 <= train_subjects <= len(subjects):
        raise ValueError(
            f'train_subjects {train_subjects!r} is out of range: it must be 1 to '
            f'{len(subjects)}, the number of training subjects of this fold')
    order = np.random.default_rng(seed).permutation(len(subjects))
    kept = {subjects[place] for place in order[:train_subjects]}
    train = tuple(r for r in split.train if r.subject_key in kept)
    return Split(train, split.val, split.test)


def loso(records: Sequence[ClipRecord], seed: int = 0, val_fraction: float = 0.15
         ) -> tuple[Split, ...]:
    """Return the leave-one-subject-out splits, in the order of the subject keys.

    Args:
        records: Clips of two subjects or more.
        seed: Seed of the choice of validation subjects. Defaults to 0.
        val_fraction: See :func:`split_by_subject`. Defaults to 0.15.

    Raises:
        ValueError: If there are too few subjects or ``val_fraction`` is out of range.

    Examples:
        >>> clips = [ClipRecord('c', f's{i}', 'a', 1, 2, 3, 200.0, 'd', '{}.jpg')
        ...          for i in range(4)]
        >>> [split.test[0].subject for split in loso(clips)]
        ['s0', 's1', 's2', 's3']
    """
    subjects = sorted({record.subject_key for record in records})
    if len(subjects) < 2:
        raise ValueError(f'leave-one-subject-out needs two subjects or more, found '
                         f'{subjects}')
    return tuple(
        split_by_test_subjects(records, frozenset({subject}), seed, val_fraction)
        for subject in subjects)


def split_by_test_subjects(records: Sequence[ClipRecord], test: frozenset[str],
                           seed: int = 0, val_fraction: float = 0.15) -> Split:
    """Return the split that tests on some subjects.

    Args:
        records: Clips.
        test: Keys of the test subjects.
        seed: Seed of the choice of validation subjects. Defaults to 0.
        val_fraction: See :func:`split_by_subject`. Defaults to 0.15.

    Raises:
        ValueError: If ``val_fraction`` is out of range, or too few training subjects
            are left.

    Examples:
        >>> clips = [ClipRecord('c', f's{i}', 'a', 1, 2, 3, 200.0, 'd', '{}.jpg')
        ...          for i in range(4)]
        >>> len(split_by_test_subjects(clips, frozenset({'c/s0'})).val)
        1
    """
    training = [record for record in records if record.subject_key not in test]
    held_out = _val_subjects(training, seed, val_fraction)
    return Split(
        train=tuple(r for r in training if r.subject_key not in held_out),
        val=tuple(r for r in training if r.subject_key in held_out),
        test=tuple(r for r in records if r.subject_key in test))


def _val_subjects(training: Sequence[ClipRecord], seed: int, val_fraction: float
                  ) -> frozenset[str]:
    if not 0 <= val_fraction <= 0.5:
        raise ValueError(f'val_fraction {val_fraction} is out of range: it must be 0 '
                         'to 0.5')
    if val_fraction == 0:
        return frozenset()
    subjects = len({record.subject_key for record in training})
    if subjects < 2:
        raise ValueError(f'{subjects} training subject(s) cannot be divided into '
                         'training and validation: use val_fraction=0 or fewer folds')
    folds = subject_folds(training, min(round(1 / val_fraction), subjects), seed)
    # Of folds with as many clips, many small subjects say more than one large one.
    return max(folds, key=len)


def _subject_counts(records: Sequence[ClipRecord], subjects: Sequence[str]
                    ) -> np.ndarray:
    """Clips and positives of every AU by subject, shape (subjects, 1 + AUs)."""
    row = {name: index for index, name in enumerate(subjects)}
    aus = sorted({au.number for record in records for au in record.aus} - {UNKNOWN_AU})
    counts = np.zeros((len(subjects), 1 + len(aus)))
    for record in records:
        labels = [record.label(number) == 1 for number in aus]
        counts[row[record.subject_key]] += [1, *labels]
    return counts[:, counts.sum(axis=0) > 0]


def _assign(share: np.ndarray, n_folds: int, generator: np.random.Generator
            ) -> np.ndarray:
    size = share.sum(axis=1) * generator.uniform(0.5, 1.5, len(share))
    totals = np.zeros((n_folds, share.shape[1]))
    held = np.zeros(n_folds, dtype=int)
    fold_of = np.zeros(len(share), dtype=int)
    for placed, subject in enumerate(np.argsort(-size, kind='stable')):
        # Adding v to fold f raises the sum of squares by 2 f.v + v.v: least f.v wins.
        cost = totals @ share[subject]
        empty = held == 0
        if len(share) - placed <= empty.sum():
            cost = np.where(empty, cost, np.inf)
        fold = np.lexsort((held, cost))[0]
        fold_of[subject] = fold
        totals[fold] += share[subject]
        held[fold] += 1
    return fold_of


def _imbalance(fold_of: np.ndarray, share: np.ndarray, spread: np.ndarray, n_folds: int
               ) -> tuple[int, float]:
    totals = np.stack([share[fold_of == k].sum(axis=0) for k in range(n_folds)])
    without = int((totals[:, spread] == 0).sum())
    return without, float((totals ** 2).sum())
