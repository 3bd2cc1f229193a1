# Frames by Learnable Eulerian Dynamics and flow, side by side.
_base_ = ['../aullm_fusion_casme2.py']
