# Copyright (c) AULLM-MM contributors.
"""Run the deterministic part of a pipeline once a clip, and keep its arrays."""
from __future__ import annotations

from pathlib import Path
from typing import Sequence

import numpy as np
from mmcv.transforms import BaseTransform, Compose

from aullm_mm.registry import TRANSFORMS

from ..clip_cache import ClipCache, clip_key

# Everything the wrapped transforms may produce that later ones need.
CACHED_KEYS = ('imgs', 'flow', 'apex_index')
# A process may map some 65,000 files; a clip has up to three.
KEEP_OPEN = 10_000


@TRANSFORMS.register_module()
class CacheClip(BaseTransform):
    """Wrap deterministic transforms with a cache on disk, memory-mapped when read.

    The key of a clip is made of the wrapped transforms, the frame folder, the frame
    numbers, and size and time of the onset, apex and offset files; whatever changes of
    these makes the clip anew. Files are looked at once: clips that were read stay
    mapped, ``KEEP_OPEN`` of them at the most, which costs addresses but no memory.

    Args:
        transforms: Configs of the deterministic transforms (loading, registration,
            resizing, flow).
        root: Folder of the cache.
        keys: Arrays to keep, of ``imgs``, ``flow`` and ``apex_index``; what later
            transforms do not need costs time each time it is read. Defaults to all
            that the transforms make.

    Raises:
        ValueError: If a key is not known.
        OSError: If there is no space left, naming the folder.
    """

    def __init__(
        self, transforms: Sequence[dict], root: str,
        keys: Sequence[str] = CACHED_KEYS
    ) -> None:
        unknown = sorted(set(keys) - set(CACHED_KEYS))
        if unknown or not keys:
            raise ValueError(f'keys must be of {CACHED_KEYS}, got {tuple(keys)}.')
        self.keys = tuple(keys)
        self.transforms = Compose([TRANSFORMS.build(dict(t)) for t in transforms])
        self.recipe = [repr(t) for t in self.transforms.transforms]
        if self.keys != CACHED_KEYS:
            self.recipe.append(f'keys={self.keys}')
        self.cache = ClipCache(root)
        self._open: dict[tuple, dict[str, np.ndarray]] = {}

    def transform(self, results: dict) -> dict:
        """Read the clip's arrays from the cache, or make and keep them."""
        clip = tuple(results[k] for k in ('frame_dir', 'onset', 'apex', 'offset'))
        arrays = self._open.get(clip) or self._read(clip, results)
        results.update(arrays)
        if 'apex_index' in arrays:
            results['apex_index'] = int(arrays['apex_index'])
        if 'imgs' in arrays:
            results['img_shape'] = tuple(arrays['imgs'].shape[1:3])
        elif 'flow' in arrays:
            results['img_shape'] = tuple(arrays['flow'].shape[:2])
        return results

    def _read(self, clip: tuple, results: dict) -> dict[str, np.ndarray]:
        key = self.key(results)
        arrays = self.cache.get(key)
        if arrays is None:
            made = self.transforms(dict(results))
            arrays = {k: np.asarray(made[k]) for k in self.keys if k in made}
            self.cache.put(key, arrays)
        elif len(self._open) < KEEP_OPEN:
            self._open[clip] = arrays
        return arrays

    def has(self, results: dict) -> bool:
        """Whether a clip is cached already."""
        return self.cache.has(self.key(results))

    def key(self, results: dict) -> str:
        """Cache key of a clip."""
        folder = Path(results['frame_dir'])
        numbers = [results[k] for k in ('onset', 'apex', 'offset')]
        files = [folder / results['frame_template'].format(n) for n in numbers]
        stamps = [
            (f.stat().st_size, f.stat().st_mtime_ns) if f.is_file() else None
            for f in files
        ]
        return clip_key(self.recipe, str(folder.resolve()), numbers, stamps)

    def __getstate__(self) -> dict:
        return {**self.__dict__, '_open': {}}  # a copy maps its own

    def __repr__(self) -> str:
        return f'CacheClip({self.recipe}, root={str(self.cache.root)!r})'
