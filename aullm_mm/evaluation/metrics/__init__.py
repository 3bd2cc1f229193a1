# Copyright (c) AULLM-MM contributors.
from .au_metric import AUMetric

__all__ = ['AUMetric']
