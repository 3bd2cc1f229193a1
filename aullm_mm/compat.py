# Copyright (c) AULLM-MM contributors.
"""The one place that mends what is broken in the packages we stand on.

Every mend looks first whether upstream still needs it and does nothing when it
does not. ``aullm_mm`` calls :func:`apply_all` before it imports
``mmaction.models``. ``tests/test_compat.py`` runs upstream without each mend and
fails as soon as one can go.
"""
from __future__ import annotations

import functools
import importlib
import importlib.metadata
import inspect
import sys
import types
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Callable

from .safe_load import load_from_local

_MMCV_TRANSFORMER = 'mmcv.cnn.bricks.transformer'
_DRN = 'mmaction.models.localizers.drn'
# What mmaction.models.multimodal.vindlu imports at its top level.
_VINDLU_IMPORTS = (
    ('timm.models.layers', ('DropPath', )),
    ('transformers.file_utils', ('replace_return_docstrings', )),
    ('transformers.modeling_utils',
     ('apply_chunking_to_forward', 'find_pruneable_heads_and_indices',
      'prune_linear_layer')),
    ('transformers.models.beit.modeling_beit', ('BeitDropPath', )),
)


@dataclass(frozen=True)
class Mend:
    """One mend of an upstream package.

    Args:
        name: Short name, shown by ``python -m aullm_mm.doctor``.
        thread: Where upstream's users report the fault.
        what: What the mend does, in one sentence.
        needed: Looks at the installed packages; False means hands off.
        apply: Does it. Called only when ``needed()`` is True.
    """

    name: str
    thread: str
    what: str
    needed: Callable[[], bool]
    apply: Callable[[], None]


# -- importlib_metadata: imported by mmaction, not declared by its wheel --------


def _importlib_metadata_missing() -> bool:
    return ('importlib_metadata' not in sys.modules
            and find_spec('importlib_metadata') is None)


def _alias_importlib_metadata() -> None:
    sys.modules['importlib_metadata'] = importlib.metadata


# -- mmaction.models.localizers.drn: imported, but left out of the wheel --------


def _package_dir(package: str) -> Path | None:
    """Folder of a top-level package, found without importing it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _drn_missing() -> bool:
    root = _package_dir('mmaction')
    if root is None or _DRN in sys.modules:
        return False
    localizers = root / 'models' / 'localizers'
    init = localizers / '__init__.py'
    imported = init.is_file() and '.drn' in init.read_text(encoding='utf-8')
    return imported and not (localizers / 'drn' / 'drn.py').is_file()


class _MissingDRN:
    """Stands where ``DRN`` should be; says so when somebody builds it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise ImportError(
            'DRN is not part of the mmaction2 1.2.0 wheel (mmaction2 issue '
            '2714). Install mmaction2 from its source tree to use it.')


def _insert_drn() -> None:
    for name in (_DRN, f'{_DRN}.drn'):
        module = types.ModuleType(name)
        module.__path__ = []
        module.DRN = _MissingDRN
        sys.modules[name] = module


# -- VindLU: switched on by transformers, imports names that are gone -----------


def _has_names(module: str, names: tuple[str, ...]) -> bool:
    try:
        loaded = importlib.import_module(module)
    except ImportError:
        return False
    return all(hasattr(loaded, name) for name in names)


def _vindlu_breaks() -> bool:
    if find_spec('transformers') is None or _package_dir('mmaction') is None:
        return False
    if 'mmaction.models' in sys.modules:
        return False
    return not all(_has_names(*entry) for entry in _VINDLU_IMPORTS)


def _switch_vindlu_off() -> None:
    dependency = importlib.import_module('mmaction.utils.dependency')
    dependency.WITH_MULTIMODAL = False


# -- mmcv-lite: a warning about compiled operators nobody here uses -------------


def _mmcv_warns() -> bool:
    root = _package_dir('mmcv')
    return (root is not None and _MMCV_TRANSFORMER not in sys.modules
            and not any(root.glob('_ext*')))


def _import_mmcv_quietly() -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings(
            'ignore', message='Fail to import ``MultiScaleDeformableAttention``')
        importlib.import_module(_MMCV_TRANSFORMER)


# -- checkpoints: torch >= 2.6 refuses MMEngine's own bookkeeping ---------------


def _loader_unpickles() -> bool:
    if _package_dir('mmengine') is None or find_spec('torch') is None:
        return False
    from mmengine.runner import checkpoint
    return 'weights_only' not in inspect.getsource(checkpoint.load_from_local)


def _register_loader() -> None:
    from mmengine.runner import CheckpointLoader
    CheckpointLoader.register_scheme('', load_from_local, force=True)


MENDS: tuple[Mend, ...] = (
    Mend('importlib_metadata',
         'no thread known; imported by mmaction/utils/dependency.py of 1.2.0',
         'importlib.metadata stands in for the undeclared importlib_metadata',
         _importlib_metadata_missing, _alias_importlib_metadata),
    Mend('drn', 'https://github.com/open-mmlab/mmaction2/issues/2714',
         'an empty mmaction.models.localizers.drn, which the wheel leaves out',
         _drn_missing, _insert_drn),
    Mend('mmcv_warning', 'https://github.com/open-mmlab/mmaction2/issues/2030',
         'no warning about compiled operators, which mmcv-lite does not have',
         _mmcv_warns, _import_mmcv_quietly),
    Mend('vindlu', 'https://github.com/xinyu1205/recognize-anything/issues/219',
         'VindLU stays off: it imports timm and names gone from transformers',
         _vindlu_breaks, _switch_vindlu_off),
    Mend('checkpoint', 'https://github.com/open-mmlab/mmengine/issues/1655',
         'local checkpoints with bookkeeping load on torch >= 2.6',
         _loader_unpickles, _register_loader),
)


@functools.lru_cache(maxsize=None)
def apply_all() -> tuple[Mend, ...]:
    """Apply the mends that the installed packages need, once a process.

    Returns:
        The mends that were applied, in order. Later calls do nothing and return
        the same.

    Examples:
        >>> apply_all() is apply_all()
        True
    """
    applied = []
    for mend in MENDS:
        if mend.needed():
            mend.apply()
            applied.append(mend)
    return tuple(applied)
