# Copyright (c) AULLM-MM contributors.
"""The LLM's prose stands only where its numbers do."""
import sys
from pathlib import Path

import pytest
import torch

from aullm_mm.explain import numbers_of, trace_clips, values_of
from aullm_mm.explain import rephrase as module
from aullm_mm.explain.rephrase import check_prose, generate, llm_of, rephrase

sys.path.insert(0, str(Path(__file__).parent))
from explained import build, clips  # noqa: E402

PLAIN = ('The model finds AU4 (brow lowerer), score 0.91; the threshold is 0.5. AU4 '
         'rests most on the left brow: its score goes from 0.91 to 0.12. Without the '
         'rule of AU4 and AU7 (synergy, strength 0.61) AU7 goes from 0.4 to 0.2.')


@pytest.mark.parametrize('prose,why', [
    ('AU4 has a score of 0.91 where 0.5 is needed. Without the left brow AU4 falls '
     'from 0.91 to 0.12.', None),
    ('', 'empty'), ('...', 'empty'),
    ('AU4 has 0.92. AU4 needs 0.5 and falls from 0.91 to 0.12.', 'other numbers'),
    ('AU4 has 0.91. AU4 falls from 0.91 to 0.12 without the left', 'unfinished'),
    ('AU4 has 0.91. AU4 has 0.91.', 'repeats itself'),
    ('AU7 has a score of 0.91 where 0.5 is needed. AU4 goes to 0.12.',
     'numbers at the wrong place'),
    ('AU4 has 0.91 of 0.5. AU4 falls from 0.91 to 0.12 without the right brow.',
     'numbers at the wrong place'),
    ('AU4 falls from 0.91 to 0.12 in anger. It needs 0.5.',
     'numbers at the wrong place'),
    ('AU4 has a score of 0.91.', 'too few of the numbers'),
])
def test_prose_is_taken_only_with_its_numbers_in_place(prose, why):
    assert check_prose(prose, PLAIN) == why


def test_gibberish_of_a_tiny_llm_gives_way_to_the_plain_text():
    model = build()
    trace = trace_clips(model, clips(1))[0]
    found = rephrase(trace, llm_of(model), max_new_tokens=12)
    assert found['text'] == found['plain_text'] == trace['text']
    assert found['text_by'] == 'template' and not found['rephrased']['taken']
    assert found['rephrased']['why_not'] in module.REASONS
    assert found['rephrased']['prose'] is not None
    assert rephrase(found, None)['rephrased']['why_not'] == 'no LLM'


def test_good_prose_is_taken_and_the_plain_text_kept(monkeypatch):
    model = build()
    trace = trace_clips(model, clips(1))[0]
    # An LLM that copies: nothing else is sure to pass.
    copied = trace['text'].replace(module.FOOTNOTE, '').replace('*', '').strip()
    monkeypatch.setattr(module, 'generate', lambda *args: copied)
    found = rephrase(trace, llm_of(model))
    assert found['text_by'] == 'llm' and found['text'] == copied
    assert found['plain_text'] == trace['text']
    assert set(numbers_of(found['text'])) <= values_of(found)
    found = [f'AU{e["au"]}' for e in trace['aus'] if e['present']][:2]
    assert len(found) == 2
    wrong = copied.replace(f'{found[0]} ', 'AU0 ').replace(f'{found[1]} ', found[0])
    wrong = wrong.replace('AU0 ', f'{found[1]} ')  # right numbers at the other AU
    monkeypatch.setattr(module, 'generate', lambda *args: wrong)
    assert rephrase(trace, llm_of(model))['text'] == trace['text']


def test_the_llm_writes_as_it_was_before_training():
    llm = llm_of(build())
    written = generate(llm, 'The face', 8)
    assert written == generate(llm, 'The face', 8)
    for parameter in llm.parameters():
        if parameter.requires_grad:  # LoRA
            parameter.data.normal_()
    assert generate(llm, 'The face', 8) == written
    hidden = llm(torch.arange(3), torch.zeros(1, 2, llm.width))
    for parameter in llm.parameters():
        if parameter.requires_grad:
            parameter.data.zero_()
    again = llm(torch.arange(3), torch.zeros(1, 2, llm.width))
    assert not torch.allclose(hidden, again)  # the adapters are back at work


def test_greedy_writing_is_that_of_reading_all_anew():
    llm = llm_of(build()).eval()
    ids = llm.tokenizer('The face', add_special_tokens=False)['input_ids']
    written = module._continue(llm, ids, 5)
    weight = llm.output_weight[0]
    with torch.no_grad():
        for token in written:
            hidden = llm.decoder(inputs_embeds=llm.embed(tuple(ids))[None],
                                 use_cache=False).last_hidden_state[0, -1]
            assert int((hidden @ weight.T).argmax()) == token
            ids = [*ids, token]


def test_a_model_without_an_llm_has_none():
    assert llm_of(build(llm=None)) is None
