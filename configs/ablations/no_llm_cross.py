# Several corpora, without an LLM: the node logits of the AU graph decide.
_base_ = ['../aullm_cross.py']

model = dict(cls_head=dict(llm=None))
optim_wrapper = dict(
    paramwise_cfg=dict(_delete_=True, lr_mult={'graph.strength': 10.0}))
