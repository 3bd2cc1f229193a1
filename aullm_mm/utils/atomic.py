# Copyright (c) AULLM-MM contributors.
"""Write a file whole or not at all."""
from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomic(path: str | os.PathLike, content: bytes) -> Path:
    """Write a file in one step: readers see the old file or the whole new one.

    Args:
        path: File to write; its folder is made where it is missing.
        content: What to write.

    Returns:
        The file.

    Raises:
        OSError: If it cannot be written; what was there stays.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_atomic(folder + '/new/page.html', b'<html>').read_bytes()
        b'<html>'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f'.{path.name}.')
    try:
        with os.fdopen(handle, 'wb') as stream:
            stream.write(content)
        # mkstemp makes private files; this one is as readable as its neighbours.
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def write_text_atomic(path: str | os.PathLike, text: str) -> Path:
    """Write a text file in one step, as UTF-8 with plain newlines.

    Args:
        path: File to write; its folder is made where it is missing.
        text: The content.

    Returns:
        The file.

    Raises:
        OSError: As for :func:`write_atomic`.
    """
    return write_atomic(path, text.encode('utf-8'))
