# Copyright (c) AULLM-MM contributors.
from .asymmetric_loss import AsymmetricLoss, asymmetric_loss
from .counterfactual_consistency_loss import (
    CounterfactualConsistencyLoss,
    bernoulli_divergence,
)

__all__ = [
    'AsymmetricLoss', 'CounterfactualConsistencyLoss', 'asymmetric_loss',
    'bernoulli_divergence'
]
