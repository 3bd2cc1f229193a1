# Copyright (c) AULLM-MM contributors.
from .arguments import parse_run_arguments
from .inferencer import AUInferencer
from .runs import build_runner, find_checkpoint, load_config, test_run, train_run

__all__ = [
    'AUInferencer', 'build_runner', 'find_checkpoint', 'load_config',
    'parse_run_arguments', 'test_run', 'train_run'
]
