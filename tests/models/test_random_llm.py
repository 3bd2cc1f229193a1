# Copyright (c) AULLM-MM contributors.
"""An LLM with random weights: the same each time, and never taken for a read one."""
import pytest
import torch

from aullm_mm.engine.hooks.checkpoint_identity_hook import check_identity
from aullm_mm.models.llm import CausalLM
from aullm_mm.models.llm.loading import load_llm, weights_digest
from aullm_mm.models.llm.reuse import reuse_llms

LORA = dict(r=2, lora_dropout=0.0)


def random_llm(**kwargs):
    return CausalLM('glassllm', lora=LORA, pretrained=False, **kwargs).eval()


def read(llm):
    ids, torch_seed = torch.arange(7), torch.Generator().manual_seed(0)
    suffix = torch.randn(2, 3, llm.width, generator=torch_seed) * 0.02
    with torch.no_grad():
        return llm(ids, suffix)


def test_it_has_the_parameters_and_tokenizer_of_the_read_one_but_other_weights():
    pretrained = CausalLM('glassllm', lora=LORA)
    other = random_llm()
    sizes = [sum(p.numel() for p in llm.parameters()) for llm in (pretrained, other)]
    assert sizes[0] == sizes[1]
    assert other.tokenizer.get_vocab() == pretrained.tokenizer.get_vocab()
    assert not torch.equal(other.embedding.weight, pretrained.embedding.weight)


def test_a_checkpoint_loads_back_to_the_same_weights(tmp_path):
    torch.manual_seed(1)
    first = random_llm()
    for name, parameter in first.named_parameters():
        if 'lora_B' in name:
            torch.nn.init.normal_(parameter, std=0.2)
    torch.save(first.state_dict(), tmp_path / 'llm.pth')
    torch.manual_seed(2)
    second = random_llm()
    assert not torch.equal(read(first), read(second))
    second.load_state_dict(torch.load(tmp_path / 'llm.pth'), strict=True)
    assert torch.equal(read(first), read(second))
    assert all('lora' in key for key in first.state_dict())


def test_its_weights_leave_the_seed_of_the_run_alone():
    torch.manual_seed(3)
    load_llm('glassllm', 'float32', pretrained=False)
    drawn = torch.rand(1)
    torch.manual_seed(3)
    assert torch.equal(drawn, torch.rand(1))


def test_identity_says_random_and_which_weights():
    llm = random_llm()
    assert llm.identity == random_llm().identity
    assert llm.identity['name'] == 'random glassllm' and llm.identity['sha256']
    pretrained = CausalLM('glassllm', lora=LORA).identity
    with pytest.raises(ValueError, match='random glassllm.*config names glassllm'):
        check_identity(dict(aus=[1], llm=llm.identity), dict(aus=[1], llm=pretrained),
                       'best.pth')


def test_digest_notices_a_change_of_any_weight():
    model = load_llm('glassllm', 'float32', pretrained=False)
    before = weights_digest(model)
    *_, last = model.parameters()
    last.data.flatten()[0] += 1e-3
    assert weights_digest(model) != before


def test_random_and_read_weights_are_not_mixed_up_where_llms_are_reused():
    with reuse_llms():
        first, second = CausalLM('glassllm', lora=LORA), random_llm()
        assert first.identity != second.identity
        assert not torch.equal(first.embedding.weight, second.embedding.weight)


def test_random_weights_cannot_be_quantized():
    with pytest.raises(ValueError, match='Random weights cannot be quantized'):
        load_llm('glassllm', 'float32', dict(load_in_4bit=True), pretrained=False)
