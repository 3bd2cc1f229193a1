# Copyright (c) AULLM-MM contributors.
"""Write a file whole or not at all."""
from __future__ import annotations

import os
from pathlib import Path


def write_atomic(path: str | Path, content: bytes) -> Path:
    """Write a file beside its place and rename it: nobody ever sees a half.

    Args:
        path: The file; its folder is made where missing.
        content: What to write.

    Returns:
        The file.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_atomic(folder + '/new/page.html', b'<html>').read_bytes()
        b'<html>'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f'.{path.name}.{os.getpid()}.tmp')
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path
