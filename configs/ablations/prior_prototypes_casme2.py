# Edges from the prototypes of emotions only.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(graph=dict(prior='prototypes')))
