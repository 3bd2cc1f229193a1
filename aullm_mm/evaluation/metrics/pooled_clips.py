# Copyright (c) AULLM-MM contributors.
"""What metrics over pooled clips share: each clip once, intervals over subjects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric


class PooledClipsMetric(BaseMetric):
    """A metric that keeps every clip of a run and judges them together at the end.

    A metric of its own says in ``read_clip`` what it keeps of a clip.

    Args:
        bootstrap (int): Resamples of subjects for 95% intervals; 0 for none.
            Defaults to 0.
        show_table (bool): Whether to log a table. Defaults to True.
        collect_device (str): ``'cpu'`` or ``'gpu'``. Defaults to ``'cpu'``.
        prefix (str | None): Prefix of the keys. Defaults to the metric's own.
        collect_dir (str | None): Folder in which ranks exchange results.
            Defaults to None.
    """

    def __init__(
        self,
        bootstrap: int = 0,
        show_table: bool = True,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix, collect_dir)
        self.bootstrap = bootstrap
        self.show_table = show_table

    def read_clip(self, sample: dict, name: str) -> dict[str, Any]:
        """What to keep of a clip; ``labels`` must be among it.

        Args:
            sample (dict): Output of the model for the clip.
            name (str): The clip, for messages.
        """
        raise NotImplementedError

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep clip id, subject and what ``read_clip`` says of one batch.

        Args:
            data_batch (Any): Unused; the interface of MMEngine has it.
            data_samples (Sequence[dict]): Outputs of the model.

        Raises:
            ValueError: If a sample lacks what is needed or does not fit.
        """
        for sample in data_samples:
            clip_id, subject = sample.get('clip_id'), sample.get('subject')
            name = 'a clip' if clip_id is None else f'clip {clip_id}'
            if self.bootstrap and subject is None:
                raise ValueError(
                    f'{type(self).__name__}: {name} has no metainfo "subject", which '
                    f'bootstrap={self.bootstrap} resamples. Pack it in the pipeline '
                    "(meta_keys=(..., 'subject')) or set bootstrap=0."
                )
            kept = self.read_clip(sample, name)
            self.results.append(dict(clip_id=clip_id, subject=subject, **kept))


def interval_note(label: str, low: float, high: float, what: str) -> str:
    """The interval of a score in words.

    Args:
        label (str): Name of the score.
        low (float): Low end; NaN where undefined.
        high (float): High end.
        what (str): What may be missing where it is undefined.

    Examples:
        >>> interval_note('UF1', 0.25, 0.5, 'no clip')
        '95% interval of UF1 over subjects: 0.250 to 0.500.'
    """
    interval = f'{low:.3f} to {high:.3f}'
    if np.isnan(low):
        interval = f'undefined (one subject only, or {what})'
    return f'95% interval of {label} over subjects: {interval}.'


def unique_clips(results: Sequence[dict], metric: str) -> list[dict]:
    """Drop repetitions of a clip id; clips without one are all kept.

    Args:
        results (Sequence[dict]): One dict a clip, with ``clip_id``, ``subject`` and
            ``labels``.
        metric (str): Name of the metric, for messages.

    Returns:
        list[dict]: The first of each clip.

    Raises:
        ValueError: If there is no clip, or one clip id has two labels or subjects.

    Examples:
        >>> clip = dict(clip_id='casme2/sub01/a', subject='casme2/sub01', labels=[1])
        >>> len(unique_clips([clip, clip], 'AUMetric'))
        1
    """
    if not results:
        raise ValueError(f'{metric} got no clip to judge: is the dataset empty?')
    unique: dict[Any, dict] = {}
    for position, clip in enumerate(results):
        key = ('unnamed', position) if clip['clip_id'] is None else clip['clip_id']
        first = unique.setdefault(key, clip)
        if first['labels'] != clip['labels'] or first['subject'] != clip['subject']:
            raise ValueError(
                f'{metric}: two different clips share the clip_id {key!r} (labels '
                f'{first["labels"]} and {clip["labels"]}, subjects '
                f'{first["subject"]!r} and {clip["subject"]!r}). Use an id that '
                'includes corpus and subject.'
            )
    return list(unique.values())
