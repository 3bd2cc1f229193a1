# Copyright (c) AULLM-MM contributors.
"""The metric that judges AU scores during validation and test."""

from __future__ import annotations

from collections.abc import Sequence
import numpy as np
import torch
from mmaction.structures import ActionDataSample

from aullm_mm.facs import au_label, check_au_list
from aullm_mm.registry import METRICS
from aullm_mm.structures import stack_au_labels

from ..functional import (
    AUScores,
    all_positive_scores,
    au_scores,
    subject_bootstrap,
)
from ..functional.checks import check_thresholds
from .pooled_clips import PooledClipsMetric, interval_note, unique_clips
from .score_report import (
    MEASURES,
    log_scores,
    score_rows,
    undefined_notes,
    write_scores,
)


@METRICS.register_module()
class AUMetric(PooledClipsMetric):
    """Positive-class F1, macro-F1 and AUC per AU on pooled predictions.

    Returns, under the prefix, ``F1_mean``, ``macro_F1_mean``, ``AUC_mean`` and for
    each AU for example ``F1_AU12``, ``macro_F1_AU12``, ``AUC_AU12``, all fractions in
    [0, 1]; with ``baseline`` also ``all_positive_F1_mean`` and with ``bootstrap``
    ``F1_mean_low`` and ``F1_mean_high``. An undefined value (see
    :class:`~aullm_mm.evaluation.functional.AUScores`) is left out of the dict, means
    are over the defined ones, and the log says which and why. To keep the best
    checkpoint: ``save_best='au/F1_mean'``.

    Each data sample needs ``pred_score``, N probabilities, and ``gt_label``: a float
    multi-hot vector (1 present, 0 absent, -1 unknown), as our dataset and stock
    MMAction2 datasets with ``multi_class=True`` give, or an integer list of the
    indices of the AUs present. The metainfo ``clip_id`` and ``subject`` are used where
    present: a clip that arrives twice (padding of distributed runs) counts once.

    Args:
        aus (Sequence[int]): AU numbers in the order of the columns.
        thresholds (float | Sequence[float]): Probability from which an AU counts as
            present, one for all or one each. Defaults to 0.5.
        baseline (bool): Whether to set the all-positive baseline beside.
            Defaults to True.
        bootstrap (int): Resamples of subjects for a 95% interval of the mean F1; 0
            for none. Defaults to 0.
        dump_path (str | None): JSON file for the result with labels and scores of
            every clip. Defaults to None.
        show_table (bool): Whether to log the table and what is undefined.
            Defaults to True.
        collect_device (str): ``'cpu'`` or ``'gpu'``. Defaults to ``'cpu'``.
        prefix (str | None): Prefix of the keys. Defaults to ``'au'``.
        collect_dir (str | None): Folder in which ranks exchange results.
            Defaults to None.

    Raises:
        ValueError: If an AU number is unknown or named twice, a threshold is wrong, or
            a data sample does not fit (the message names the clip).

    Examples:
        >>> import torch
        >>> metric = AUMetric(aus=[4, 12], show_table=False)
        >>> score, label = torch.tensor([.9, .2]), torch.tensor([1., 0.])
        >>> metric.process(None, [dict(pred_score=score, gt_label=label)])
        >>> metric.process(None, [dict(pred_score=1 - score, gt_label=1 - label)])
        >>> metric.evaluate(size=2)['au/F1_mean']
        1.0
    """

    default_prefix = 'au'

    def __init__(
        self,
        aus: Sequence[int],
        thresholds: float | Sequence[float] = 0.5,
        baseline: bool = True,
        bootstrap: int = 0,
        dump_path: str | None = None,
        show_table: bool = True,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(bootstrap, show_table, collect_device, prefix, collect_dir)
        self.aus = list(check_au_list(aus))
        self.thresholds = check_thresholds(thresholds, len(self.aus))
        self.baseline = baseline
        self.dump_path = dump_path

    def read_clip(self, sample: dict, name: str) -> dict[str, list[float]]:
        """Labels and scores of a clip.

        Args:
            sample (dict): Output of the model for the clip.
            name (str): The clip, for messages.

        Raises:
            ValueError: If it has another number of columns than ``aus``, lacks what is
                needed or holds a score that is no probability.

        Shapes:
            - pred_score, gt_label of a sample: :math:`(N,)`
        """
        return dict(
            scores=self._scores(sample, name), labels=self._labels(sample, name))

    def _scores(self, sample: dict, name: str) -> list[float]:
        scores = sample.get('pred_score')
        if not isinstance(scores, torch.Tensor):
            raise ValueError(
                f'AUMetric: {name} has no tensor "pred_score" (found '
                f'{type(scores).__name__}); is the head an AU head?'
            )
        values = scores.detach().float().flatten().tolist()
        if len(values) != len(self.aus):
            raise ValueError(
                f'AUMetric: {name} has {len(values)} scores, but aus names '
                f'{len(self.aus)} AUs. Give the metric and the head the same list.'
            )
        wrong = [(a, v) for a, v in zip(self.aus, values) if not 0 <= v <= 1]
        if wrong:
            raise ValueError(
                f'AUMetric: {name} has score {wrong[0][1]:g} for '
                f'{au_label(wrong[0][0])}, not a probability in [0, 1]. NaN: the '
                'training diverged; otherwise: the head gave logits, not '
                'probabilities.'
            )
        return values

    def _labels(self, sample: dict, name: str) -> list[float]:
        if sample.get('gt_label') is None:
            raise ValueError(f'AUMetric: {name} has no "gt_label" to judge against.')
        data_sample = ActionDataSample().set_gt_label(sample['gt_label'])
        try:
            return stack_au_labels([data_sample], len(self.aus))[0].tolist()
        except ValueError as error:
            raise ValueError(f'AUMetric: {name}: {error}') from error

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Score the pooled clips, log the table and write the JSON file.

        Args:
            results (list): What ``process`` kept, of all ranks.

        Returns:
            dict[str, float]: Defined values only.

        Raises:
            ValueError: If there is no clip, or one clip id has two labels.
        """
        clips = unique_clips(results, 'AUMetric')
        labels = np.array([clip['labels'] for clip in clips])
        scores = np.array([clip['scores'] for clip in clips])
        result = au_scores(labels, scores, self.thresholds)
        constant = all_positive_scores(labels) if self.baseline else None
        metrics = self._flatten(result)
        if constant is not None:
            metrics['all_positive_F1_mean'] = constant.mean('f1')
        metrics.update(self._interval(labels, scores, clips))
        if self.show_table:
            title = f'AU detection on {len(clips)} clips'
            notes = self._notes(result, metrics)
            log_scores(self.aus, result, constant, title, notes)
        if self.dump_path is not None:
            rows = score_rows(self.aus, result, constant)
            write_scores(self.dump_path, self.aus, rows, metrics, clips)
        return {key: value for key, value in metrics.items() if not np.isnan(value)}

    def _flatten(self, result: AUScores) -> dict[str, float]:
        metrics = {f'{key}_mean': result.mean(m) for m, key in MEASURES.items()}
        for measure, key in MEASURES.items():
            for au, value in zip(self.aus, getattr(result, measure)):
                metrics[f'{key}_{au_label(au)}'] = float(value)
        return metrics

    def _interval(
        self, labels: np.ndarray, scores: np.ndarray, clips: list[dict]
    ) -> dict[str, float]:
        if not self.bootstrap:
            return {}
        subjects = [str(clip['subject']) for clip in clips]
        options = dict(n=self.bootstrap, thresholds=self.thresholds)
        low, high = subject_bootstrap(labels, scores, subjects, 'f1_mean', **options)
        return dict(F1_mean_low=float(low), F1_mean_high=float(high))

    def _notes(self, result: AUScores, metrics: dict[str, float]) -> list[str]:
        notes = undefined_notes(self.aus, result)
        if self.bootstrap:
            ends = metrics['F1_mean_low'], metrics['F1_mean_high']
            notes.append(interval_note('the mean F1', *ends, 'no defined F1'))
        return notes
