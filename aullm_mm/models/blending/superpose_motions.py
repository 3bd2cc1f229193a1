# Copyright (c) AULLM-MM contributors.
"""Small movements add up: clips of a batch are laid over one another in training."""
from __future__ import annotations

from typing import Sequence

import torch
from mmaction.structures import ActionDataSample
from torch import Tensor

from aullm_mm.registry import MODELS


def superpose(
    inputs: Tensor,
    labels: Tensor,
    partner: Tensor,
    own_weight: Tensor,
    partner_weight: Tensor,
) -> tuple[Tensor, Tensor]:
    r"""Add to the motion of every clip that of its partner, and unite their labels.

    .. math::
        \tilde x_i = a_i x_i + b_i x_{\pi(i)}, \qquad
        \tilde y_{in} = \begin{cases}
            1 & \text{if } y_{in} = 1 \text{ or } y_{\pi(i)n} = 1 \\
            -1 & \text{otherwise, if } y_{in} = -1 \text{ or } y_{\pi(i)n} = -1 \\
            0 & \text{otherwise}
        \end{cases}

    Source: ours; no source. The displacements of a micro-expression are small, and
    those of different muscles nearly add up; so do u and v. The strain is a magnitude:
    it adds up where only one of the two moves, and is overrated where both do.

    Args:
        inputs: Motion of the clips, such as (u, v, strain); no frames, of which a sum
            is no face.
        labels: 1 present, 0 absent, -1 unknown.
        partner: Index :math:`\pi(i)` of the clip that is laid over clip :math:`i`.
        own_weight: Factor :math:`a` of a clip's own motion.
        partner_weight: Factor :math:`b` of its partner's motion.

    Shapes:
        - inputs and first output: :math:`(B, *)`, floating-point
        - labels and second output: :math:`(B, N)`
        - partner: :math:`(B)`, long, on the CPU or the device of the others
        - own_weight and partner_weight: :math:`(B)`

    Raises:
        ValueError: If the inputs are not floating-point or the sizes differ.

    Examples:
        >>> motion = torch.tensor([[1., 0.], [0., 2.]])
        >>> labels = torch.tensor([[1., 0., -1.], [-1., 0., 0.]])
        >>> swap, one, half = torch.tensor([1, 0]), torch.ones(2), torch.ones(2) / 2
        >>> mixed, union = superpose(motion, labels, swap, one, half)
        >>> mixed
        tensor([[1.0000, 1.0000],
                [0.5000, 2.0000]])
        >>> union
        tensor([[ 1.,  0., -1.],
                [ 1.,  0., -1.]])
    """
    _check_batch(inputs, labels, partner, own_weight, partner_weight)
    shape = (-1,) + (1,) * (inputs.ndim - 1)
    own, other = (w.to(inputs).view(shape) for w in (own_weight, partner_weight))
    laid_over = labels[partner]
    most = torch.maximum(labels, laid_over)
    # Where neither is present, the smaller one is -1 as soon as one is unknown.
    union = torch.where(most > 0, most, torch.minimum(labels, laid_over))
    return own * inputs + other * inputs[partner], union


def _check_batch(inputs: Tensor, *others: Tensor) -> None:
    if not inputs.is_floating_point():
        raise ValueError(
            f'Only floating-point motion can be superposed, got {inputs.dtype}: give '
            f'flow or other displacements, not frames, and keep to_float32=True.')
    sizes = [len(value) for value in (inputs, *others)]
    if len(set(sizes)) > 1:
        raise ValueError(
            f'inputs, labels, partner and the weights must be of as many clips, got '
            f'{sizes}.')


@MODELS.register_module()
class SuperposeMotions:
    """Lay over clips of a training batch the motion of others, with their labels.

    For ``ActionDataPreprocessor(blending=dict(type='SuperposeMotions'))``, which calls
    it in training only and never in validation or testing. Every clip is drawn with
    probability ``prob``; a drawn one becomes the :func:`superpose` of itself and
    another clip of the batch as it was, with weights drawn for each. Its emotion
    becomes -1 (unknown) unless both clips have the same; its metainfo stays its own.
    Clips that are not drawn, and batches of one clip, stay as they are. All is drawn
    from torch's random numbers on the CPU, so it is the same on every device.

    Source: ours; no source. A small corpus shows few of the combinations of AUs; sums
    show many more, and part what goes together in the corpus by chance only, as the
    AUs of one subject or one emotion do.

    It is for motion (u, v, strain), not for raw frames. MMAction2's
    ``BaseMiniBatchBlending`` is not its base: that reads the label of a single AU as
    the index of a class, does not see the emotions, and writes into the samples given.

    Args:
        prob: Probability that a clip is superposed, in [0, 1]. Defaults to 0.6.
        weights: Least and greatest factor of a motion, above 0; both factors are
            uniform in it. Defaults to (0.6, 1.0).

    Raises:
        ValueError: If ``prob`` or ``weights`` is out of its range.

    Examples:
        >>> from aullm_mm.structures import AUDataSample
        >>> _ = torch.manual_seed(0)
        >>> labels = torch.tensor([[1., 0.], [0., 1.]])
        >>> samples = [AUDataSample().set_au_labels(label) for label in labels]
        >>> blend = SuperposeMotions(prob=1.0)
        >>> motion, mixed = blend(torch.randn(2, 1, 3, 8, 8), samples)
        >>> motion.shape, mixed[0].gt_label, samples[0].gt_label
        (torch.Size([2, 1, 3, 8, 8]), tensor([1., 1.]), tensor([1., 0.]))
    """

    def __init__(
        self, prob: float = 0.6, weights: Sequence[float] = (0.6, 1.0)
    ) -> None:
        if not 0 <= prob <= 1:
            raise ValueError(f'prob must be in [0, 1], got {prob}.')
        self.prob, self.weights = prob, tuple(weights)
        if len(self.weights) != 2 or not (
                0 < self.weights[0] <= self.weights[1] < float('inf')):
            raise ValueError(
                f'weights must be (least, greatest) with 0 < least <= greatest, got '
                f'{self.weights}.')

    def __call__(
        self, imgs: Tensor, batch_data_samples: Sequence[ActionDataSample]
    ) -> tuple[Tensor, list[ActionDataSample]]:
        """Superpose the clips that are drawn; the arguments are not written into.

        Args:
            imgs: Motion of the batch.
            batch_data_samples: Its samples, with a multi-hot ``gt_label`` each.

        Shapes:
            - imgs and first output: :math:`(B, *)`, floating-point

        Raises:
            ValueError: If a label is no multi-hot vector, or as :func:`superpose`.
        """
        samples, batch = list(batch_data_samples), len(imgs)
        if batch < 2:
            return imgs, samples
        drawn = torch.rand(batch) < self.prob
        # A step of 1 to B - 1 around the batch never leads to the clip itself.
        partner = (torch.arange(batch) + torch.randint(1, batch, (batch,))) % batch
        least, greatest = self.weights
        own, other = least + (greatest - least) * torch.rand(2, batch)
        mixed, union = superpose(imgs, _stack(samples), partner, own, other)
        keep = ~drawn.to(imgs.device).view((-1,) + (1,) * (imgs.ndim - 1))
        blended = [
            _blended(sample, samples[j], label) if is_drawn else sample
            for sample, j, label, is_drawn in zip(
                samples, partner.tolist(), union, drawn.tolist())]
        return torch.where(keep, imgs, mixed), blended

    def __repr__(self) -> str:
        return f'SuperposeMotions(prob={self.prob}, weights={self.weights})'


def _stack(samples: Sequence[ActionDataSample]) -> Tensor:
    labels = [s.gt_label if 'gt_label' in s else None for s in samples]
    if any(v is None or not v.is_floating_point() or v.ndim != 1 for v in labels):
        raise ValueError(
            'SuperposeMotions unites multi-hot gt_label of floats, which a clip lacks. '
            'Use PackAUInputs, or multi_class=True in a stock dataset.')
    if len({len(v) for v in labels}) > 1:
        raise ValueError(
            f'gt_label of the clips differ in length: {[len(v) for v in labels]}. '
            f'Give all datasets the same aus.')
    return torch.stack(labels)


def _blended(
    sample: ActionDataSample, partner: ActionDataSample, label: Tensor
) -> ActionDataSample:
    """A copy, as the collated sample may be the data set's own."""
    blended = sample.new()
    blended.set_gt_label(label)
    if 'gt_emotion' in sample:
        emotion = sample.gt_emotion
        if 'gt_emotion' not in partner or int(partner.gt_emotion) != int(emotion):
            blended.set_field(
                torch.full_like(emotion, -1), 'gt_emotion', dtype=Tensor)
    return blended
