# Without the AU graph: no instruction token, no rules.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(graph=None))
optim_wrapper = dict(paramwise_cfg=dict(
    _delete_=True,
    lr_mult={
        'deduction.': 4.0, 'projector.project.': 4.0, 'projector.attention.': 4.0}))
