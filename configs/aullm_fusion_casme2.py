# AULLM++ on frames and flow side by side.
_base_ = ['aullm_led_casme2.py']

# ---------------------------------------------------------------- what you edit
cache_root = 'data/clip_cache'
num_frames, image_size = 6, 64

# ---------------------------------------------------------------- wiring
cached = dict(
    type='CacheClip',
    root=cache_root,
    transforms=[
        dict(type='LoadMicroExpressionFrames', color='gray', max_frames=16),
        dict(type='CanonicalFaceFlow', size=(image_size, image_size)),
        dict(type='ResizeFrames', size=(170, 140)),
        dict(type='RegisterToOnset'),
        dict(type='ResizeFrames', size=(image_size, image_size)),
    ])
form = [
    dict(type='FormatMotion', keys=('imgs', 'flow'), layout='channels'),
    dict(type='PackAUInputs'),
]
train_pipeline = [
    cached,
    dict(type='SampleOnsetToOffset', num_frames=num_frames, random_tail=True),
    dict(
        type='AugmentMotion', max_shift=0.02, max_turn=2.0, max_scale=0.03,
        motion_gain=1.3),
    *form,
]
test_pipeline = [
    cached, dict(type='SampleOnsetToOffset', num_frames=num_frames), *form
]

model = dict(
    data_preprocessor=dict(format_shape='NCHW'),
    backbone=dict(
        _delete_=True, type='MotionFusionNet', num_frames=num_frames,
        frames=dict(
            type='EulerianNet3D', num_frames=num_frames, image_size=image_size),
        flow=dict(type='FlowNet2D', image_size=image_size)),
    cls_head=dict(in_channels=(64, 64, 512)))
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
