# Counterfactuals by interventions on the evidence of one AU only.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(interventions=('evidence',)))
