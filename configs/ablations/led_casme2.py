# Frames by Learnable Eulerian Dynamics instead of flow.
_base_ = ['../aullm_led_casme2.py']
