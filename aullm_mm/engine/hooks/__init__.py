# Copyright (c) AULLM-MM contributors.
from .checkpoint_identity_hook import CheckpointIdentityHook
from .evidence_warmup_hook import EvidenceWarmupHook
from .model_summary_hook import ModelSummaryHook

__all__ = ['CheckpointIdentityHook', 'EvidenceWarmupHook', 'ModelSummaryHook']
