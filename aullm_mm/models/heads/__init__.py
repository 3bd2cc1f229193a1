# Copyright (c) AULLM-MM contributors.
from .aullm_head import AULLMHead
from .constant_head import ConstantHead
from .deduction import Deduction
from .emotion_branch import EmotionAnswer, EmotionBranch
from .multi_label_head import MultiLabelHead
from .premises import Premises

__all__ = [
    'AULLMHead', 'ConstantHead', 'Deduction', 'EmotionAnswer', 'EmotionBranch',
    'MultiLabelHead', 'Premises'
]
