# Copyright (c) AULLM-MM contributors.
"""Choosing frames of a loaded clip."""
from __future__ import annotations

import numpy as np
from mmcv.transforms import BaseTransform

from aullm_mm.registry import TRANSFORMS

from .required import required

SHORT_CLIPS = ('error', 'repeat')


def uniform_indices(num_loaded: int, num_frames: int, last: int) -> np.ndarray:
    """Evenly spaced indices from the onset (0) to ``last``.

    Args:
        num_loaded: Frames that are there.
        num_frames: Frames asked for :math:`T`.
        last: Index of the last frame, inclusive.

    Examples:
        >>> uniform_indices(20, 6, 19).tolist()
        [0, 4, 8, 11, 15, 19]
    """
    last = min(last, num_loaded - 1)
    return np.rint(np.linspace(0, last, num_frames)).astype(int)


@TRANSFORMS.register_module()
class SampleOnsetToOffset(BaseTransform):
    """Sample frames evenly from the onset to the offset, or to a random tail.

    With ``random_tail`` the last frame is drawn between the apex (or the number of
    frames asked for, whichever is later) and the offset, so the onset is always kept
    and the movement always seen: AU-LLM's temporal augmentation.

    Changed key: ``imgs``.

    Args:
        num_frames: Frames to keep :math:`T`. Defaults to 6.
        random_tail: Whether to cut the tail at random. Defaults to False.
        short_clip: For a clip of fewer frames: ``'error'``, or ``'repeat'`` some of
            them. Defaults to ``'error'``.

    Raises:
        ValueError: If a clip is shorter than asked for.
    """

    def __init__(
        self, num_frames: int = 6, random_tail: bool = False, short_clip: str = 'error'
    ) -> None:
        if num_frames < 2:
            raise ValueError(f'num_frames must be at least 2, got {num_frames}.')
        if short_clip not in SHORT_CLIPS:
            raise ValueError(
                f'short_clip must be one of {SHORT_CLIPS}, got {short_clip!r}.')
        self.num_frames, self.random_tail = num_frames, random_tail
        self.short_clip = short_clip

    def transform(self, results: dict) -> dict:
        """Keep the sampled frames."""
        frames = required(results, 'imgs', 'SampleOnsetToOffset')
        count = len(frames)
        if count < self.num_frames and self.short_clip == 'error':
            raise ValueError(
                f'Clip {results["clip_id"]} has {count} frames, but {self.num_frames} '
                f'are asked for: set short_clip=\'repeat\', or a smaller num_frames, '
                f'in SampleOnsetToOffset.')
        last = count - 1
        if self.random_tail:
            apex = required(results, 'apex_index', 'SampleOnsetToOffset')
            earliest = max(apex, self.num_frames - 1)
            last = int(np.random.randint(min(earliest, last), last + 1))
        keep = uniform_indices(count, self.num_frames, last)
        results['imgs'] = np.asarray(frames[keep])
        return results

    def __repr__(self) -> str:
        return (f'SampleOnsetToOffset({self.num_frames}, {self.random_tail}, '
                f'{self.short_clip!r})')


@TRANSFORMS.register_module()
class OnsetApexPair(BaseTransform):
    """Keep the onset and the apex frame only.

    Required keys: ``imgs``, ``apex_index``. Changed key: ``imgs`` (2, H, W).
    """

    def transform(self, results: dict) -> dict:
        """Keep two frames."""
        frames, apex = (required(results, key, 'OnsetApexPair')
                        for key in ('imgs', 'apex_index'))
        results['imgs'] = np.asarray(frames[[0, apex]])
        return results

    def __repr__(self) -> str:
        return 'OnsetApexPair()'
