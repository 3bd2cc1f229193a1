# MMAction2's SlowOnly-R18, from scratch, with a plain multi-label head.
_base_ = ['../aullm_slowonly_casme2.py']

# ---------------------------------------------------------------- what you edit
max_epochs = 58

# ---------------------------------------------------------------- wiring
model = dict(cls_head=dict(
    _delete_=True, type='MultiLabelHead', aus={{_base_.aus}}, in_channels=512))
optim_wrapper = dict(
    _delete_=True,
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.01, fused=True),
    clip_grad=dict(max_norm=1.0),
    constructor='TrainedParamsConstructor')
train_cfg = dict(max_epochs=max_epochs, val_begin=max_epochs - 3)
param_scheduler = dict(
    _delete_=True, type='CosineAnnealingLR', T_max=max_epochs, eta_min_ratio=0.02,
    convert_to_iter_based=True)
custom_hooks = [
    dict(type='CheckpointIdentityHook'),
    dict(type='ModelSummaryHook'),
]
