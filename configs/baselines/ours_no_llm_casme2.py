# Ours without an LLM: the node logits of the AU graph decide.
_base_ = ['../ablations/no_llm_casme2.py']
