# Copyright (c) AULLM-MM contributors.
"""The data sample of a clip: multi-hot AU labels that survive as floats."""
from __future__ import annotations

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
