# SSSNet with our input, augmentation and loss: flow on the canonical face, clips laid
# over one another, weighted positives. What remains of a difference is the model.
_base_ = ['sss_net_casme2.py']

# ---------------------------------------------------------------- what you edit
cache_root = 'data/clip_cache'
max_epochs = 600  # as many steps as ours; 200 were too few for it

# ---------------------------------------------------------------- wiring
cached = dict(
    type='CacheClip',
    root=cache_root,
    keys=('flow',),
    transforms=[
        dict(type='LoadMicroExpressionFrames', color='gray', max_frames=16),
        dict(type='CanonicalFaceFlow', size=(64, 64)),
    ])
form = [
    dict(type='FormatMotion', keys=('flow',), layout='channels'),
    dict(type='PackAUInputs'),
]
augment = dict(
    type='AugmentMotion', max_shift=0.02, max_turn=2.0, max_scale=0.03,
    motion_gain=2.0)
model = dict(data_preprocessor=dict(
    blending=dict(_delete_=True, type='SuperposeMotions', prob=0.6)),
    cls_head=dict(loss_au=dict(
        type='AsymmetricLoss', gamma_neg=0.0, margin=0.0, pos_weight=2.0)))
train_dataloader = dict(dataset=dict(pipeline=[cached, augment, *form]))
val_dataloader = dict(dataset=dict(pipeline=[cached, *form]))
test_dataloader = dict(dataset=dict(pipeline=[cached, *form]))
train_cfg = dict(max_epochs=max_epochs, val_begin=max_epochs - 3)
