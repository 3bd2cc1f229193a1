# Copyright (c) AULLM-MM contributors.
"""Prompt and deduction: order of the parts, answer modes, unseen AU lists."""
import pytest
import torch
from transformers import AutoTokenizer

from aullm_mm.facs.action_units import action_unit
from aullm_mm.models.heads import Deduction
from aullm_mm.models.llm import CausalLM, DeductionPrompt, resolve_llm
from aullm_mm.models.llm.deduction_prompt import EVIDENCE, INSTRUCTION, load_template

AUS, OTHERS = (1, 4, 12, 15), (2, 9, 17)


@pytest.fixture(scope='module')
def glass():
    return AutoTokenizer.from_pretrained(resolve_llm('glassllm'))


def make(aus=AUS, **kwargs):
    llm = CausalLM('glassllm', lora=dict(r=2, lora_dropout=0.0))
    return Deduction(
        llm, DeductionPrompt(aus, style='brief'), num_content=2, **kwargs).eval()


def tokens(batch=3, width=128):
    return torch.randn(batch, 2, width) * 0.1, torch.randn(batch, 1, width) * 0.1


def plain_hidden(deduction, embedded):
    """Last hidden state of one embedded sequence, read alone and whole."""
    decoder = deduction.llm.decoder
    output = decoder(inputs_embeds=embedded[None], use_cache=False)
    return output.last_hidden_state[0, -1]


def prompt_sequence(deduction, content, instruction):
    """The whole embedded prompt of one clip, written out part by part."""
    embed, pieces = deduction.llm.embed, deduction.prompt.pieces(
        deduction.llm.tokenizer, instruction is not None)
    slots = {EVIDENCE: content, INSTRUCTION: instruction}
    parts = [embed(pieces.prefix)]
    parts += [slots[p] if isinstance(p, str) else embed(p) for p in pieces.tail]
    return torch.cat(parts)


@pytest.mark.parametrize('style', ['premises', 'brief', 'chat'])
def test_constant_text_stands_first_and_holds_all_definitions(glass, style):
    prompt = DeductionPrompt(AUS, style=style)
    pieces = prompt.pieces(glass)
    before = glass.decode(pieces.prefix)
    for number in AUS:
        assert f'AU{number}' in before
        if style != 'brief':
            assert action_unit(number).name.lower() in before
    slots = [part for part in pieces.tail if isinstance(part, str)]
    assert slots == [EVIDENCE, INSTRUCTION] and pieces.tail[0] == EVIDENCE
    in_tail = sum(len(part) for part in pieces.tail if not isinstance(part, str))
    assert in_tail < len(pieces.prefix)


def test_the_instruction_slot_disappears_without_a_graph(glass):
    pieces = DeductionPrompt(AUS).pieces(glass, with_instruction=False)
    assert [part for part in pieces.tail if isinstance(part, str)] == [EVIDENCE]
    text = ''.join(glass.decode(p) for p in pieces.tail if not isinstance(p, str))
    assert 'instruction' not in text and '{' not in text


def test_raw_text_is_used_without_a_chat_template(glass):
    assert glass.chat_template is None
    prompt = DeductionPrompt(AUS, style='chat')
    want = glass.bos_token + prompt.system + '\n' + prompt.text()
    assert prompt.render(glass) == want


def test_chat_template_of_smollm2_is_used_and_can_be_left_out():
    tokenizer = AutoTokenizer.from_pretrained(resolve_llm('SmolLM2-135M-Instruct'))
    prompt = DeductionPrompt(AUS, style='chat')
    text = prompt.render(tokenizer)
    assert text == tokenizer.apply_chat_template(
        [dict(role='system', content=prompt.system),
         dict(role='user', content=prompt.text())],
        tokenize=False, add_generation_prompt=True)
    assert text.rstrip().endswith('assistant') and '<|im_start|>system' in text
    raw = DeductionPrompt(AUS, style='chat', use_chat_template=False).render(tokenizer)
    assert '<|im_start|>system' not in raw
    # after the last slot the assistant's turn still opens
    assert 'assistant' in tokenizer.decode(prompt.pieces(tokenizer).tail[-1])


def test_an_unknown_template_is_refused_with_the_packaged_ones(tmp_path):
    with pytest.raises(FileNotFoundError, match="'essay'.*'brief', 'chat', 'premises'"):
        DeductionPrompt(AUS, style='essay')
    path = tmp_path / 'mine.txt'
    path.write_text('Which of {au_list} occur?')
    with pytest.raises(ValueError, match='no slot {evidence}'):
        DeductionPrompt(AUS, style=str(path))


def test_a_template_of_ones_own_is_read(tmp_path, glass):
    path = tmp_path / 'mine.txt'
    path.write_text('Be exact.\n---\nAmong {au_list}: {instruction} by {evidence}')
    assert load_template(str(path))[0] == 'Be exact.'
    pieces = DeductionPrompt(AUS, style=str(path)).pieces(glass)
    assert pieces.tail[0] == INSTRUCTION and pieces.tail[-1] == EVIDENCE


def test_a_prompt_beyond_the_context_is_refused_when_built():
    llm = CausalLM('glassllm')
    with pytest.raises(ValueError, match=r'has \d{3} tokens.*glassllm holds 128'):
        Deduction(llm, DeductionPrompt(AUS, style='premises'))


def test_the_length_check_counts_every_token_of_the_sequence():
    deduction = make()
    content, instruction = tokens(1)
    room = 128 - len(prompt_sequence(deduction, content[0], instruction[0]))
    prompt = DeductionPrompt(AUS, style='brief')
    Deduction(deduction.llm, prompt, num_content=2 + room)
    with pytest.raises(ValueError, match='has 129 tokens'):
        Deduction(deduction.llm, prompt, num_content=3 + room)


def test_questions_count_towards_the_context():
    many = tuple(n for n in range(1, 28) if n not in (3, 8, 19, 21))[:16]
    llm, prompt = CausalLM('glassllm'), DeductionPrompt(many, style='brief')
    Deduction(llm, prompt)
    with pytest.raises(ValueError, match='holds 128'):
        Deduction(llm, prompt, answer_mode='verbalize')


@pytest.mark.parametrize('graph', [True, False])
def test_classify_reads_the_last_hidden_state_of_the_whole_prompt(graph):
    deduction = make(with_instruction=graph)
    content, instruction = tokens()
    logits = deduction(content, instruction if graph else None)
    assert logits.shape == (3, len(AUS))
    for k in range(3):
        sequence = prompt_sequence(
            deduction, content[k], instruction[k] if graph else None)
        want = deduction.classify(plain_hidden(deduction, sequence))
        assert torch.allclose(logits[k], want, atol=1e-4)


def test_verbalize_reads_every_answer_at_the_end_of_its_question():
    deduction = make(answer_mode='verbalize')
    deduction.scale.data.fill_(1.5)
    deduction.shift.data.fill_(-0.3)
    content, instruction = tokens()
    logits = deduction(content, instruction)
    direction = torch.sub(*deduction.llm.answer_embeddings((' yes', ' no')))
    for k in range(3):
        sequence = prompt_sequence(deduction, content[k], instruction[k])
        for n, question in enumerate(deduction.questions):
            sequence = torch.cat([sequence, deduction.llm.embed(question)])
            score = plain_hidden(deduction, sequence) @ direction
            assert logits[k, n].item() == pytest.approx(
                1.5 * score.item() - 0.3, abs=1e-3)


def test_verbalized_logits_differ_across_aus_and_clips():
    logits = make(answer_mode='verbalize')(*tokens())
    assert logits.std(dim=0).min() > 0
    assert len(set(logits[0].tolist())) == len(AUS)


def test_verbalize_carries_over_to_an_unseen_au_list():
    seen = make(answer_mode='verbalize')
    seen.shift.data.fill_(0.7)
    for name, parameter in seen.named_parameters():
        if 'lora_B' in name:
            torch.nn.init.normal_(parameter, std=0.1)
    unseen = make(OTHERS, answer_mode='verbalize')
    unseen.load_state_dict(seen.state_dict(), strict=True)
    logits = unseen(*tokens())
    assert logits.shape == (3, len(OTHERS))
    assert unseen.shift.item() == pytest.approx(0.7)


def test_evidence_and_instruction_both_reach_the_answer():
    deduction = make()
    content, instruction = tokens()
    logits = deduction(content, instruction)
    assert not torch.allclose(logits, deduction(content + 0.1, instruction), atol=1e-4)
    assert not torch.allclose(logits, deduction(content, instruction * 3), atol=1e-4)


def test_names_are_the_llms_own_embeddings():
    deduction = make()
    want = deduction.llm.embed_text('lip corner puller')
    assert torch.equal(deduction.au_names[AUS.index(12)], want)
    assert not {'prefix', 'au_names', 'yes_or_no'} & set(deduction.state_dict())


def test_the_described_prompt_shows_exactly_what_stands_in_it():
    text = make().describe(2)
    assert '<CT1><CT2>' in text and '<IT>' in text and '{' not in text
    without = make(with_instruction=False).describe(2)
    assert '<CT1><CT2>' in without and '<IT>' not in without and '{' not in without


def test_an_unknown_answer_mode_is_refused():
    with pytest.raises(ValueError, match="'classify', 'verbalize'.*got 'generate'"):
        make(answer_mode='generate')
