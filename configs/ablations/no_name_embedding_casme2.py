# Nodes do not know the LLM's embedding of their FACS name.
_base_ = ['../aullm_casme2.py']

model = dict(cls_head=dict(graph=dict(name_embedding=False)))
