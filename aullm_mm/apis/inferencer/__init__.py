# Copyright (c) AULLM-MM contributors.
"""Inference on videos, from the file to an explained answer."""
from .inferencer import AUInferencer, Inference
from .options import InferenceOptions
from .recognizer import TrainedRecognizer, load_recognizer
from .watching import WatchOptions
from .writing import FORMATS, write_result

__all__ = [
    'FORMATS', 'AUInferencer', 'Inference', 'InferenceOptions', 'TrainedRecognizer',
    'WatchOptions', 'load_recognizer', 'write_result'
]
