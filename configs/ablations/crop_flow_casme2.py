# Flow of the crop as it is, instead of flow on the canonical face.
_base_ = ['../aullm_casme2.py']

# ---------------------------------------------------------------- what you edit
cache_root = 'data/clip_cache'

# ---------------------------------------------------------------- wiring
cached = dict(
    type='CacheClip',
    root=cache_root,
    keys=('flow',),
    transforms=[
        dict(type='LoadMicroExpressionFrames', color='gray', max_frames=16),
        dict(type='OnsetApexFlow', size=(64, 64)),
    ])
form = _base_.form
train_dataloader = dict(dataset=dict(pipeline=[cached, _base_.augment, *form]))
val_dataloader = dict(dataset=dict(pipeline=[cached, *form]))
test_dataloader = dict(dataset=dict(pipeline=[cached, *form]))
