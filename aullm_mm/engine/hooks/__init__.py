# Copyright (c) AULLM-MM contributors.
from .au_visualization_hook import AUVisualizationHook
from .checkpoint_identity_hook import CheckpointIdentityHook
from .cooccurrence_prior_hook import CooccurrencePriorHook
from .evidence_warmup_hook import EvidenceWarmupHook
from .model_summary_hook import ModelSummaryHook
from .test_epochs_hook import TestEpochsHook

__all__ = [
    'AUVisualizationHook', 'CheckpointIdentityHook', 'CooccurrencePriorHook',
    'EvidenceWarmupHook', 'ModelSummaryHook', 'TestEpochsHook'
]
