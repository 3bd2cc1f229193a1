# Copyright (c) AULLM-MM contributors.
"""AULLM-MM: facial action units in micro-expressions by structural reasoning.

``import aullm_mm`` mends what is broken upstream, and registers every component in
MMAction2's registries; a config needs only
``custom_imports = dict(imports=['aullm_mm'], allow_failed_imports=False)``.
"""
import sys

from .compat import Mend
from .compat import apply_all as _apply_all
from .version import __version__

MENDS: tuple[Mend, ...] = ()

# ``python -m aullm_mm.doctor`` must run even where the stack is broken.
if 'aullm_mm.doctor' not in sys.orig_argv:
    try:
        MENDS = _apply_all()
        from . import (  # noqa: F401
            datasets,
            engine,
            evaluation,
            models,
            visualization,
            zoo,
        )
    except (ImportError, AssertionError) as error:  # mmaction2 asserts mmcv's version
        raise ImportError(
            f'AULLM-MM cannot be imported, because a package it stands on is missing '
            f'or broken: {error}. Run `python -m aullm_mm.doctor` for the command that '
            f'mends it.') from error

__all__ = ['MENDS', '__version__']
