# Evidence of the whole face only.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(projector=dict(grids=((1, 1),))))
