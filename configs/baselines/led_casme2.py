# LED: Learnable Eulerian Dynamics and its 3-D CNN, with a plain multi-label head.
_base_ = ['../aullm_led_casme2.py']

# ---------------------------------------------------------------- what you edit
max_epochs = 200

# ---------------------------------------------------------------- wiring
model = dict(
    backbone=dict(_delete_=True, type='SSSNet3D', num_frames=6, image_size=64),
    cls_head=dict(
        _delete_=True, type='MultiLabelHead', aus={{_base_.aus}}, in_channels=256,
        dropout=0.0))  # the backbone ends in one
train_dataloader = dict(batch_size=32)
train_cfg = dict(max_epochs=max_epochs, val_begin=max_epochs - 3)
optim_wrapper = dict(
    _delete_=True,
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=1e-4, weight_decay=1e-3),
    constructor='TrainedParamsConstructor',
    paramwise_cfg=dict(lr_mult={'.led.': 1000.0}))  # 0.1, as in the paper
param_scheduler = dict(
    _delete_=True, type='CosineAnnealingLR', T_max=max_epochs, eta_min_ratio=0.02,
    convert_to_iter_based=True)
custom_hooks = [
    dict(type='CheckpointIdentityHook'),
    dict(type='ModelSummaryHook'),
]
