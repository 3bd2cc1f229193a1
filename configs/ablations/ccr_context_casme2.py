# Counterfactuals by interventions on the context (background evidence) only.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(interventions=('context',)))
