# Every AU may talk to every other.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(graph=dict(prior='full')))
