# Copyright (c) AULLM-MM contributors.
from . import optim  # noqa: F401  (registers the wrapper)
from .hooks import (
    AUVisualizationHook,
    CheckpointIdentityHook,
    EvidenceWarmupHook,
    ModelSummaryHook,
    TestEpochsHook,
)
from .prediction import predict_clips

__all__ = [
    'AUVisualizationHook', 'CheckpointIdentityHook', 'EvidenceWarmupHook',
    'ModelSummaryHook', 'TestEpochsHook', 'predict_clips'
]
