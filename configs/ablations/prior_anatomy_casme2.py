# Edges from anatomy only: same muscle, antagonist muscles, same region.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(graph=dict(prior='anatomy')))
