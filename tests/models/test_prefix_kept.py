# Copyright (c) AULLM-MM contributors.
"""The constant text is read once for several passes, and the answer stays."""
import torch

from aullm_mm.models.llm import CausalLM, causal_lm


def build():
    torch.manual_seed(0)
    return CausalLM(name='glassllm', lora=dict(r=2)).eval()


def test_passes_inside_share_one_reading_of_the_prefix(monkeypatch):
    reads, real = [], causal_lm.read_prefix
    monkeypatch.setattr(
        causal_lm, 'read_prefix', lambda *args: reads.append(1) or real(*args))
    llm, prefix = build(), torch.arange(5)
    first, second = torch.randn(2, 3, 128), torch.randn(20, 3, 128)
    with torch.no_grad():
        plain = [llm(prefix, x) for x in (first, second)]
        with llm.prefix_kept():
            kept = [llm(prefix, x) for x in (first, second, first)]
    assert len(reads) == 1
    for a, b in zip((*plain, plain[0]), kept):
        assert torch.allclose(a, b, atol=1e-5)


def test_nothing_is_kept_outside_or_with_gradients(monkeypatch):
    reads, real = [], causal_lm.read_prefix
    monkeypatch.setattr(
        causal_lm, 'read_prefix', lambda *args: reads.append(1) or real(*args))
    llm, prefix = build(), torch.arange(5)
    suffix = torch.randn(2, 3, 128, requires_grad=True)
    with llm.prefix_kept():
        llm(prefix, suffix).sum().backward()
    assert suffix.grad.abs().sum() > 0 and not reads
    with torch.no_grad():
        llm(prefix, suffix)
    assert not reads
