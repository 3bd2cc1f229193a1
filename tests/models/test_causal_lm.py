# Copyright (c) AULLM-MM contributors.
"""The LLM: shared prefix, what is trained and saved, what is never computed."""
import copy

import pytest
import torch
from torch import nn

from aullm_mm.models.llm import CausalLM
from aullm_mm.models.llm.causal_lm import load_llm
from aullm_mm.models.llm.shared_prefix import PACK, packed_mask, read_after_prefix

SMALL = dict(
    vocab_size=1100, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
    num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=96,
    bos_token_id=1, eos_token_id=2)
FAMILIES = {
    'llama': dict(model_type='llama', **SMALL),
    'qwen2': dict(model_type='qwen2', **SMALL),
    'gpt2': dict(
        model_type='gpt2', vocab_size=1100, n_embd=32, n_layer=2, n_head=4,
        n_positions=96, bos_token_id=1, eos_token_id=2),
}
# The RMS norm of llama and qwen2 rounds to float32 whatever it is given.
GRADIENT_ERROR = dict(llama=3e-6, qwen2=3e-6, gpt2=1e-12)
NO_DROPOUT = dict(r=4, lora_alpha=8, lora_dropout=0.0)


def make(family='llama', lora=NO_DROPOUT, **kwargs):
    llm = CausalLM(FAMILIES[family], lora=lora, tokenizer='glassllm', **kwargs).eval()
    for name, parameter in llm.named_parameters():
        if 'lora_B' in name:  # starts at zero, which would hide the adapters
            nn.init.normal_(parameter, std=0.2)
    return llm


def plain(decoder, prefix, suffix):
    """Every clip with the whole prompt, the way without a cache."""
    joined = torch.cat([prefix.expand(len(suffix), -1, -1), suffix], dim=1)
    hidden = decoder(inputs_embeds=joined, use_cache=False).last_hidden_state
    return hidden[:, prefix.shape[1]:]


def with_gradients(decoder, read, prefix, suffix, weights):
    """Hidden states and the gradients of everything that learns."""
    learned = {n: p for n, p in decoder.named_parameters() if p.requires_grad}
    prefix, suffix = (x.clone().requires_grad_() for x in (prefix, suffix))
    hidden = read(decoder, prefix, suffix)
    gradients = torch.autograd.grad(
        (hidden * weights).sum(), [prefix, suffix, *learned.values()])
    return hidden, dict(zip(['prefix', 'suffix', *learned], gradients))


@pytest.mark.parametrize('family', FAMILIES)
@pytest.mark.parametrize('batch', [1, 5, 16, 17, 33])
def test_shared_prefix_equals_the_plain_way_in_values_and_gradients(family, batch):
    decoder = make(family).double().decoder
    prefix, suffix, weights = (
        torch.randn(b, n, 32, dtype=torch.float64)
        for b, n in ((1, 11), (batch, 4), (batch, 4)))
    want, want_grad = with_gradients(decoder, plain, prefix, suffix, weights)
    got, got_grad = with_gradients(decoder, read_after_prefix, prefix, suffix, weights)
    assert torch.allclose(got, want, atol=1e-9, rtol=1e-8)
    tolerance = GRADIENT_ERROR[family]
    assert sum('lora' in name for name in want_grad) >= 4
    for name, gradient in want_grad.items():
        size = gradient.abs().max()
        assert size > 0, name
        assert (got_grad[name] - gradient).abs().max() <= tolerance * size, name


@pytest.mark.parametrize('family', FAMILIES)
def test_the_switch_does_not_change_hidden_states(family):
    llm, prefix = make(family), torch.arange(3, 20)
    suffix = torch.randn(5, 4, 32)
    shared = llm(prefix, suffix)
    llm.shared_prefix = False
    assert shared.shape == (5, 4, 32)
    assert torch.allclose(shared, llm(prefix, suffix), atol=1e-5)


def test_without_a_prefix_the_suffix_is_the_prompt():
    llm, suffix = make(), torch.randn(3, 6, 32)
    want = llm.decoder(inputs_embeds=suffix).last_hidden_state
    assert torch.allclose(llm(torch.tensor([], dtype=torch.long), suffix), want)


def test_packed_suffixes_do_not_see_each_other():
    llm, suffix = make(), torch.randn(PACK + 2, 3, 32, requires_grad=True)
    llm(torch.arange(3, 9), suffix)[4].sum().backward()
    reached = suffix.grad.abs().sum(dim=(1, 2)) > 0
    assert reached.nonzero().flatten().tolist() == [4]


def test_permuting_the_batch_permutes_the_hidden_states():
    llm, suffix, order = make(), torch.randn(19, 3, 32), torch.randperm(19)
    prefix = torch.arange(3, 9)
    assert torch.allclose(
        llm(prefix, suffix)[order], llm(prefix, suffix[order]), atol=1e-5)


def test_packed_mask_shows_the_prefix_and_the_own_past():
    seen = packed_mask(2, 3, 4, torch.float32)[0, 0].eq(0)
    for row in range(12):
        want = {0, 1} | {2 + k for k in range(row // 3 * 3, row + 1)}
        assert set(seen[row].nonzero().flatten().tolist()) == want


def test_the_prefix_runs_once_a_batch():
    llm, sizes = make(), []
    llm.decoder.get_base_model().layers[0].register_forward_hook(
        lambda module, args, out: sizes.append(tuple(args[0].shape[:2])))
    llm(torch.arange(3, 20), torch.randn(33, 4, 32))
    assert sizes == [(1, 17), (3, 16 * 4)]


@pytest.mark.parametrize('family', FAMILIES)
def test_the_vocabulary_projection_is_never_computed(family):
    """No layer of the LLM is as wide as the vocabulary, and none is that wide out."""
    llm, widths = make(family), []
    for module in llm.modules():
        module.register_forward_hook(
            lambda m, a, out: widths.append(getattr(out, 'shape', (0,))[-1]))
    llm(torch.arange(3, 9), torch.randn(2, 3, 32))
    assert not any('lm_head' in name for name, _ in llm.named_modules())
    assert len(widths) > 10 and 1100 not in widths


@pytest.mark.parametrize('family', FAMILIES)
def test_only_adapters_are_trained_and_saved(family):
    llm = make(family)
    trained = {n for n, p in llm.named_parameters() if p.requires_grad}
    assert trained and all('lora_' in name for name in trained)
    assert set(llm.state_dict()) == trained


def test_without_lora_nothing_is_trained_and_nothing_saved():
    llm = make(lora=None)
    assert not any(p.requires_grad for p in llm.parameters())
    assert len(llm.state_dict()) == 0
    llm.load_state_dict({}, strict=True)


def test_only_adapters_get_gradients():
    llm = make()
    llm(torch.arange(3, 9), torch.randn(2, 3, 32)).square().sum().backward()
    for name, parameter in llm.named_parameters():
        assert (parameter.grad is not None) == ('lora_' in name), name


@pytest.mark.parametrize('family', [*FAMILIES, 'glassllm'])
def test_a_strict_reload_gives_identical_hidden_states(family, tmp_path):
    name = FAMILIES.get(family, family)
    first, second = (CausalLM(name, tokenizer='glassllm').eval() for _ in range(2))
    for key, parameter in first.named_parameters():
        if 'lora_B' in key:
            nn.init.normal_(parameter, std=0.2)
    prefix, suffix = torch.arange(3, 9), torch.randn(3, 4, first.width)
    assert not torch.equal(first(prefix, suffix), second(prefix, suffix))
    torch.save(first.state_dict(), tmp_path / 'lora.pth')
    saved = torch.load(tmp_path / 'lora.pth', weights_only=True)
    second.load_state_dict(saved, strict=True)
    assert torch.equal(first(prefix, suffix), second(prefix, suffix))


def test_a_missing_adapter_and_an_unknown_key_are_reported():
    llm, state = make(), make().state_dict()
    lost = next(iter(state))
    value = state.pop(lost)
    with pytest.raises(RuntimeError, match=f'Missing key.*{lost}'):
        llm.load_state_dict(state, strict=True)
    state.update({lost: value, 'decoder.stranger': torch.zeros(1)})
    with pytest.raises(RuntimeError, match='Unexpected key.*stranger'):
        llm.load_state_dict(state, strict=True)


def test_random_weights_are_the_same_each_time_and_leave_the_seed_alone():
    torch.manual_seed(5)
    want = torch.rand(3)
    torch.manual_seed(5)
    first = load_llm(FAMILIES['llama'], 'float32')
    assert torch.equal(torch.rand(3), want)
    second = load_llm(FAMILIES['llama'], 'float32')
    for one, other in zip(first.parameters(), second.parameters()):
        assert torch.equal(one, other)


def test_half_precision_weights_give_float_hidden_states():
    llm = make(dtype='bfloat16')
    assert llm.embedding.weight.dtype == torch.bfloat16
    hidden = llm(torch.arange(3, 9), torch.randn(2, 3, 32))
    assert hidden.dtype == torch.float32 and torch.isfinite(hidden).all()


def test_gradient_checkpointing_gives_the_same_gradients():
    llm = make()
    other = make(gradient_checkpointing=True)
    other.load_state_dict(llm.state_dict())
    suffix = torch.randn(3, 4, 32)
    for model in (llm, other.train()):
        model(torch.arange(3, 9), suffix).square().sum().backward()
    pairs = zip(llm.named_parameters(), other.parameters())
    for (name, one), two in pairs:
        if one.requires_grad:
            assert torch.allclose(one.grad, two.grad, atol=1e-4), name


def test_initialisation_by_mmengine_keeps_the_weights():
    llm = make()
    before = copy.deepcopy(dict(llm.named_parameters()))
    nn.Sequential(llm)[0].init_weights()
    for name, parameter in llm.named_parameters():
        assert torch.equal(parameter, before[name])


def test_a_prompt_beyond_the_context_is_refused_with_both_numbers():
    with pytest.raises(ValueError, match='has 97 tokens.*random llama holds 96'):
        make()(torch.arange(3, 96), torch.randn(1, 4, 32))
    make()(torch.arange(3, 95), torch.randn(1, 4, 32))


def test_answer_rows_are_those_of_the_output_matrix():
    llm = make()
    yes, no = llm.answer_embeddings((' yes', ' no'))
    table = load_llm(FAMILIES['llama'], 'float32').get_output_embeddings().weight
    ids = [llm.tokenizer(t, add_special_tokens=False)['input_ids'][0]
           for t in (' yes', ' no')]
    assert torch.equal(yes, table[ids[0]]) and torch.equal(no, table[ids[1]])
    assert not torch.equal(yes, no)


def test_text_is_embedded_by_the_mean_of_its_tokens():
    llm = make()
    ids = llm.tokenizer('inner brow raiser', add_special_tokens=False)['input_ids']
    want = llm.embedding.weight[ids].mean(dim=0)
    got = llm.embed_text('inner brow raiser')
    assert torch.allclose(got, want) and not got.requires_grad


def test_wrong_settings_are_refused():
    with pytest.raises(ValueError, match="dtype must be one of .*got 'int8'"):
        make(dtype='int8')
    with pytest.raises(ValueError, match="tokenizer='glassllm'"):
        CausalLM(FAMILIES['llama'])
    with pytest.raises(ValueError, match='1024 tokens, but the LLM embeds only 100'):
        CausalLM({**FAMILIES['llama'], 'vocab_size': 100}, tokenizer='glassllm')
