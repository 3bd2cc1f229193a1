# Copyright (c) AULLM-MM contributors.
from .causal_lm import CausalLM
from .deduction_prompt import DeductionPrompt
from .packaged import llm_fingerprint, resolve_llm

__all__ = ['CausalLM', 'DeductionPrompt', 'llm_fingerprint', 'resolve_llm']
