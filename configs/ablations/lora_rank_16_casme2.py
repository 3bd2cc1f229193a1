# LoRA of rank 16 instead of 8, at the same scale (alpha / r = 2).
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(llm=dict(lora=dict(r=16, lora_alpha=32))))
