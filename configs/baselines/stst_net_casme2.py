# STSTNet on onset-to-apex flow (u, v, strain) of 28 x 28 values.
_base_ = ['off_apex_net_casme2.py']

model = dict(
    backbone=dict(_delete_=True, type='STSTNet'),
    cls_head=dict(in_channels=400, dropout=0.0))  # its dropout is in the streams
optim_wrapper = dict(optimizer=dict(lr=1e-3))
