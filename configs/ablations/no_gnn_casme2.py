# AU nodes without messages: attention over the evidence, readout, nothing between.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(graph=dict(num_layers=0, prior='none')))
