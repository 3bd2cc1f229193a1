# Off-ApexNet on onset-to-apex flow (u, v) of 28 x 28 values.
_base_ = ['sss_net_casme2.py']

# ---------------------------------------------------------------- what you edit
cache_root = 'data/clip_cache'

# ---------------------------------------------------------------- wiring
cached = dict(
    type='CacheClip',
    root=cache_root,
    keys=('flow',),
    transforms=[
        dict(type='LoadMicroExpressionFrames', color='gray', max_frames=16),
        dict(type='OnsetApexFlow', size=(28, 28)),
    ])
form = [
    dict(type='FormatMotion', keys=('flow',), layout='channels'),
    dict(type='PackAUInputs'),
]
augment = dict(
    type='AugmentMotion', max_shift=0.02, max_turn=2.0, max_scale=0.03,
    motion_gain=1.3)

model = dict(
    backbone=dict(_delete_=True, type='OffApexNet'),
    cls_head=dict(in_channels=1024))
train_dataloader = dict(dataset=dict(pipeline=[cached, augment, *form]))
val_dataloader = dict(dataset=dict(pipeline=[cached, *form]))
test_dataloader = dict(dataset=dict(pipeline=[cached, *form]))
