# Copyright (c) AULLM-MM contributors.
"""The field's protocols by name: pure functions from clips to the folds of a run.

========================  ==========================================================
``loso``                  leave one subject out
``kfold:K``               K seeded folds of whole subjects
``cross:A->B``            train on corpus A, test on all of corpus B
``leave-one-corpus-out``  each corpus in turn is the test corpus (CD6ME)
``megc``                  leave one subject out over the clips that have one of MEGC's
                          three emotions
``file:PATH``             the one fold that a split file holds
========================  ==========================================================

Validation subjects always come from the training subjects; a split file says for itself
who they are.
"""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from aullm_mm.datasets.annotations import ClipRecord
from aullm_mm.datasets.protocols import (Split, check_disjoint, limit_training, loso,
                                         split_by_subject, split_by_test_subjects)
from aullm_mm.datasets.split_file import load_split

PROTOCOLS = (
    'loso', 'kfold:K', 'cross:A->B', 'leave-one-corpus-out', 'megc', 'file:PATH')
WITH_DETAIL = ('kfold', 'cross', 'file')
#: Emotion scheme of the composite protocol.
MEGC_SCHEME = '3'


@dataclass(frozen=True)
class Fold:
    """One fold of a protocol.

    Args:
        index: Place among the folds, from 0.
        name: What is tested: a subject, ``'2 of 5'``, a corpus, or a file's name.
        split: Its clips.
    """

    index: int
    name: str
    split: Split


def make_folds(
    protocol: str, records: Sequence[ClipRecord], seed: int = 0,
    val_fraction: float = 0.15, train_subjects: int | None = None
) -> tuple[Fold, ...]:
    """Make the folds of a protocol.

    Args:
        protocol: One of :data:`PROTOCOLS`, with its parts filled in.
        records: Clips of all corpora concerned.
        seed: Seed of k-fold and of the choice of validation subjects. Defaults to 0.
        val_fraction: Share of the training clips held out for validation, as whole
            subjects; 0 for none. Defaults to 0.15.
        train_subjects: Train on so many subjects of each fold only, see
            :func:`~aullm_mm.datasets.protocols.limit_training`. Defaults to None.

    Raises:
        ValueError: If the protocol is not known or does not fit the clips, or if a
            subject or clip is on both sides.
        FileNotFoundError: If there is no such split file.

    Examples:
        >>> clips = [ClipRecord(c, f's{i}', 'a', 1, 2, 3, 200.0, 'd', '{}.jpg')
        ...          for c in ('x', 'y') for i in range(3)]
        >>> [fold.name for fold in make_folds('leave-one-corpus-out', clips)]
        ['x', 'y']
    """
    name, _, detail = protocol.partition(':')
    makers = {
        'loso': _loso, 'kfold': _kfold, 'cross': _cross, 'megc': _megc,
        'leave-one-corpus-out': _leave_one_corpus_out, 'file': _file}
    if name not in makers or (name in WITH_DETAIL) != bool(detail):
        raise ValueError(
            f'unknown protocol {protocol!r}: choose one of {", ".join(PROTOCOLS)}')
    check_unique(records)
    named = makers[name](records, detail, seed, val_fraction)
    return tuple(Fold(i, title, limit_training(split, train_subjects, seed))
                 for i, (title, split) in enumerate(named))


def check_unique(records: Sequence[ClipRecord]) -> None:
    """Raise if a clip is there twice, as when one corpus is given under two roots.

    Args:
        records: Clips.

    Raises:
        ValueError: Naming the clips.
    """
    seen, twice = set(), set()
    for record in records:
        (twice if record.key in seen else seen).add(record.key)
    if twice:
        raise ValueError(
            f'{len(twice)} clip(s) are there twice: {", ".join(sorted(twice)[:5])}. '
            f'Name each corpus once.')


Named = list[tuple[str, Split]]


def _loso(records, detail, seed, val_fraction) -> Named:
    splits = loso(records, seed, val_fraction)
    return [(split.test[0].subject_key, split) for split in splits]


def _kfold(records, detail, seed, val_fraction) -> Named:
    if not detail.isdecimal():
        raise ValueError(f'protocol kfold needs a number of folds, as in kfold:5, got '
                         f'{detail!r}')
    count = int(detail)
    return [(f'{k + 1} of {count}',
             split_by_subject(records, count, k, seed, val_fraction))
            for k in range(count)]


def _cross(records, detail, seed, val_fraction) -> Named:
    source, arrow, target = detail.partition('->')
    corpora = sorted({record.corpus for record in records})
    if not arrow or source == target or not {source, target} <= set(corpora):
        raise ValueError(
            f'protocol cross needs two different corpora as in cross:casme2->samm, '
            f'got {detail!r}; the config has {corpora}')
    train = [record for record in records if record.corpus == source]
    test = [record for record in records if record.corpus == target]
    check_disjoint(train=train, test=test)
    return [(detail, _to_corpus(train + test, target, seed, val_fraction))]


def _leave_one_corpus_out(records, detail, seed, val_fraction) -> Named:
    corpora = sorted({record.corpus for record in records})
    if len(corpora) < 2:
        raise ValueError(
            f'protocol leave-one-corpus-out needs two corpora or more, the config has '
            f'{corpora}')
    return [(corpus, _to_corpus(records, corpus, seed, val_fraction))
            for corpus in corpora]


def _megc(records, detail, seed, val_fraction) -> Named:
    kept = [r for r in records if r.emotion_in(MEGC_SCHEME) is not None]
    if not kept:
        raise ValueError('protocol megc needs clips with an emotion, there is none')
    return _loso(kept, detail, seed, val_fraction)


def _file(records, detail, seed, val_fraction) -> Named:
    path = Path(detail)
    split = load_split(path, records)
    for part in ('train', 'test'):
        if not getattr(split, part):
            raise ValueError(f'protocol file needs clips in {part}, {path} has none')
    return [(path.name, split)]


def _to_corpus(records, target, seed, val_fraction) -> Split:
    held_out = frozenset(r.subject_key for r in records if r.corpus == target)
    return split_by_test_subjects(records, held_out, seed, val_fraction)
