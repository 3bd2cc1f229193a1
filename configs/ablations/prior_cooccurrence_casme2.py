# Edges from the labels of the fold's training clips, as many as the full model has.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(graph=dict(prior='co-occurrence')))
custom_hooks = [*_base_.custom_hooks, dict(type='CooccurrencePriorHook')]
