# Without counterfactual consistency.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(loss_ccr=None))
