# AULLM++ on a 2-D ResNet-18 under MMAction2's Recognizer2D: onset and apex frame.
_base_ = ['aullm_slowonly_casme2.py']

# ---------------------------------------------------------------- what you edit
cache_root = 'data/clip_cache'

# ---------------------------------------------------------------- wiring
cached = dict(
    type='CacheClip',
    root=cache_root,
    transforms=[
        dict(type='LoadMicroExpressionFrames', color='gray', max_frames=16),
        dict(type='ResizeFrames', size=(170, 140)),
        dict(type='RegisterToOnset'),
        dict(type='ResizeFrames', size=(64, 64)),
    ])
form = [
    dict(type='FormatMotion', keys=('imgs',), layout='NCHW'),
    dict(type='PackAUInputs'),
]
augment = dict(type='AugmentMotion', max_shift=0.02, max_turn=2.0, max_scale=0.03)
train_pipeline = [cached, dict(type='OnsetApexPair'), augment, *form]
test_pipeline = [cached, dict(type='OnsetApexPair'), *form]

model = dict(
    type='Recognizer2D',
    data_preprocessor=dict(
        format_shape='NCHW', mean=[127.5], std=[64.0]),
    backbone=dict(
        _delete_=True, type='ResNet', depth=18, pretrained=None, in_channels=1,
        norm_eval=False))
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
