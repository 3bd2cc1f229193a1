# Copyright (c) AULLM-MM contributors.
from .aullm_head import AULLMHead
from .deduction import Deduction
from .emotion_branch import EmotionAnswer, EmotionBranch
from .premises import Premises

__all__ = ['AULLMHead', 'Deduction', 'EmotionAnswer', 'EmotionBranch', 'Premises']
