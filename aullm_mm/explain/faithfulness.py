# Copyright (c) AULLM-MM contributors.
"""Is a trace true to its model: random regions, deletion and insertion curves."""
from __future__ import annotations

from typing import Sequence

import numpy as np
import torch
from torch import Tensor

from .reading import CHUNK, ModelReader
from .regions import FACE_REGIONS, canonical_masks
from .removal import remove_movement

CELLS = 16  # cells a side in which curves take a face apart
STEPS = 8  # points of a curve beside its start
SOFT = 0.06  # width of the border of a random region, in picture widths


def random_regions(
    area: float, size: tuple[int, int], count: int, random: np.random.Generator
) -> np.ndarray:
    """Discs at random places of the face that cover as much as a given region.

    Args:
        area: Sum of the region's mask, in cells.
        size: Height and width of the picture of the canonical face.
        count: How many.
        random: Source of random numbers.

    Shapes:
        returns: ``(count, h, w)`` float32 in 0..1, each with this sum

    Raises:
        ValueError: If the area is more than the picture.

    Examples:
        >>> discs = random_regions(20.0, (16, 16), 2, np.random.default_rng(0))
        >>> discs.sum(axis=(1, 2)).round(2).tolist()
        [20.0, 20.0]
    """
    if not 0 < area < size[0] * size[1]:
        raise ValueError(f'an area of {area:g} cells does not fit a picture of {size}.')
    parts = [i for i, region in enumerate(FACE_REGIONS) if region.side != 'both']
    face = np.argwhere(canonical_masks(size)[parts].sum(axis=0) > 0.5)
    centres = face[random.integers(len(face), size=count)]
    y, x = np.mgrid[:size[0], :size[1]]
    distance = np.hypot(y - centres[:, 0, None, None], x - centres[:, 1, None, None])
    return np.stack([_disc(d, area, SOFT * size[1]) for d in distance])


def _disc(distance: np.ndarray, area: float, soft: float) -> np.ndarray:
    low, high = -20 * soft, distance.max() + 20 * soft
    for _ in range(60):  # the radius that gives the area
        radius = (low + high) / 2
        mask = 1 / (1 + np.exp(np.clip((distance - radius) / (soft / 4), -50, 50)))
        low, high = (radius, high) if mask.sum() < area else (low, radius)
    return mask.astype(np.float32)


def cell_order(heat: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Cells of a heat map from the hottest to the coldest, equal ones at random.

    Args:
        heat: Heat map.
        random: Source of random numbers.

    Shapes:
        - heat: (h, w), multiples of 16; returns: (256,) indices into 16 x 16 cells

    Examples:
        >>> heat = np.zeros((16, 16)); heat[3, 2] = 1
        >>> int(cell_order(heat, np.random.default_rng(0))[0])
        50
    """
    height, width = (length // CELLS for length in heat.shape)
    cells = heat.reshape(CELLS, height, CELLS, width).mean(axis=(1, 3)).ravel()
    return np.lexsort((random.random(cells.size), -cells))


def curve_masks(order: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Masks of the first cells of an order, from none to all in equal steps.

    Args:
        order: Cells from first to last.
        size: Height and width of the picture, multiples of 16.

    Shapes:
        - order: (256,); returns: ``(9, h, w)`` float32, 0 or 1
    """
    rank = np.empty(order.size)
    rank[order] = np.arange(order.size)
    rank = rank.reshape(CELLS, CELLS).repeat(size[0] // CELLS, 0)
    rank = rank.repeat(size[1] // CELLS, 1)
    cuts = np.arange(STEPS + 1) / STEPS * order.size
    return (rank < cuts[:, None, None]).astype(np.float32)


def scores_of(
    reader: ModelReader, inputs: Tensor, masks: Tensor, kind: str, au: int,
    nodes: bool = False
) -> np.ndarray:
    """Scores of one AU in one clip, the movement removed by each of some masks.

    Args:
        reader: The model, inside of :meth:`ModelReader.reading`.
        inputs: One clip as packed.
        masks: The masks.
        kind: Kind of the clip.
        au: Index of the AU.
        nodes: Whether the nodes alone decide. Defaults to False: the whole model.

    Shapes:
        - inputs: :math:`(1, \\ldots, H, W)`; masks: :math:`(V, H, W)`; returns: (V,)
    """
    scores = []
    for part in masks.split(CHUNK):
        changed = remove_movement(
            inputs.expand(len(part), *inputs.shape[1:]), part, kind)
        premises, _ = reader.look(changed)
        logits = premises.node_logits if nodes else reader.decide(premises)[0]
        scores.append(logits[:, au].double().sigmoid().cpu().numpy())
    return np.concatenate(scores)


def deletion_and_insertion(
    reader: ModelReader, inputs: Tensor, kind: str, au: int, order: np.ndarray,
    nodes: bool = False
) -> tuple[float, float]:
    """Areas under the curves of taking cells out, and of putting them in, in an order.

    A faithful order has a small area of deletion and a large one of insertion.

    Args:
        reader: The model, inside of :meth:`ModelReader.reading`.
        inputs: One clip as packed.
        kind: Kind of the clip.
        au: Index of the AU.
        order: Cells, the most important first.
        nodes: Whether the nodes alone decide. Defaults to False.

    Shapes:
        - inputs: :math:`(1, \\ldots, H, W)`; order: (256,)
    """
    masks = torch.from_numpy(curve_masks(order, tuple(inputs.shape[-2:])))
    scores = scores_of(
        reader, inputs, torch.cat([masks, 1 - masks]), kind, au, nodes)
    return tuple(float((half[1:] + half[:-1]).mean() / 2)
                 for half in np.split(scores, 2))


def mean_interval(
    values: Sequence[float], groups: Sequence[str], n: int = 2000, seed: int = 0
) -> tuple[float, float, float]:
    """Mean, and its 95 % interval over resampled groups (clips, or subjects).

    Args:
        values: Values.
        groups: Group of each value.
        n: Resamples. Defaults to 2000.
        seed: Seed. Defaults to 0.

    Raises:
        ValueError: If there is no value.

    Examples:
        >>> mean_interval([1.0, 1.0, 1.0], ['a', 'a', 'b'])
        (1.0, 1.0, 1.0)
    """
    if not len(values):
        raise ValueError('there is no value to take the mean of.')
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    sums = np.bincount(member, weights=np.asarray(values, float))
    counts = np.bincount(member)
    drawn = np.random.default_rng(seed).integers(len(names), size=(n, len(names)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(np.mean(values)), float(low), float(high)
