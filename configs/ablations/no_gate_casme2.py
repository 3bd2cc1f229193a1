# Evidence without a gate: background counts as much as movement.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(projector=dict(gate=False)))
