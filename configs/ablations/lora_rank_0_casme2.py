# The LLM as it is: only evidence, structure and classifier learn.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(llm=dict(lora=None)))
