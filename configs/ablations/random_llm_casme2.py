# The same LLM with random weights: its architecture without what it has read.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(llm=dict(pretrained=False)))
