# No AU may talk to another; no rules are left to change.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(graph=dict(prior='none')))
