# Copyright (c) AULLM-MM contributors.
"""A cache of clips on disk, memory-mapped when read."""
from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Mapping

import numpy as np

# A full disk, a full quota, a limit on the size of files.
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class ClipCache:
    """Arrays of clips, one file an array, written whole or not at all.

    Several processes may write the same clip at once: each writes files of its own and
    moves them into place, so that a reader sees the arrays of one of them.

    Args:
        root: Folder of the cache; made when first written to.

    Examples:
        >>> import tempfile
        >>> cache = ClipCache(tempfile.mkdtemp())
        >>> key = clip_key('clip 1', [4, 'gray'])
        >>> cache.get(key) is None
        True
        >>> cache.put(key, {'imgs': np.zeros((3, 2, 2), np.uint8)})
        >>> cache.get(key)['imgs'].shape
        (3, 2, 2)
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def get(self, key: str) -> dict[str, np.ndarray] | None:
        """Memory-mapped arrays of a clip, or None where it is not cached."""
        index = self._path(key, 'json')
        try:
            names = json.loads(index.read_text(encoding='utf-8'))
            return {n: np.load(self._path(key, f'{n}.npy'), 'r') for n in names}
        except (FileNotFoundError, ValueError, EOFError):
            return None  # not there, or cut off while it was written: made anew

    def put(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Write the arrays of a clip; the index comes last, so that half is nothing.

        Args:
            key: Key of the clip.
            arrays: The arrays by name.

        Raises:
            OSError: If they cannot be written; the message names the cache folder.
        """
        try:
            self._path(key, 'json').parent.mkdir(parents=True, exist_ok=True)
            for name, array in arrays.items():
                content = np.asarray(array, order='C')
                self._write(self._path(key, f'{name}.npy'), content)
            self._write(self._path(key, 'json'), sorted(arrays))
        except OSError as error:
            what = 'No space left for the clip cache in' if error.errno in NO_SPACE \
                else f'{error.strerror}: cannot write the clip cache in'
            raise OSError(
                error.errno,
                f'{what} {self.root}. Free some space there, or put it elsewhere: set '
                f'cache_root in the config, or root of CacheClip') from None

    def has(self, key: str) -> bool:
        """Whether a clip is cached."""
        return self._path(key, 'json').is_file()

    def _path(self, key: str, suffix: str) -> Path:
        return self.root / key[:2] / f'{key}.{suffix}'

    @staticmethod
    def _write(path: Path, content: Any) -> None:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix='.writing-')
        try:
            with os.fdopen(handle, 'wb') as file:
                if isinstance(content, np.ndarray):
                    # np.save on a real file loses the errno of a full disk.
                    buffer = io.BytesIO()
                    np.save(buffer, content)
                    file.write(buffer.getbuffer())
                else:
                    file.write(json.dumps(content).encode())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def clip_key(*parts: Any) -> str:
    """A short hash of whatever decides the content of a cached clip.

    Args:
        parts: JSON-serialisable parts; their order matters.

    Examples:
        >>> clip_key('a', 1) == clip_key('a', 1), clip_key('a', 1) == clip_key('a', 2)
        (True, False)
    """
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
