# Eight content tokens instead of four.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(projector=dict(num_tokens=8)))
