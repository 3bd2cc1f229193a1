# High frequencies as the backbone gives them.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(projector=dict(high_frequency=False)))
