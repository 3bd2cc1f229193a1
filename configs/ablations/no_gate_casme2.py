# Every evidence token counts the same. No gate says what background is, so only the
# rules are changed.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(projector=dict(gate=False), interventions=('rules',)))
