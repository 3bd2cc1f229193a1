# Without the AU graph: no instruction token, no rules.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(graph=None))
optim_wrapper = dict(paramwise_cfg=dict(_delete_=True, lr_mult={
    part: rate for part, rate in _base_.optim_wrapper.paramwise_cfg.lr_mult.items()
    if part != 'graph.strength'}))
