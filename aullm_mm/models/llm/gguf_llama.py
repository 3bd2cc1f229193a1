# Copyright (c) AULLM-MM contributors.
"""Reads a Llama from a GGUF file, llama.cpp's format.

The tensors are read with the ``gguf`` package, which is two to four times faster
than the loader of ``transformers``; the tokenizer is built here because the one that
``transformers`` makes from this file begins every text with ``<|im_start|>``, ends it
with the same token, and lets the LLM answer nonsense.
"""
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .converted import ConvertedLLM, halves_from_pairs, llama_config

if TYPE_CHECKING:
    from gguf import GGUFReader
    from tokenizers import Tokenizer

_BLOCK_NAMES = {
    'attn_norm': 'input_layernorm',
    'attn_q': 'self_attn.q_proj',
    'attn_k': 'self_attn.k_proj',
    'attn_v': 'self_attn.v_proj',
    'attn_output': 'self_attn.o_proj',
    'ffn_norm': 'post_attention_layernorm',
    'ffn_gate': 'mlp.gate_proj',
    'ffn_up': 'mlp.up_proj',
    'ffn_down': 'mlp.down_proj',
}
_TOP_NAMES = {'token_embd': 'embed_tokens', 'output_norm': 'norm'}
_CONTROL_TOKEN = 3  # gguf.TokenType.CONTROL


def tensor_name(gguf_name: str) -> str:
    """Hugging Face's name of a Llama tensor.

    Args:
        gguf_name: Name in the GGUF file.

    Raises:
        ValueError: The tensor is not one of a Llama with tied embeddings.

    Examples:
        >>> tensor_name('blk.3.attn_q.weight')
        'model.layers.3.self_attn.q_proj.weight'
        >>> tensor_name('token_embd.weight')
        'model.embed_tokens.weight'
    """
    parts = gguf_name.split('.')
    if parts[0] == 'blk' and parts[2] in _BLOCK_NAMES:
        return f'model.layers.{parts[1]}.{_BLOCK_NAMES[parts[2]]}.weight'
    if parts[0] in _TOP_NAMES:
        return f'model.{_TOP_NAMES[parts[0]]}.weight'
    raise ValueError(
        f'GGUF tensor {gguf_name!r} is not one of a Llama with tied embeddings')


def read_gguf_llama(path: Path, progress: bool = False) -> ConvertedLLM:
    """Read configuration, weights and tokenizer of a Llama from a GGUF file.

    Args:
        path: The ``.gguf`` file.
        progress: Show a progress bar on stderr. Defaults to False.

    Raises:
        ImportError: ``gguf`` is not installed.
        ValueError: The file holds another architecture or tokenizer.
    """
    try:
        from gguf import GGUFReader
    except ImportError as error:
        raise ImportError(
            'Reading a GGUF file needs the package gguf: pip install gguf'
        ) from error
    reader = GGUFReader(path)
    kind = (_field(reader, 'general.architecture'),
            _field(reader, 'tokenizer.ggml.model'),
            _field(reader, 'tokenizer.ggml.pre'))
    if kind != ('llama', 'gpt2', 'smollm'):
        raise ValueError(f'{path}: (architecture, tokenizer, pre-tokenizer) is '
                         f"{kind}, expected ('llama', 'gpt2', 'smollm')")
    tokens = _field(reader, 'tokenizer.ggml.tokens')
    return ConvertedLLM(
        config=_read_config(reader, len(tokens)),
        tensors=_read_tensors(reader, progress),
        tokenizer=_build_tokenizer(reader, tokens),
        tokenizer_config=_tokenizer_config(reader, tokens))


def _field(reader: GGUFReader, key: str) -> Any:
    return reader.fields[key].contents()


def _read_config(reader: GGUFReader, vocab: int) -> dict:
    def of_llama(key: str) -> Any:
        return _field(reader, f'llama.{key}')

    def token_id(key: str) -> int:
        return _field(reader, f'tokenizer.ggml.{key}_token_id')

    return llama_config(
        hidden=of_llama('embedding_length'),
        intermediate=of_llama('feed_forward_length'),
        layers=of_llama('block_count'), heads=of_llama('attention.head_count'),
        kv_heads=of_llama('attention.head_count_kv'), vocab=vocab,
        context=of_llama('context_length'), rope_theta=of_llama('rope.freq_base'),
        # The file keeps 1e-5 in 32 bits: 9.9999997e-06.
        rms_norm_eps=float(f"{of_llama('attention.layer_norm_rms_epsilon'):.4g}"),
        bos=token_id('bos'), eos=token_id('eos'), pad=token_id('padding'))


def _read_tensors(reader: GGUFReader, progress: bool) -> dict[str, np.ndarray]:
    from gguf.quants import dequantize
    from tqdm import tqdm
    heads = {'attn_q': _field(reader, 'llama.attention.head_count'),
             'attn_k': _field(reader, 'llama.attention.head_count_kv')}
    tensors = {}
    for tensor in tqdm(reader.tensors, desc='Reading the LLM', unit='tensor',
                       disable=not progress):
        weight = dequantize(tensor.data, tensor.tensor_type)  # (out, in) or (D,)
        part = tensor.name.split('.')[-2]
        if part in heads:
            weight = halves_from_pairs(weight, heads[part])
        tensors[tensor_name(tensor.name)] = np.ascontiguousarray(
            weight, dtype=np.float16)
    return tensors


def _control_tokens(reader: GGUFReader, tokens: list[str]) -> list[str]:
    kinds = _field(reader, 'tokenizer.ggml.token_type')
    return [token for token, kind in zip(tokens, kinds) if kind == _CONTROL_TOKEN]


def _build_tokenizer(reader: GGUFReader, tokens: list[str]) -> Tokenizer:
    from tokenizers import (
        AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors)
    merges = [tuple(merge.split(' '))
              for merge in _field(reader, 'tokenizer.ggml.merges')]
    vocab = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges))
    # "smollm" of llama.cpp: digits one by one, then GPT-2's words.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens([
        AddedToken(token, special=True, normalized=False)
        for token in _control_tokens(reader, tokens)
    ])
    return tokenizer


def _tokenizer_config(reader: GGUFReader, tokens: list[str]) -> dict:
    def named(key: str) -> str:
        return tokens[_field(reader, f'tokenizer.ggml.{key}_token_id')]

    return dict(
        tokenizer_class='PreTrainedTokenizerFast', bos_token=named('bos'),
        eos_token=named('eos'), pad_token=named('padding'),
        unk_token=named('unknown'), clean_up_tokenization_spaces=False,
        model_max_length=_field(reader, 'llama.context_length'),
        chat_template=_field(reader, 'tokenizer.chat_template'))
