# Copyright (c) AULLM-MM contributors.
from .au_data_sample import AUDataSample, stack_au_labels, stack_emotion_labels

__all__ = ['AUDataSample', 'stack_au_labels', 'stack_emotion_labels']
