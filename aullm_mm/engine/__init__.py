# Copyright (c) AULLM-MM contributors.
from . import optim  # noqa: F401  (registers the wrapper)
from .hooks import CheckpointIdentityHook, EvidenceWarmupHook, ModelSummaryHook

__all__ = ['CheckpointIdentityHook', 'EvidenceWarmupHook', 'ModelSummaryHook']
