# A tiny LLM; its context of 128 tokens asks for the short prompt.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(llm=dict(name='glassllm'), prompt=dict(style='brief')))
