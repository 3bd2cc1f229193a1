# Copyright (c) AULLM-MM contributors.
"""The packaged LLMs against the packages they come from, and bad names."""
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from glassllm import load_pretrained
from transformers import AutoModelForCausalLM, AutoTokenizer

from aullm_mm.models.llm import packaged
from aullm_mm.models.llm.fingerprint import llm_fingerprint
from aullm_mm.models.llm.packaged import (
    PACKAGED_LLMS,
    is_prepared,
    prepare_llm,
    resolve_llm,
)

# Imports the module under test without the rest of the package, which is slow.
ALONE = f'''
import sys, types
for name in ("aullm_mm", "aullm_mm.models", "aullm_mm.models.llm"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = []
sys.modules["aullm_mm.models.llm"].__path__ = [{str(Path(packaged.__file__).parent)!r}]
from aullm_mm.models.llm.packaged import prepare_llm
'''
TEXTS = ('Once upon a time, there was a little girl.',
         'AU1, AU12.  Two  spaces\nand lines\n\n', '  lead', 'trail  ',
         'caf\N{LATIN SMALL LETTER E WITH ACUTE} x=1 (yes)',
         'AU4: brow lowerer; is it active?', 'aaaaaaa  ', '\n x\n')
SMOLLM2 = 'SmolLM2-135M-Instruct'


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv('AULLM_MM_HOME', str(tmp_path / 'home'))
    return tmp_path / 'home'


@pytest.fixture
def glass(home):
    return Path(prepare_llm('glassllm'))


def test_smollm2_answers_a_question():
    folder = resolve_llm(SMOLLM2)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    text = tokenizer.apply_chat_template(
        [dict(role='user', content='What is the capital of France?')],
        add_generation_prompt=True, tokenize=False)
    inputs = tokenizer(text, return_tensors='pt')
    output = model.generate(**inputs, do_sample=False, max_new_tokens=12)
    answer = output[0, inputs['input_ids'].shape[1]:]
    assert tokenizer.decode(answer, skip_special_tokens=True) == (
        'The capital of France is Paris.')
    assert model.dtype is torch.float32


def test_smollm2_tokenizer_splits_digits_and_adds_no_specials():
    tokenizer = AutoTokenizer.from_pretrained(resolve_llm(SMOLLM2))
    assert tokenizer.tokenize('AU12 fired') == ['AU', '1', '2', '\u0120fired']
    assert tokenizer('AU12')['input_ids'] == tokenizer.convert_tokens_to_ids(
        ['AU', '1', '2'])
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id,
            tokenizer.pad_token_id) == (1, 2, 2)
    text = "It's 345 na\u00efve <|im_end|> faces\n\n  ."
    assert tokenizer.decode(tokenizer(text)['input_ids']) == text


def test_glassllm_tokenizer_gives_the_packages_own_ids(glass):
    tokenizer = AutoTokenizer.from_pretrained(glass)
    _, original = load_pretrained('en')
    for text in TEXTS:
        ids = tokenizer(text)['input_ids']
        assert ids == original.encode(text), text
        if tokenizer.unk_token_id not in ids:
            assert tokenizer.decode(ids) == text


def test_glassllm_logits_equal_the_packages_own(glass):
    model = AutoModelForCausalLM.from_pretrained(glass)
    original, tokenizer = load_pretrained('en')
    for text in TEXTS:
        ids = tokenizer.encode(text)
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits.numpy()  # (1, L, vocab)
        np.testing.assert_allclose(logits, original(ids).data, atol=1e-3)


def test_second_call_reuses_the_folder(glass):
    before = (glass / 'model.safetensors').stat().st_mtime_ns
    assert resolve_llm('glassllm') == str(glass)
    assert (glass / 'model.safetensors').stat().st_mtime_ns == before


def test_two_processes_at_once_give_one_whole_folder(home):
    code = ALONE + "print(prepare_llm('glassllm'))"
    both = [subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE,
                             text=True) for _ in range(2)]
    folders = {process.communicate(timeout=120)[0].splitlines()[-1]
               for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert len(folders) == 1
    assert [path.name for path in (home / 'llms').iterdir()] == [
        Path(folders.pop()).name]


def test_a_folder_made_meanwhile_by_another_process_is_kept(home, monkeypatch):
    """The rename finds the place taken: the first folder wins, nothing is left."""
    source = PACKAGED_LLMS['glassllm']
    first = prepare_llm('glassllm')
    marker = first / 'first'
    marker.touch()
    hidden = first.with_name('hidden')
    first.rename(hidden)

    def slow_read(path, progress):
        hidden.rename(first)
        return source.read(path, progress)

    monkeypatch.setitem(PACKAGED_LLMS, 'glassllm',
                        type(source)(**{**vars(source), 'read': slow_read}))
    assert prepare_llm('glassllm') == first
    assert marker.exists()
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_no_space_is_one_clear_error_and_leaves_nothing(home):
    code = ALONE + (
        'import resource\n'
        'resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))\n'
        "prepare_llm('glassllm')")
    done = subprocess.run([sys.executable, '-c', code], stderr=subprocess.PIPE,
                          text=True)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith('OSError: cannot write the converted LLM to')
    assert 'AULLM_MM_HOME' in last
    assert list((home / 'llms').iterdir()) == []


def test_a_home_that_is_a_file_is_one_clear_error(tmp_path, monkeypatch):
    (tmp_path / 'file').touch()
    monkeypatch.setenv('AULLM_MM_HOME', str(tmp_path / 'file'))
    with pytest.raises(OSError, match='AULLM_MM_HOME'):
        prepare_llm('glassllm')


@pytest.mark.parametrize('name', ['SmolLM', 'no/such', './no/such/folder',
                                  'a/b/c', '', 'smollm2-135m-instruct'])
def test_unknown_name_lists_the_packaged_ones_and_does_not_hang(
        name, monkeypatch, tmp_path):
    monkeypatch.setenv('HF_HUB_CACHE', str(tmp_path))
    start = time.monotonic()
    with pytest.raises(ValueError, match=f'{SMOLLM2}, glassllm'):
        resolve_llm(name)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize('missing, named', [
    ('config.json', 'config.json'),
    ('model.safetensors', 'weights'),
    ('tokenizer.json', 'a tokenizer'),
])
def test_folder_without_a_needed_file_names_it(glass, tmp_path, missing, named):
    folder = tmp_path / 'llm'
    shutil.copytree(glass, folder)
    assert resolve_llm(folder) == str(folder)
    (folder / missing).unlink()
    with pytest.raises(FileNotFoundError, match=f'lacks {named}'):
        resolve_llm(folder)


def test_missing_package_names_the_command(home, monkeypatch):
    source = PACKAGED_LLMS['glassllm']
    absent = type(source)(**{**vars(source), 'package': 'no_such_package'})
    monkeypatch.setitem(PACKAGED_LLMS, 'glassllm', absent)
    with pytest.raises(ImportError, match=r'pip install glassllm==0\.1\.0'):
        prepare_llm('glassllm')
    assert not is_prepared('glassllm')


def test_fingerprint_sees_config_and_any_tensor_but_not_a_resave(glass, tmp_path):
    before = llm_fingerprint(glass)
    model = AutoModelForCausalLM.from_pretrained(glass, dtype=torch.float16)
    folder = tmp_path / 'changed'
    shutil.copytree(glass, folder)
    assert llm_fingerprint(folder) == before

    with torch.no_grad():
        model.model.layers[2].self_attn.k_proj.weight += 0.01
    model.save_pretrained(tmp_path / 'weights')
    shutil.copy(tmp_path / 'weights/model.safetensors', folder)
    assert llm_fingerprint(folder) != before

    shutil.copy(glass / 'model.safetensors', folder)
    config = json.loads((folder / 'config.json').read_text())
    (folder / 'config.json').write_text(json.dumps(
        {**config, 'transformers_version': '0.0', 'dtype': 'bfloat16'}))
    assert llm_fingerprint(folder) == before
    (folder / 'config.json').write_text(json.dumps(
        {**config, 'rope_theta': 5000.0}))
    assert llm_fingerprint(folder) != before


def test_fingerprint_of_a_folder_without_weights_says_so(tmp_path):
    (tmp_path / 'config.json').write_text('{}')
    with pytest.raises(FileNotFoundError, match='no weights'):
        llm_fingerprint(tmp_path)


def test_fingerprint_is_fast_on_the_135_million_parameters():
    folder = resolve_llm(SMOLLM2)
    start = time.monotonic()
    llm_fingerprint(folder)
    assert time.monotonic() - start < 0.2
