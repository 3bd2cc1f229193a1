# Copyright (c) AULLM-MM contributors.
"""The data sample of a clip: AU labels that survive as floats, and an emotion."""
from __future__ import annotations

import warnings
from typing import Sequence

import torch
from mmaction.structures import ActionDataSample
from torch import Tensor


class AUDataSample(ActionDataSample):
    """An :class:`ActionDataSample` whose label is a float vector over AUs.

    MMAction2's setter casts NumPy labels and lists to ``long``, which loses masks and
    intensities; :meth:`set_au_labels` keeps them. Everything else (``pred_score``,
    metainfo, ``DumpResults``) works as for any MMAction2 data sample.

    Examples:
        >>> sample = AUDataSample().set_au_labels([1., 0., -1.])
        >>> sample.gt_label
        tensor([ 1.,  0., -1.])
    """

    def set_au_labels(self, labels: Sequence[float] | Tensor) -> 'AUDataSample':
        """Set the labels.

        Args:
            labels: One value an AU: 1 present, 0 absent, -1 unknown (masked).

        Shapes:
            - labels: :math:`(N,)`
        """
        return self.set_gt_label(torch.as_tensor(labels, dtype=torch.float32))

    def set_emotion_label(self, label: int) -> 'AUDataSample':
        """Set ``gt_emotion``.

        Args:
            label: Index of the emotion's class, -1 where the clip has none.

        Shapes:
            - gt_emotion: :math:`()`, long
        """
        label = torch.as_tensor(label, dtype=torch.long)
        self.set_field(label, 'gt_emotion', dtype=Tensor)
        return self


def stack_au_labels(data_samples: Sequence[ActionDataSample], num_aus: int) -> Tensor:
    """Stack the labels of a batch, whatever MMAction2 dataset they come from.

    A floating-point label is taken as multi-hot, of values in {1, 0, -1} (our dataset,
    or a stock dataset with ``multi_class=True``); an integer label is taken as the
    list of the indices of the AUs that are present.

    Args:
        data_samples: The batch; each has ``gt_label``.
        num_aus: Number of AUs :math:`N`.

    Shapes:
        - output: :math:`(B, N)`, float, 1 present, 0 absent, -1 unknown

    Raises:
        ValueError: If a label is neither of the two forms.

    Examples:
        >>> samples = [AUDataSample().set_au_labels([1, 0, -1]),
        ...            ActionDataSample().set_gt_label([0, 2])]
        >>> stack_au_labels(samples, num_aus=3)
        tensor([[ 1.,  0., -1.],
                [ 1.,  0.,  1.]])
    """
    return torch.stack([_multi_hot(s.gt_label, num_aus) for s in data_samples])


def stack_emotion_labels(
    data_samples: Sequence[ActionDataSample], num_classes: int
) -> Tensor:
    """Stack the emotion labels of a batch; clips without one get -1.

    Args:
        data_samples: The batch; ``gt_emotion`` is read where it is there. A batch in
            which no sample has it is warned of: an emotion branch then learns nothing.
        num_classes: Number of emotion classes :math:`E`.

    Shapes:
        - output: :math:`(B,)`, long, -1 where there is no emotion

    Raises:
        ValueError: If a label is no class index.

    Examples:
        >>> samples = [AUDataSample().set_emotion_label(2), AUDataSample()]
        >>> stack_emotion_labels(samples, num_classes=3)
        tensor([ 2, -1])
    """
    found = [int(s.gt_emotion) if 'gt_emotion' in s else None for s in data_samples]
    if all(label is None for label in found):
        warnings.warn(
            'No clip of the batch has gt_emotion, so the emotion branch learns '
            "nothing: set emotions='...' (the scheme) in the datasets.", stacklevel=2)
    labels = torch.tensor([-1 if label is None else label for label in found])
    wrong = labels[(labels < -1) | (labels >= num_classes)]
    if len(wrong):
        raise ValueError(
            f'gt_emotion {int(wrong[0])} is outside 0..{num_classes - 1} (-1: none). '
            f'Give datasets, head and metric the same emotions.')
    return labels


def _multi_hot(label: Tensor, num_aus: int) -> Tensor:
    if label.is_floating_point():
        if label.shape == (num_aus,):
            return label.float()
        raise ValueError(
            f'gt_label has shape {tuple(label.shape)}, but the head decides {num_aus} '
            f'AUs. Give every clip a multi-hot vector of {num_aus} values (a stock '
            f'dataset needs multi_class=True, num_classes={num_aus}).'
        )
    if label.numel() and (int(label.min()) < 0 or int(label.max()) >= num_aus):
        raise ValueError(
            f'gt_label {label.tolist()} holds an AU index outside 0..{num_aus - 1}.'
        )
    if label.unique().numel() != label.numel():
        raise ValueError(
            f'gt_label {label.tolist()} names an AU twice. Integer labels are indices '
            f'of AUs; make a multi-hot label floating-point (multi_class=True).'
        )
    dense = torch.zeros(num_aus, device=label.device)
    dense[label.flatten()] = 1.0
    return dense
