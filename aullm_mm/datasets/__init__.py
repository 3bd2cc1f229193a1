# Copyright (c) AULLM-MM contributors.
from . import transforms  # noqa: F401  (registers the transforms)
from .micro_expression_dataset import MicroExpressionDataset

__all__ = ['MicroExpressionDataset']
