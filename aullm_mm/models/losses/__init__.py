# Copyright (c) AULLM-MM contributors.
from .asymmetric_loss import AsymmetricLoss, asymmetric_loss
from .counterfactual_consistency_loss import (
    CounterfactualConsistencyLoss,
    bernoulli_divergence,
)
from .emotion_loss import EmotionLoss, emotion_cross_entropy

__all__ = [
    'AsymmetricLoss', 'CounterfactualConsistencyLoss', 'EmotionLoss', 'asymmetric_loss',
    'bernoulli_divergence', 'emotion_cross_entropy'
]
