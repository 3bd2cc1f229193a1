# Copyright (c) AULLM-MM contributors.
"""Loads a checkpoint file without letting it run code.

From torch 2.6 on, ``torch.load`` accepts nothing but tensors and plain Python
values unless told otherwise, and MMEngine's checkpoints also hold its loss history.
MMEngine's later answer is to accept everything; ours is to accept exactly that
history. :mod:`aullm_mm.compat` hands :func:`load_from_local` to MMEngine.
"""
from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

# Not the file's fault, and torch's own words are clear.
_FAULT_OF_DEVICE = re.compile('CUDA|deserialize object on|restore data location')


def load_from_local(filename: str, map_location: Any = None) -> Any:
    """Load a checkpoint file, tensors and MMEngine's bookkeeping only.

    The name is part of the job: MMEngine's log line is made from it.

    Args:
        filename: Path of the checkpoint.
        map_location: As in :func:`torch.load`. Defaults to None.

    Returns:
        What was saved, usually a dict with ``state_dict`` and ``meta``.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is damaged, is no checkpoint, or holds objects that
            are neither tensors nor MMEngine's own.

    Examples:
        >>> load_from_local('no_such.pth')
        Traceback (most recent call last):
        ...
        FileNotFoundError: no_such.pth: there is no such checkpoint file
    """
    path = Path(filename).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f'{filename}: there is no such checkpoint file')
    try:
        return _load_weights(path, map_location)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # a damaged file makes torch raise almost anything
        if _FAULT_OF_DEVICE.search(str(error)):
            raise
        raise ValueError(_explain(filename, str(error))) from error


def _load_weights(path: Path, map_location: Any) -> Any:
    import torch
    try:
        return torch.load(path, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        if 'GLOBAL' not in str(error):
            raise
    return _load_bookkeeping(path, map_location)


def _explain(filename: str, text: str) -> str:
    if 'GLOBAL' in text:
        refused = re.search(r'GLOBAL ([^\n]*?) (?:was not|whose)', text)
        what = refused.group(1) if refused else text.splitlines()[0]
        return (
            f'{filename}: holds more than weights ({what}) and is not loaded, '
            'because such a file can run code. If you trust it, load it once '
            'with torch.load(..., weights_only=False) and save its '
            "'state_dict' alone.")
    size = Path(filename).expanduser().stat().st_size
    return (f'{filename}: damaged, or not a checkpoint at all (size {size} bytes). '
            'Copy it again, or name another file.')


def _named_getattr(owner: type, name: str) -> Any:
    """``getattr`` narrowed to what a pickled ``HistoryBuffer`` asks for."""
    from mmengine.logging import HistoryBuffer
    if owner is not HistoryBuffer or name not in _public_names(HistoryBuffer):
        raise pickle.UnpicklingError(
            f'Unsupported global: GLOBAL getattr({owner!r}, {name!r})')
    return getattr(owner, name)


def _public_names(owner: type) -> set[str]:
    return {name for name in dir(owner) if not name.startswith('_')}


def _bookkeeping() -> list[Any]:
    """Globals in a checkpoint of an MMEngine ``Runner`` besides tensors.

    ``HistoryBuffer`` objects hold numpy arrays and name their own methods through
    ``getattr``, which is replaced by :func:`_named_getattr`: a file can thus
    still not run code of its own.
    """
    import numpy as np
    from mmengine.logging import HistoryBuffer
    rebuild_array = np.empty(0).__reduce__()[0]
    rebuild_scalar = np.float64(0).__reduce__()[0]
    dtypes = {type(np.dtype(code)) for code in '?bhilqBHILQefdgFDGSUO'}
    return [
        HistoryBuffer, np.ndarray, np.dtype, *dtypes,
        (_named_getattr, 'builtins.getattr'),
        # numpy < 2 wrote numpy.core, numpy >= 2 writes numpy._core.
        *((function, f'{core}.multiarray.{name}')
          for core in ('numpy.core', 'numpy._core')
          for function, name in ((rebuild_array, '_reconstruct'),
                                 (rebuild_scalar, 'scalar'))),
    ]


def _load_bookkeeping(path: Path, map_location: Any) -> Any:
    import torch
    if not hasattr(torch.serialization, 'safe_globals'):
        # torch < 2.5 cannot allow-list; its own default loads everything.
        return torch.load(path, map_location=map_location, weights_only=False)
    with torch.serialization.safe_globals(_bookkeeping()):
        return torch.load(path, map_location=map_location, weights_only=True)
