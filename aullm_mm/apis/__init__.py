# Copyright (c) AULLM-MM contributors.
from .runs import build_runner, find_checkpoint, load_config, test_run, train_run

__all__ = ['build_runner', 'find_checkpoint', 'load_config', 'test_run', 'train_run']
