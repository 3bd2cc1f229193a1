# The LLM's own scores of yes and no, one question an AU, instead of a classifier.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(answer_mode='verbalize'))
