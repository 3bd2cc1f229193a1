# AULLM++ on MMAction2's SlowOnly-R18, from scratch, on gray frames.
_base_ = ['aullm_led_casme2.py']

model = dict(
    backbone=dict(
        _delete_=True, type='ResNet3dSlowOnly', depth=18, pretrained=None,
        in_channels=1, lateral=False, conv1_kernel=(1, 7, 7), conv1_stride_t=1,
        pool1_stride_t=1, inflate=(0, 0, 1, 1), norm_eval=False),
    cls_head=dict(in_channels=512))
optim_wrapper = dict(paramwise_cfg=dict(
    _delete_=True,
    lr_mult={
        'deduction.': 4.0, 'projector.project.': 4.0, 'projector.attention.': 4.0,
        'graph.strength': 10.0}))
