# AUs learn where to look, instead of starting from anatomy.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(graph=dict(anatomy=False)))
