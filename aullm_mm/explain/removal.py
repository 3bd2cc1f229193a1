# Copyright (c) AULLM-MM contributors.
"""Taking the movement out of a part of a clip, at the model's input."""
from __future__ import annotations

import torch
from torch import Tensor

#: Kinds of input: flow (u, v, strain); frames over time; frames as the segments of a
#: 2-D recognizer; gray frames and then flow as the channels of one image; differences
#: of frames.
KINDS = ('flow', 'frames', 'segments', 'frames+flow', 'differences')
FLOW_CHANNELS = 3


def input_kind(inputs: Tensor, segments: bool = False) -> str:
    """Tell the kind of a packed clip from its shape.

    Args:
        inputs: ``inputs`` of one sample, as the test pipeline packs it.
        segments: Whether a 2-D recognizer takes its first axis as segments.

    Shapes:
        - inputs: :math:`(1, C, T, H, W)` frames; :math:`(1, C, H, W)` flow if
          :math:`C \\le 3`, else gray frames and flow; :math:`(T, C, H, W)` segments

    Raises:
        ValueError: If the shape is none of these.

    Examples:
        >>> input_kind(torch.rand(1, 3, 64, 64)), input_kind(torch.rand(1, 1, 6, 8, 8))
        ('flow', 'frames')
    """
    if segments and inputs.dim() == 4:
        return 'segments'
    if inputs.dim() not in (4, 5) or len(inputs) != 1:
        raise ValueError(
            f'a clip to explain must be of one view, (1, C, T, H, W) or (1, C, H, W), '
            f'or segments (T, C, H, W) of a 2-D recognizer, got {tuple(inputs.shape)}: '
            f'use the test pipeline without crops.')
    if inputs.dim() == 5:
        return 'frames'
    return 'flow' if inputs.shape[1] <= FLOW_CHANNELS else 'frames+flow'


def check_kind(kind: str | None, found: str) -> str:
    """The kind that was asked for, if clips of this shape can be of it.

    Args:
        kind: One of ``KINDS``; None for the kind that the shape tells.
        found: What :func:`input_kind` tells.

    Raises:
        ValueError: If they cannot.

    Examples:
        >>> check_kind(None, 'flow'), check_kind('differences', 'frames')
        ('flow', 'differences')
    """
    images = ('flow', 'frames+flow')
    possible = {found, 'differences', *(images if found in images else ())}
    if kind is not None and kind not in possible:
        raise ValueError(
            f'clips of this shape cannot be of kind {kind!r}; they can be '
            f'{", ".join(sorted(possible))}.')
    return kind or found


def still(inputs: Tensor, kind: str) -> Tensor:
    """The same clip without any movement: no flow, or the onset frame throughout.

    Args:
        inputs: Clips, one after the other.
        kind: One of ``KINDS``.

    Shapes:
        - inputs and output: :math:`(B, \\ldots)`, each as :func:`input_kind` takes it

    Raises:
        ValueError: If the kind is not known.

    Examples:
        >>> clip = torch.arange(3.).view(1, 1, 1, 3, 1, 1)
        >>> still(clip, 'frames').flatten().tolist()
        [0.0, 0.0, 0.0]
    """
    if kind in ('flow', 'differences'):
        return torch.zeros_like(inputs)
    if kind == 'frames':
        return inputs[:, :, :, :1].expand_as(inputs)
    if kind == 'segments':
        return inputs[:, :1].expand_as(inputs)
    if kind == 'frames+flow':
        frames = inputs[:, :, :-FLOW_CHANNELS]
        flow = torch.zeros_like(inputs[:, :, -FLOW_CHANNELS:])
        return torch.cat([frames[:, :, :1].expand_as(frames), flow], dim=2)
    raise ValueError(f'kind of input must be one of {KINDS}, got {kind!r}.')


def remove_movement(inputs: Tensor, masks: Tensor, kind: str) -> Tensor:
    """Take the movement out where a mask is 1, smoothly where it lies between.

    Flow is multiplied by (1 - mask), its strain too; frames are held at the onset.

    Args:
        inputs: Clips.
        masks: One mask a clip.
        kind: One of ``KINDS``.

    Shapes:
        - inputs and output: :math:`(B, \\ldots, H, W)`; masks: :math:`(B, H, W)`

    Examples:
        >>> flow = torch.ones(1, 1, 3, 2, 2)
        >>> remove_movement(flow, torch.eye(2)[None], 'flow')[0, 0, 0].tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """
    # Exact at both ends, so that a pixel held at the onset does not move at all.
    return torch.lerp(inputs, still(inputs, kind), _over(masks, inputs))


def exchange_movement(
    inputs: Tensor, others: Tensor, masks: Tensor, kind: str
) -> Tensor:
    """Take the movement of another clip where a mask is 1; the face stays.

    Args:
        inputs: Clips.
        others: Clips that the movement comes from.
        masks: One mask a clip.
        kind: One of ``KINDS``.

    Shapes:
        - inputs, others, output: :math:`(B, \\ldots, H, W)`; masks: :math:`(B, H, W)`
    """
    moved = still(inputs, kind) + others - still(others, kind)
    return torch.lerp(inputs, moved, _over(masks, inputs))


def _over(masks: Tensor, inputs: Tensor) -> Tensor:
    ones = (1,) * (inputs.dim() - 3)
    return masks.to(inputs).view(len(masks), *ones, *masks.shape[1:])
