# Copyright (c) AULLM-MM contributors.
from .eulerian_net3d import EulerianNet3D, LearnableEulerianDynamics, eulerian_weights
from .flow_histogram import FlowHistogram
from .flow_net2d import FlowNet2D
from .motion_fusion_net import MotionFusionNet
from .off_apex_net import OffApexNet
from .sss_net import SSSNet
from .sss_net3d import SSSNet3D
from .stst_net import STSTNet

__all__ = [
    'EulerianNet3D', 'FlowHistogram', 'FlowNet2D', 'LearnableEulerianDynamics',
    'MotionFusionNet', 'OffApexNet', 'SSSNet', 'SSSNet3D', 'STSTNet',
    'eulerian_weights'
]
