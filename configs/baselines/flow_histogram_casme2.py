# One linear layer on histograms of onset-to-apex flow, a grid cell each.
_base_ = ['sss_net_casme2.py']

model = dict(
    backbone=dict(_delete_=True, type='FlowHistogram'),
    cls_head=dict(in_channels=768, dropout=0.0))
optim_wrapper = dict(optimizer=dict(lr=1e-2))
