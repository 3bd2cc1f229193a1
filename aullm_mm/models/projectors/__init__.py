# Copyright (c) AULLM-MM contributors.
from .fusion_projector import FusionProjector
from .multi_granularity_projector import MultiGranularityProjector

__all__ = ['FusionProjector', 'MultiGranularityProjector']
