# Copyright (c) AULLM-MM contributors.
"""MMAction2's registries, under which every component of AULLM-MM is registered.

The components join MMAction2's own registries instead of a child scope, so that an
existing MMAction2 config finds them after
``custom_imports = dict(imports=['aullm_mm'])`` without a prefix.
"""
from mmaction.registry import (
    DATASETS,
    HOOKS,
    METRICS,
    MODELS,
    TRANSFORMS,
    VISUALIZERS,
)

__all__ = ['DATASETS', 'HOOKS', 'METRICS', 'MODELS', 'TRANSFORMS', 'VISUALIZERS']
