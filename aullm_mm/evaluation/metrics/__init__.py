# Copyright (c) AULLM-MM contributors.
from .au_metric import AUMetric
from .emotion_metric import EmotionMetric

__all__ = ['AUMetric', 'EmotionMetric']
