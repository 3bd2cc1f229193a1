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
from aullm_mm.facs.emotions import emotion_classes
from aullm_mm.registry import DATASETS
from aullm_mm.utils.parallel import available_cores, run_in_threads

from .annotations import ClipRecord, label_matrix, load_table
from .corpora import ensure_annotations
from .protocols import split_by_subject
from .split_file import load_split
from .transforms.cache_clip import CacheClip

PARTS = ('train', 'val', 'test', 'all')


@DATASETS.register_module()
class MicroExpressionDataset(BaseDataset):
    """Clips of one corpus or several, split by subject, with labels over an AU list.

    Tables are written from the official releases where they are missing or older than
    their sources. The split never puts a subject on two sides: ``test`` is fold
    ``fold`` of a seeded subject k-fold, ``val`` holds some of the remaining (training)
    subjects, ``train`` the others; or a split file says which clip is where.

    Args:
        corpus: Name of the corpus, for example ``'casme2'``, or several names.
        data_root: Folder of the official release, or one for each corpus.
        aus: AU numbers, in the order of the labels.
        part: ``'train'``, ``'val'``, ``'test'`` or ``'all'``. Defaults to ``'train'``.
        split: ``n_folds``, ``fold``, ``seed``, ``val_fraction`` and
            ``train_subjects`` of
            :func:`~aullm_mm.datasets.protocols.split_by_subject`, or ``file``, a file
            of :func:`~aullm_mm.datasets.split_file.save_split`.
        ann_file: Annotation table, or one for each corpus. Defaults to
            ``<data_root>/annotations.json``.
        emotions: Emotion scheme of ``aullm_mm.facs.emotions``; each clip then has an
            ``emotion_label``, -1 where the scheme leaves it out. Defaults to None.
        fill_cache: Whether to fill the clip cache at once, on all cores and with a
            progress bar. Defaults to True. In a distributed run every process fills
            what it finds missing; two that make the same clip do no harm.
        pipeline: Configs of the transforms.
        kwargs: Further arguments of MMEngine's ``BaseDataset``.

    Raises:
        FileNotFoundError: If a corpus is not there.
        ValueError: If an AU of the list occurs in no clip, the split is impossible, or
            this part of it is empty.
    """

    def __init__(
        self,
        corpus: str | Sequence[str],
        data_root: str | Sequence[str],
        aus: Sequence[int],
        part: str = 'train',
        split: dict | None = None,
        ann_file: str | Sequence[str] = '',
        emotions: str | None = None,
        fill_cache: bool = True,
        pipeline: Sequence[dict] = (),
        **kwargs,
    ) -> None:
        if part not in PARTS:
            raise ValueError(f'part must be one of {PARTS}, got {part!r}.')
        self.aus, self.part = check_au_list(aus), part
        self.split, self.fill_cache = dict(split or {}), fill_cache
        self.emotions = emotions
        self.classes = () if emotions is None else emotion_classes(emotions)
        self.roots, self.tables = _find_tables(corpus, data_root, ann_file)
        super().__init__(
            ann_file=', '.join(map(str, self.tables.values())),
            metainfo=dict(aus=self.aus, emotions=self.classes),
            pipeline=list(pipeline), **kwargs)

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
        records = self.all_records()
        self._check_aus_occur(records)
        if self.part != 'all':
            if 'file' in self.split:
                split = load_split(self.split['file'], records)
            else:
                split = split_by_subject(records, **self.split)
            records = getattr(split, self.part)
        if not records:
            raise ValueError(
                f'{self.ann_file}: the part {self.part!r} of the split {self.split} '
                f'has no clip. Set split.val_fraction above 0, or train with '
                f'--no-validate.')
        return records

    def all_records(self) -> tuple[ClipRecord, ...]:
        """Clips of all parts, corpus after corpus."""
        tables = [load_table(path) for path in self.tables.values()]
        return tuple(record for table in tables for record in table.records)

    def _item(self, record: ClipRecord, label: np.ndarray) -> dict:
        apex = record.apex
        if apex is None:
            apex = (record.onset + record.offset) // 2
        item = dict(
            clip_id=record.key, corpus=record.corpus, subject=record.subject_key,
            clip=record.clip, onset=record.onset, apex=apex, offset=record.offset,
            fps=record.fps, frame_dir=str(self.roots[record.corpus] / record.frame_dir),
            frame_template=record.frame_template, label=label.astype(np.float32))
        if self.emotions is not None:
            name = record.emotion_in(self.emotions)
            item['emotion_label'] = -1 if name is None else self.classes.index(name)
        return item

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
            f'Caching {len(todo)} clips of {", ".join(self.roots)} in '
            f'{cache.cache.root}', logger='current')
        jobs = min(available_cores(), len(todo))
        work = run_in_threads(cache, todo, jobs)
        for _ in tqdm(work, total=len(todo), desc='caching clips', unit='clip'):
            pass


def _find_tables(
    corpus: str | Sequence[str], data_root: str | Sequence[str],
    ann_file: str | Sequence[str]
) -> tuple[dict[str, Path], dict[str, Path]]:
    """Root and up-to-date annotation table of each corpus."""
    names, roots = _listed(corpus), _listed(data_root)
    files = _listed(ann_file) if ann_file else [''] * len(names)
    if not len(names) == len(roots) == len(files) or len(set(names)) < len(names):
        raise ValueError(
            f'Name each corpus once and give each its data_root (and ann_file, where '
            f'it is set), got corpus={names}, data_root={roots}, ann_file={files}.')
    tables = {
        name: ensure_annotations(name, root, out=Path(file) if file else None)
        for name, root, file in zip(names, roots, files)}
    return {name: Path(root) for name, root in zip(names, roots)}, tables


def _listed(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
