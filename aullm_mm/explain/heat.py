# Copyright (c) AULLM-MM contributors.
"""Heat maps: where on the face an AU's score comes from, by three ways."""
from __future__ import annotations

from typing import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from .reading import ModelReader
from .regions import FACE_REGIONS, canonical_masks
from .removal import remove_movement, still

GRID = 8  # occlusions a side of the fine map


def region_heat(drops: Sequence[float], size: tuple[int, int]) -> np.ndarray:
    """Paint the fall of an AU's logit with each part of the face onto a picture.

    Args:
        drops: ``heat['logit_drop'][AU]`` of a trace; what rises counts as 0.
        size: Height and width of the picture of the canonical face.

    Shapes:
        - drops: (10,); returns: ``(h, w)`` float32, at least 0

    Raises:
        ValueError: If there is not one value a part of the face.

    Examples:
        >>> heat = region_heat([1, 0, 0, 0, 0, 0, 0, 0, 0, 0], (16, 16))
        >>> bool(heat[:8].sum() > heat[8:].sum())
        True
    """
    parts = [i for i, region in enumerate(FACE_REGIONS) if region.side != 'both']
    if len(drops) != len(parts):
        raise ValueError(
            f'{len(parts)} parts of the face need as many values, got {len(drops)}.')
    values = np.maximum(np.asarray(drops, np.float32), 0)
    return np.tensordot(values, canonical_masks(size)[parts], axes=1)


def trace_heats(
    trace: dict, size: tuple[int, int] = (128, 128)
) -> dict[int, np.ndarray]:
    """Heat map of each present AU of a trace, from its regions.

    Args:
        trace: The trace.
        size: Height and width of the maps. Defaults to (128, 128).

    Returns:
        AU number to a map of :func:`region_heat`.

    Examples:
        >>> trace_heats(dict(aus=[dict(au=4, present=False)]))
        {}
    """
    drops = trace.get('heat', {}).get('logit_drop', {})
    return {entry['au']: region_heat(drops[str(entry['au'])], size)
            for entry in trace['aus'] if entry['present']}


def fine_heats(model: nn.Module, sample: dict, trace: dict) -> dict[int, np.ndarray]:
    """Fine heat map of each present AU of a clip, see :func:`occlusion_heat`.

    Args:
        model: The model.
        sample: The packed clip.
        trace: Its trace.

    Returns:
        AU number to a map as large as the model's input.
    """
    reader = ModelReader(model)
    inputs, kind = reader.stack([sample], trace['settings']['input'])
    with reader.reading():
        maps = occlusion_heat(reader, inputs, kind)
    return {entry['au']: found for entry, found in zip(trace['aus'], maps)
            if entry['present']}


def grid_masks(size: tuple[int, int], grid: int = GRID) -> np.ndarray:
    """Smooth bumps on a grid that add up to 1 everywhere.

    Args:
        size: Height and width of the picture.
        grid: Bumps a side. Defaults to 8.

    Shapes:
        returns: ``(grid * grid, h, w)`` float32

    Examples:
        >>> masks = grid_masks((12, 12), grid=3)
        >>> masks.shape, bool(np.allclose(masks.sum(0), 1))
        ((9, 12, 12), True)
    """
    y, x = (_bumps(length, grid) for length in size)  # (grid, h), (grid, w)
    return (y[:, None, :, None] * x[None, :, None, :]).reshape(
        -1, *size).astype(np.float32)


def _bumps(length: int, grid: int) -> np.ndarray:
    places = (np.arange(length) + 0.5) / length * grid - 0.5
    bumps = np.exp(-(places - np.arange(grid)[:, None]) ** 2 / (2 * 0.5 ** 2))
    return bumps / bumps.sum(axis=0)


def occlusion_heat(
    reader: ModelReader, inputs: Tensor, kind: str, grid: int = GRID
) -> np.ndarray:
    """Fine heat maps: the fall of each AU's node logit with every patch of a grid.

    It costs ``grid * grid`` passes of the cheap part of the model, which a trace does
    not spend; for pictures.

    Args:
        reader: The model, inside of :meth:`ModelReader.reading`.
        inputs: One clip as packed.
        kind: Its kind.
        grid: Patches a side. Defaults to 8.

    Shapes:
        - inputs: :math:`(1, \\ldots, H, W)`; returns: ``(N, H, W)`` float32, at least 0
    """
    masks = grid_masks(tuple(inputs.shape[-2:]), grid)
    patches = torch.from_numpy(masks / masks.max(axis=(1, 2), keepdims=True))
    changed = remove_movement(
        inputs.expand(len(masks), *inputs.shape[1:]), patches, kind)
    nodes = reader.look(torch.cat([inputs, changed]))[0].node_logits.cpu()
    drops = (nodes[:1] - nodes[1:]).clamp(min=0).numpy()  # (G * G, N)
    return np.tensordot(drops.T, masks, axes=1).astype(np.float32)


def gradient_saliency(
    reader: ModelReader, inputs: Tensor, aus: Sequence[int], kind: str,
    nodes: bool = False
) -> np.ndarray:
    r"""Gradient saliency of one AU's logit in each clip, for comparison.

    .. math:: s(q) = \sum_c \left| x_c(q) \, \partial z / \partial x_c(q) \right|

    over channels and time, x being the movement (the clip less the still clip).

    Args:
        reader: The model, in evaluation mode.
        inputs: Clips as packed.
        aus: Index of the AU of each clip.
        kind: Kind of the clips.
        nodes: Whether of the node logit. Defaults to False: of the whole model's.

    Shapes:
        - inputs: :math:`(B, \ldots, H, W)`; returns: ``(B, H, W)`` float32
    """
    with torch.enable_grad():
        resting = still(inputs, kind)
        moving = (inputs - resting).detach().requires_grad_()
        premises, _ = reader.look(resting + moving)
        logits = premises.node_logits if nodes else reader.decide(premises)[0]
        chosen = logits[torch.arange(len(logits)), torch.as_tensor(aus)]
        gradient, = torch.autograd.grad(chosen.sum(), moving)
    product = (moving * gradient).detach().abs().flatten(1, -3)
    return product.sum(dim=1).cpu().numpy()
