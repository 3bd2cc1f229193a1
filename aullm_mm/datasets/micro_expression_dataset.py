# Copyright (c) AULLM-MM contributors.
"""The dataset of any annotated micro-expression corpus."""
from __future__ import annotations

from pathlib import Path
from typing import Sequence

import numpy as np
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log
from tqdm import tqdm

from aullm_mm.facs.action_units import check_au_list
from aullm_mm.facs.coding import UNKNOWN_AU
from aullm_mm.registry import DATASETS
from aullm_mm.utils.parallel import available_cores, run_in_threads

from .annotations import ClipRecord, label_matrix, load_table
from .corpora import ensure_annotations
from .protocols import split_by_subject
from .transforms.cache_clip import CacheClip

PARTS = ('train', 'val', 'test', 'all')


@DATASETS.register_module()
class MicroExpressionDataset(BaseDataset):
    """Clips of an annotation table, split by subject, with labels over an AU list.

    The table is written from the official release where it is missing or older than
    the spreadsheet. The split never puts a subject on two sides: ``test`` is fold
    ``fold`` of a seeded subject k-fold, ``val`` holds some of the remaining (training)
    subjects, ``train`` the others.

    Args:
        corpus: Name of the corpus, for example ``'casme2'``.
        data_root: Folder of the official release.
        aus: AU numbers, in the order of the labels.
        part: ``'train'``, ``'val'``, ``'test'`` or ``'all'``. Defaults to ``'train'``.
        split: ``n_folds``, ``fold``, ``seed`` and ``val_fraction`` of
            :func:`~aullm_mm.datasets.protocols.split_by_subject`.
        ann_file: Annotation table; Defaults to ``<data_root>/annotations.json``.
        fill_cache: Whether to fill the clip cache at once, on all cores and with a
            progress bar. Defaults to True. In a distributed run every process fills
            what it finds missing; two that make the same clip do no harm.
        pipeline: Configs of the transforms.
        kwargs: Further arguments of MMEngine's ``BaseDataset``.

    Raises:
        FileNotFoundError: If the corpus is not there.
        ValueError: If an AU of the list occurs in no clip, the split is impossible, or
            this part of it is empty.
    """

    def __init__(
        self,
        corpus: str,
        data_root: str,
        aus: Sequence[int],
        part: str = 'train',
        split: dict | None = None,
        ann_file: str = '',
        fill_cache: bool = True,
        pipeline: Sequence[dict] = (),
        **kwargs,
    ) -> None:
        if part not in PARTS:
            raise ValueError(f'part must be one of {PARTS}, got {part!r}.')
        self.corpus, self.aus, self.part = corpus, check_au_list(aus), part
        self.split, self.fill_cache = dict(split or {}), fill_cache
        self.corpus_root = Path(data_root)
        table = ensure_annotations(
            corpus, data_root, out=Path(ann_file) if ann_file else None)
        super().__init__(
            ann_file=str(table), metainfo=dict(aus=self.aus), pipeline=list(pipeline),
            **kwargs)

    def load_data_list(self) -> list[dict]:
        """Read the table, take this part of the split, and make the labels."""
        records = self._records()
        labels = label_matrix(records, self.aus)
        return [self._item(r, label) for r, label in zip(records, labels)]

    @property
    def subjects(self) -> tuple[str, ...]:
        """Subjects of this part, over all corpora: ``('casme2/sub01', ...)``."""
        return tuple(sorted({record.subject_key for record in self._records()}))

    def full_init(self) -> None:
        """Load the annotations and fill the clip cache."""
        if self._fully_initialized:
            return
        super().full_init()
        first = self.pipeline.transforms[0] if self.pipeline.transforms else None
        if self.fill_cache and isinstance(first, CacheClip):
            self._fill(first)

    def _records(self) -> tuple[ClipRecord, ...]:
        records = load_table(self.ann_file).records
        self._check_aus_occur(records)
        if self.part != 'all':
            split = split_by_subject(records, **self.split)
            records = getattr(split, self.part)
        if not records:
            raise ValueError(
                f'{self.ann_file}: the part {self.part!r} of the split {self.split} has '
                f'no clip. Set split.val_fraction above 0, or train with --no-validate.')
        return records

    def _item(self, record: ClipRecord, label: np.ndarray) -> dict:
        apex = record.apex
        if apex is None:
            apex = (record.onset + record.offset) // 2
        return dict(
            clip_id=record.key, corpus=record.corpus, subject=record.subject_key,
            clip=record.clip, onset=record.onset, apex=apex, offset=record.offset,
            fps=record.fps, frame_dir=str(self.corpus_root / record.frame_dir),
            frame_template=record.frame_template, label=label.astype(np.float32))

    def _check_aus_occur(self, records: Sequence[ClipRecord]) -> None:
        counts = (label_matrix(records, self.aus) == 1).sum(axis=0)
        absent = [au for au, count in zip(self.aus, counts) if count == 0]
        if absent:
            coded = sorted({au.number for r in records for au in r.aus} - {UNKNOWN_AU})
            raise ValueError(
                f'{self.ann_file}: no clip has AU {", ".join(map(str, absent))} of the '
                f'AU list {list(self.aus)}. The clips code {coded}; change aus in the '
                f'config.')

    def _fill(self, cache: CacheClip) -> None:
        infos = [self.get_data_info(i) for i in range(len(self))]
        todo = [info for info in infos if not cache.has(info)]
        if not todo:
            return
        print_log(
            f'Caching {len(todo)} clips of {self.corpus} in {cache.cache.root}',
            logger='current')
        jobs = min(available_cores(), len(todo))
        work = run_in_threads(cache, todo, jobs)
        for _ in tqdm(work, total=len(todo), desc='caching clips', unit='clip'):
            pass
