# AULLM++ on frames: Learnable Eulerian Dynamics and the 3-D CNN of AU-LLM.
_base_ = ['aullm_casme2.py']

# ---------------------------------------------------------------- what you edit
cache_root = 'data/clip_cache'
num_frames, image_size = 6, 64

# ---------------------------------------------------------------- wiring
# Frame differences cannot tell a drifting head from a moving brow, so the frames are
# registered on the onset first.
cached = dict(
    type='CacheClip',
    root=cache_root,
    transforms=[
        dict(type='LoadMicroExpressionFrames', color='gray', max_frames=16),
        dict(type='ResizeFrames', size=(170, 140)),
        dict(type='RegisterToOnset'),
        dict(type='ResizeFrames', size=(image_size, image_size)),
    ])
form = [
    dict(type='FormatMotion', keys=('imgs',), layout='NCTHW'),
    dict(type='PackAUInputs'),
]
train_pipeline = [
    cached,
    dict(type='SampleOnsetToOffset', num_frames=num_frames, random_tail=True),
    dict(type='AugmentMotion', max_shift=0.02, max_turn=2.0, max_scale=0.03),
    *form,
]
test_pipeline = [
    cached, dict(type='SampleOnsetToOffset', num_frames=num_frames), *form
]

model = dict(
    data_preprocessor=dict(format_shape='NCTHW', blending=None),
    backbone=dict(
        _delete_=True, type='EulerianNet3D', num_frames=num_frames,
        image_size=image_size),
    cls_head=dict(in_channels=(64, 256)))
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
optim_wrapper = dict(  # the two rates of LED learn faster, as in the LED paper
    paramwise_cfg=dict(lr_mult={'.led.': 10.0}))
