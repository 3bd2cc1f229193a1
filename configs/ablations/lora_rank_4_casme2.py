# LoRA of rank 4 instead of 8, at the same scale (alpha / r = 2).
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(llm=dict(lora=dict(r=4, lora_alpha=8))))
