# Copyright (c) AULLM-MM contributors.
from .eulerian_net3d import EulerianNet3D, LearnableEulerianDynamics, eulerian_weights
from .flow_net2d import FlowNet2D
from .motion_fusion_net import MotionFusionNet

__all__ = [
    'EulerianNet3D', 'FlowNet2D', 'LearnableEulerianDynamics', 'MotionFusionNet',
    'eulerian_weights'
]
