# Copyright (c) AULLM-MM contributors.
"""An LLM is read once for many models, and none leaves a trace on the next."""
import torch

from aullm_mm.models.llm import CausalLM, causal_lm
from aullm_mm.models.llm.reuse import reuse_llms


def build(seed=0):
    torch.manual_seed(seed)
    return CausalLM(name='glassllm', lora=dict(r=2))


def test_weights_are_read_once_and_adapters_begin_anew(monkeypatch):
    read, real = [], causal_lm.load_llm
    monkeypatch.setattr(
        causal_lm, 'load_llm', lambda *args: read.append(args) or real(*args))
    inputs = torch.arange(5), torch.zeros(2, 3, 128)
    with reuse_llms():
        first = build()
        before = first(*inputs)
        for parameter in first.parameters():
            if parameter.requires_grad:  # trained
                parameter.data.add_(1)
        second = build()
        assert torch.equal(second(*inputs), before)
        assert not torch.equal(first(*inputs), before)
    assert len(read) == 1 and second.embedding.weight is first.embedding.weight
    build()
    assert len(read) == 2  # outside, nothing is kept


def test_reading_and_reusing_leave_the_same_random_numbers():
    with reuse_llms():
        drawn = [(build(), torch.rand(1).item())[1] for _ in range(2)]
    assert drawn[0] == drawn[1] == (build(), torch.rand(1).item())[1]
