# EFP of AU-LLM instead of MGE-EFP: all features, one MLP, one content token. With
# one token there is one place to look at.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(
    projector=dict(
        _delete_=True, type='FusionProjector', in_features=64 * 10 * 10 + 64),
    graph=dict(heads=1)))
optim_wrapper = dict(paramwise_cfg=dict(_delete_=True, lr_mult={
    'projector.mlp.': 4.0, **{
        part: rate for part, rate in _base_.optim_wrapper.paramwise_cfg.lr_mult.items()
        if not part.startswith('projector.')}}))
