# Evidence of the whole face only. Of its two tokens none can be exchanged, so only the
# rules are changed.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(
    projector=dict(grids=((1, 1),)), interventions=('rules',)))
