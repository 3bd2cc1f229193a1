# Copyright (c) AULLM-MM contributors.
from .aullm_head import AULLMHead
from .deduction import Deduction

__all__ = ['AULLMHead', 'Deduction']
