# Copyright (c) AULLM-MM contributors.
from .checkpoint_identity_hook import CheckpointIdentityHook
from .cooccurrence_prior_hook import CooccurrencePriorHook
from .evidence_warmup_hook import EvidenceWarmupHook
from .model_summary_hook import ModelSummaryHook
from .test_epochs_hook import TestEpochsHook

__all__ = [
    'CheckpointIdentityHook', 'CooccurrencePriorHook', 'EvidenceWarmupHook',
    'ModelSummaryHook', 'TestEpochsHook'
]
