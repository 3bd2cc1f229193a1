# Copyright (c) AULLM-MM contributors.
"""Reads the trained one-million-parameter Llama of the package ``glassllm``.

Small enough for tests, yet trained on English. Its alphabet has letters, digits and
``, . : ; ! ? ' ( ) -``, but none of ``+ = / " < > |``: anything else is ``<unk>``.
"""
from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping

import numpy as np

from .converted import ConvertedLLM, halves_from_pairs, llama_config

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_SPECIALS = ('<pad>', '<unk>', '<bos>', '<eos>')
_SPACE = '\N{LOWER ONE EIGHTH BLOCK}'
# glassllm's own chunks, which merges never cross.
_CHUNK = rf'\n|{_SPACE}*[^{_SPACE}\n]+|{_SPACE}+'
_BLOCK_NAMES = {
    'norm1.gamma': 'input_layernorm',
    'attn.W_Q': 'self_attn.q_proj',
    'attn.W_K': 'self_attn.k_proj',
    'attn.W_V': 'self_attn.v_proj',
    'attn.W_O': 'self_attn.o_proj',
    'norm2.gamma': 'post_attention_layernorm',
    'ffn.W1': 'mlp.gate_proj',
    'ffn.W3': 'mlp.up_proj',
    'ffn.W2': 'mlp.down_proj',
}


def read_glassllm(weights: Path, progress: bool = False) -> ConvertedLLM:
    """Read configuration, weights and tokenizer from glassllm's files.

    Args:
        weights: ``en.npz``; ``en.tokenizer.json`` lies beside it.
        progress: Accepted for symmetry; reading takes no time. Defaults to False.

    Raises:
        FileNotFoundError: One of the two files is missing.
    """
    vocabulary = weights.with_suffix('.tokenizer.json')
    for path in (weights, vocabulary):
        if not path.is_file():
            raise FileNotFoundError(f'{path}: the package glassllm lacks this file')
    with np.load(weights) as arrays:
        settings = json.loads(str(arrays['__config__']))
        tensors = _rename(arrays, settings)
    merges = json.loads(vocabulary.read_text(encoding='utf-8'))
    return ConvertedLLM(
        config=_llama_config(settings, tensors), tensors=tensors,
        tokenizer=_build_tokenizer(merges['alphabet'], merges['merges']),
        tokenizer_config=dict(
            tokenizer_class='PreTrainedTokenizerFast', pad_token='<pad>',
            unk_token='<unk>', bos_token='<bos>', eos_token='<eos>',
            clean_up_tokenization_spaces=False,
            model_max_length=settings['max_len']))


def _llama_config(settings: Mapping[str, Any],
                  tensors: Mapping[str, np.ndarray]) -> dict:
    gate = tensors['model.layers.0.mlp.gate_proj.weight']  # (intermediate, D)
    return llama_config(
        hidden=settings['d_model'], intermediate=gate.shape[0],
        layers=settings['n_layers'], heads=settings['n_heads'],
        kv_heads=settings['n_kv_heads'], vocab=settings['vocab_size'],
        context=settings['max_len'], rope_theta=settings['rope_base'],
        rms_norm_eps=settings['eps'], bos=_SPECIALS.index('<bos>'),
        eos=_SPECIALS.index('<eos>'), pad=_SPECIALS.index('<pad>'))


def _rename(arrays: Mapping[str, np.ndarray],
            settings: Mapping[str, Any]) -> dict[str, np.ndarray]:
    tensors = {'model.embed_tokens.weight': arrays['E'],
               'model.norm.weight': arrays['norm_f.gamma']}
    heads = {'attn.W_Q': settings['n_heads'], 'attn.W_K': settings['n_kv_heads']}
    for layer in range(settings['n_layers']):
        for name, renamed in _BLOCK_NAMES.items():
            weight = arrays[f'blocks.{layer}.{name}'].T  # (in, out) -> (out, in)
            if name in heads:
                weight = halves_from_pairs(weight, heads[name])
            tensors[f'model.layers.{layer}.{renamed}.weight'] = weight
    return {name: np.ascontiguousarray(weight, dtype=np.float16)
            for name, weight in tensors.items()}


def _build_tokenizer(alphabet: list[str], merges: list[list[str]]) -> Tokenizer:
    from tokenizers import (
        Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers)
    vocab = [*_SPECIALS, *alphabet, *(first + second for first, second in merges)]
    tokenizer = Tokenizer(models.BPE(
        vocab={token: index for index, token in enumerate(vocab)},
        merges=[tuple(pair) for pair in merges], unk_token='<unk>'))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(' ', _SPACE)])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(_CHUNK), 'isolated')
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace(_SPACE, ' '), decoders.Fuse()])
    tokenizer.add_special_tokens(list(_SPECIALS))
    return tokenizer
