# An ordinary MMAction2 project: stock recognizer, backbone, dataset, multi-label head.
default_scope = 'mmaction'
data_root = 'data/my_project'
num_classes = 8

model = dict(
    type='Recognizer3D',
    data_preprocessor=dict(
        type='ActionDataPreprocessor', mean=[127.5] * 3, std=[64.0] * 3,
        format_shape='NCTHW'),
    backbone=dict(
        type='ResNet3dSlowOnly', depth=18, pretrained=None, lateral=False,
        conv1_kernel=(1, 7, 7), conv1_stride_t=1, pool1_stride_t=1,
        inflate=(0, 0, 1, 1), norm_eval=False),
    cls_head=dict(
        type='I3DHead', in_channels=512, num_classes=num_classes, multi_class=True,
        loss_cls=dict(type='BCELossWithLogits')))

train_pipeline = [
    dict(type='SampleFrames', clip_len=8, frame_interval=2, num_clips=1),
    dict(type='RawFrameDecode', decoding_backend='cv2'),
    dict(type='Resize', scale=(72, 72), keep_ratio=False),
    dict(type='RandomCrop', size=64),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
test_pipeline = [
    dict(
        type='SampleFrames', clip_len=8, frame_interval=2, num_clips=1,
        test_mode=True),
    dict(type='RawFrameDecode', decoding_backend='cv2'),
    dict(type='Resize', scale=(64, 64), keep_ratio=False),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
dataset = dict(
    type='RawframeDataset', data_prefix=dict(img=f'{data_root}/frames'),
    multi_class=True, num_classes=num_classes)
train_dataloader = dict(
    batch_size=8, num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        ann_file=f'{data_root}/train.txt', pipeline=train_pipeline, **dataset))
test_dataloader = dict(
    batch_size=8, num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        ann_file=f'{data_root}/test.txt', pipeline=test_pipeline, test_mode=True,
        **dataset))

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=2)
test_cfg = dict(type='TestLoop')
test_evaluator = dict(type='AccMetric', metric_list=('mean_average_precision',))
optim_wrapper = dict(optimizer=dict(type='AdamW', lr=1e-3))
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=10),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=1))
