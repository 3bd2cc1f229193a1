# The LLM decides alone, instead of adding to the node logits.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(residual=False))
