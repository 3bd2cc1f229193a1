# Copyright (c) AULLM-MM contributors.
from .superpose_motions import SuperposeMotions, superpose

__all__ = ['SuperposeMotions', 'superpose']
