# Copyright (c) AULLM-MM contributors.
from .cpu_amp_optim_wrapper import CPUAmpOptimWrapper
from .trained_params_constructor import TrainedParamsConstructor

__all__ = ['CPUAmpOptimWrapper', 'TrainedParamsConstructor']
