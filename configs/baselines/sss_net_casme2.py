# SSSNet on onset-to-apex flow, trained with the settings of the CD6ME benchmark.
# The other baselines on flow start from this one.
_base_ = ['../aullm_casme2.py']

# ---------------------------------------------------------------- what you edit
cache_root = 'data/clip_cache'
max_epochs = 200

# ---------------------------------------------------------------- model
model = dict(
    data_preprocessor=dict(blending=None),
    backbone=dict(_delete_=True, type='SSSNet'),
    cls_head=dict(
        _delete_=True, type='MultiLabelHead', aus={{_base_.aus}}, in_channels=256))

# ---------------------------------------------------------------- data
cached = dict(
    type='CacheClip',
    root=cache_root,
    keys=('flow',),
    transforms=[
        dict(type='LoadMicroExpressionFrames', color='gray', max_frames=16),
        dict(type='OnsetApexFlow', size=(64, 64)),
    ])
form = [
    dict(type='FormatMotion', keys=('flow',), layout='channels'),
    dict(type='PackAUInputs'),
]
augment = dict(
    type='AugmentMotion', max_shift=0.02, max_turn=2.0, max_scale=0.03,
    motion_gain=1.3)
train_dataloader = dict(
    batch_size=32, dataset=dict(pipeline=[cached, augment, *form]))
val_dataloader = dict(dataset=dict(pipeline=[cached, *form]))
test_dataloader = dict(dataset=dict(pipeline=[cached, *form]))

# ---------------------------------------------------------------- schedule
train_cfg = dict(max_epochs=max_epochs, val_begin=max_epochs - 3)
optim_wrapper = dict(
    _delete_=True,
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=1e-4, weight_decay=1e-3),
    constructor='TrainedParamsConstructor')
param_scheduler = None
custom_hooks = [
    dict(type='CheckpointIdentityHook'),
    dict(type='ModelSummaryHook'),
]
