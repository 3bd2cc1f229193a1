# Copyright (c) AULLM-MM contributors.
"""A folder for videos that nobody else can read, and that does not stay behind."""
from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None

PREFIX = 'aullm_mm_webapp_'
_LOCK = 'in_use'
# Younger folders may belong to a process that is about to lock them.
_LEAST_AGE = 60.0


class PrivateFolder:
    """A temporary folder of this process, mode 0700, removed at its end.

    A process that is killed or loses its power cannot remove its folder; it holds a
    lock on a file inside, and the next one removes the folders that nobody locks.

    Args:
        parent: Folder to make it in. Defaults to the system's for temporary files.

    Examples:
        >>> with PrivateFolder() as folder:
        ...     oct(folder.stat().st_mode & 0o777), folder.is_dir()
        ('0o700', True)
        >>> folder.exists()
        False
    """

    def __init__(self, parent: Path | None = None) -> None:
        self._parent = Path(parent or tempfile.gettempdir())
        self._folder: tempfile.TemporaryDirectory | None = None
        self._lock: IO | None = None

    def __enter__(self) -> Path:
        """Make the folder, after those that others left behind were removed."""
        remove_left_behind(self._parent)
        self._folder = tempfile.TemporaryDirectory(prefix=PREFIX, dir=self._parent)
        path = Path(self._folder.name)
        self._lock = (path / _LOCK).open('w')
        _try_lock(self._lock)
        return path

    def __exit__(self, *error: object) -> None:
        """Remove the folder with all that is in it."""
        self._lock.close()
        self._folder.cleanup()


def remove_left_behind(parent: Path) -> list[Path]:
    """Remove the folders of processes that ended without removing them.

    Args:
        parent: Where they are.

    Returns:
        Those that were removed.
    """
    return [path for path in sorted(parent.glob(f'{PREFIX}*')) if _is_left(path)
            and not shutil.rmtree(path, ignore_errors=True)]


def _is_left(path: Path) -> bool:
    try:
        stat = path.lstat()
        own = path.is_dir() and not path.is_symlink() and stat.st_uid == os.getuid()
        if not own or time.time() - stat.st_mtime < _LEAST_AGE:
            return False
        with (path / _LOCK).open('a') as lock:
            return _try_lock(lock)
    except (OSError, AttributeError):  # another's, gone meanwhile, or on Windows
        return False


def _try_lock(stream: IO) -> bool:
    """Lock an open file; False where another process holds it, or nobody can tell."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
