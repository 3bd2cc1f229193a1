# Copyright (c) AULLM-MM contributors.
"""The metric that judges emotions during validation and test."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from aullm_mm.facs.emotions import emotion_classes
from aullm_mm.registry import METRICS

from ..functional import (
    EmotionScores,
    emotion_indicators,
    emotion_scores,
    subject_bootstrap,
)
from .emotion_report import (
    accuracy_notes,
    format_emotion_table,
    undefined_emotions,
)
from .pooled_clips import PooledClipsMetric, interval_note, unique_clips
from .score_report import log_table


@METRICS.register_module()
class EmotionMetric(PooledClipsMetric):
    """UF1, UAR and accuracy over emotion classes on pooled predictions.

    Returns, under the prefix, ``UF1``, ``UAR`` and ``accuracy``, for each class for
    example ``F1_surprise`` and ``recall_surprise``, and with ``bootstrap`` ``UF1_low``,
    ``UF1_high``, ``UAR_low`` and ``UAR_high``, all fractions in [0, 1]. A class without
    a clip has no F1 and no recall: it is left out of the dict and of the means, and the
    log says so. Clips without an emotion in the scheme (label -1) do not count. To keep
    the best checkpoint: ``save_best='emotion/UF1'``.

    Each data sample needs ``pred_emotion_score``, E probabilities, and ``gt_emotion``,
    a class index, as ``MicroExpressionDataset`` with ``emotions`` gives. A clip that
    arrives twice (same metainfo ``clip_id``) counts once.

    Args:
        emotions (str): Emotion scheme of ``aullm_mm.facs.emotions``. Defaults to
            ``'3'``.
        bootstrap (int): Resamples of subjects for 95% intervals of UF1 and UAR; 0 for
            none. Defaults to 0.
        show_table (bool): Whether to log the table and what is undefined.
            Defaults to True.
        collect_device (str): ``'cpu'`` or ``'gpu'``. Defaults to ``'cpu'``.
        prefix (str | None): Prefix of the keys. Defaults to ``'emotion'``.
        collect_dir (str | None): Folder in which ranks exchange results.
            Defaults to None.

    Raises:
        ValueError: If the scheme is unknown, or a data sample or the dataset does not
            fit (the message names the clip).

    Examples:
        >>> metric = EmotionMetric('3', show_table=False)
        >>> score, label = torch.tensor([.1, .2, .7]), torch.tensor(2)
        >>> metric.process(None, [dict(pred_emotion_score=score, gt_emotion=label)])
        >>> metric.evaluate(size=1)['emotion/UF1']
        1.0
    """

    default_prefix = 'emotion'

    def __init__(
        self,
        emotions: str = '3',
        bootstrap: int = 0,
        show_table: bool = True,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(bootstrap, show_table, collect_device, prefix, collect_dir)
        self.classes = emotion_classes(emotions)

    def read_clip(self, sample: dict, name: str) -> dict[str, Any]:
        """Label and predicted class of a clip.

        Args:
            sample (dict): Output of the model for the clip.
            name (str): The clip, for messages.

        Raises:
            ValueError: If it lacks what is needed or fits no class.

        Shapes:
            - pred_emotion_score of a sample: :math:`(E,)`; gt_emotion: :math:`()`
        """
        prediction = self._prediction(sample, name)
        return dict(prediction=prediction, labels=[self._label(sample, name)])

    def _prediction(self, sample: dict, name: str) -> int:
        scores = sample.get('pred_emotion_score')
        if not isinstance(scores, torch.Tensor):
            raise ValueError(
                f'EmotionMetric: {name} has no tensor "pred_emotion_score" (found '
                f'{type(scores).__name__}); set emotions=... in the head.'
            )
        if scores.numel() != len(self.classes):
            raise ValueError(
                f'EmotionMetric: {name} has {scores.numel()} emotion scores, but the '
                f'classes are {list(self.classes)}. Give the metric and the head the '
                'same emotions.'
            )
        if not torch.isfinite(scores).all():
            raise ValueError(
                f'EmotionMetric: {name} has emotion scores {scores.tolist()}: the '
                'training diverged.'
            )
        return int(scores.argmax())

    def _label(self, sample: dict, name: str) -> int:
        if sample.get('gt_emotion') is None:
            raise ValueError(
                f'EmotionMetric: {name} has no "gt_emotion" to judge against; set '
                'emotions=... in the dataset.'
            )
        label = int(sample['gt_emotion'])
        if not -1 <= label < len(self.classes):
            raise ValueError(
                f'EmotionMetric: {name} has gt_emotion {label}, no index into '
                f'{list(self.classes)}. Give the metric and the dataset the same '
                'emotions.'
            )
        return label

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Score the pooled clips and log the table.

        Args:
            results (list): What ``process`` kept, of all ranks.

        Returns:
            dict[str, float]: Defined values only.

        Raises:
            ValueError: If there is no clip, one clip id has two labels, or the dataset
                has other emotion classes.
        """
        self._check_dataset()
        clips = unique_clips(results, 'EmotionMetric')
        labels = np.array([clip['labels'][0] for clip in clips])
        predictions = np.array([clip['prediction'] for clip in clips])
        result = emotion_scores(labels, predictions, len(self.classes))
        metrics = self._flatten(result) | self._intervals(labels, predictions, clips)
        if self.show_table:
            title = f'Emotions on {result.support.sum()} of {len(clips)} clips'
            notes = self._notes(result, labels, metrics)
            log_table(
                lambda colour: format_emotion_table(
                    self.classes, result, title, notes, colour
                )
            )
        return {key: value for key, value in metrics.items() if not np.isnan(value)}

    def _check_dataset(self) -> None:
        given = tuple((self.dataset_meta or {}).get('emotions') or self.classes)
        if given != self.classes:
            raise ValueError(
                f'EmotionMetric judges {list(self.classes)}, but the dataset labels '
                f'{list(given)}. Give both the same emotions.'
            )

    def _flatten(self, result: EmotionScores) -> dict[str, float]:
        metrics = dict(UF1=result.uf1, UAR=result.uar, accuracy=result.accuracy)
        for i, name in enumerate(self.classes):
            metrics[f'F1_{name}'] = float(result.f1[i])
            metrics[f'recall_{name}'] = float(result.recall[i])
        return metrics

    def _intervals(
        self, labels: np.ndarray, predictions: np.ndarray, clips: list[dict]
    ) -> dict[str, float]:
        if not self.bootstrap:
            return {}
        truth, guess = emotion_indicators(labels, predictions, len(self.classes))
        subjects = [str(c['subject']) for c, y in zip(clips, labels) if y != -1]
        metrics = {}
        for key, statistic in (('UF1', 'f1_mean'), ('UAR', 'recall_mean')):
            ends = subject_bootstrap(truth, guess, subjects, statistic, self.bootstrap)
            metrics[f'{key}_low'], metrics[f'{key}_high'] = map(float, ends)
        return metrics

    def _notes(
        self, result: EmotionScores, labels: np.ndarray, metrics: dict[str, float]
    ) -> list[str]:
        notes = accuracy_notes(self.classes, labels, result)
        notes += undefined_emotions(self.classes, result)
        for key in ('UF1', 'UAR') if self.bootstrap else ():
            ends = metrics[f'{key}_low'], metrics[f'{key}_high']
            notes.append(interval_note(key, *ends, 'no clip'))
        return notes
