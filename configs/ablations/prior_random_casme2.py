# Random edges, as many as the full model has.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(graph=dict(prior='random', prior_seed=0)))
