# Strengths stay at the sign of their relation.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(graph=dict(learn_strength=False)))
optim_wrapper = dict(paramwise_cfg=dict(
    _delete_=True,
    lr_mult={
        'deduction.': 4.0, 'projector.project.': 4.0, 'projector.attention.': 4.0}))
