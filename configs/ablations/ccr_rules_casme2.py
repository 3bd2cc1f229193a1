# Counterfactuals by interventions on the rules only.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(interventions=('rules',)))
