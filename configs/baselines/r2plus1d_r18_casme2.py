# MMAction2's R(2+1)D-18, from scratch, with a plain multi-label head.
_base_ = ['slowonly_r18_casme2.py']

model = dict(
    backbone=dict(
        _delete_=True, type='ResNet2Plus1d', depth=18, pretrained=None,
        pretrained2d=False, in_channels=1, norm_eval=False,
        conv_cfg=dict(type='Conv2plus1d'),
        norm_cfg=dict(type='BN3d', requires_grad=True, eps=1e-3),
        conv1_kernel=(3, 7, 7), conv1_stride_t=1, pool1_stride_t=1,
        inflate=(1, 1, 1, 1), spatial_strides=(1, 2, 2, 2),
        temporal_strides=(1, 2, 2, 2), zero_init_residual=False))
