# Fine-tuning without an LLM: what leads to the LLM is left out of the weights.
_base_ = ['../aullm_finetune_casme2.py']

model = dict(cls_head=dict(llm=None))
optim_wrapper = dict(paramwise_cfg=dict(_delete_=True, lr_mult={
    part: rate for part, rate in _base_.optim_wrapper.paramwise_cfg.lr_mult.items()
    if not part.startswith(('deduction.', 'projector.'))}))
