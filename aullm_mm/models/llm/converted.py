# Copyright (c) AULLM-MM contributors.
"""An LLM read from a package, and how it becomes a Hugging Face folder."""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping

import numpy as np

if TYPE_CHECKING:
    from tokenizers import Tokenizer


@dataclass(frozen=True)
class ConvertedLLM:
    """A Llama-architecture LLM in Hugging Face's names and layout.

    Args:
        config: Content of ``config.json``.
        tensors: Name to weights, float16.
        tokenizer: The fast tokenizer.
        tokenizer_config: Content of ``tokenizer_config.json``.
    """

    config: Mapping[str, Any]
    tensors: Mapping[str, np.ndarray]
    tokenizer: Tokenizer
    tokenizer_config: Mapping[str, Any]

    def write(self, folder: Path) -> None:
        """Write what ``from_pretrained`` reads into an existing folder.

        Args:
            folder: Where ``config.json``, ``generation_config.json``,
                ``model.safetensors``, ``tokenizer.json`` and
                ``tokenizer_config.json`` go.

        Raises:
            OSError: The files cannot be written.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import save_file
        generation = {
            key: self.config[key]
            for key in ('bos_token_id', 'eos_token_id', 'pad_token_id')
        }
        _write_json(folder / 'config.json', self.config)
        _write_json(folder / 'generation_config.json', generation)
        _write_json(folder / 'tokenizer_config.json', self.tokenizer_config)
        (folder / 'tokenizer.json').write_text(
            self.tokenizer.to_str(), encoding='utf-8')
        try:
            save_file(dict(self.tensors), folder / 'model.safetensors',
                      metadata={'format': 'pt'})
        except SafetensorError as error:
            raise OSError(str(error)) from error


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + '\n', encoding='utf-8')


def halves_from_pairs(weight: np.ndarray, heads: int) -> np.ndarray:
    """Reorder the rows of a query or key projection for Hugging Face's rotation.

    llama.cpp and glassllm rotate channels ``(2i, 2i + 1)`` of a head together,
    Hugging Face rotates ``(i, i + d/2)``. Row ``2i + j`` of a head therefore moves
    to ``i + j * d/2``.

    Args:
        weight: Projection, one row an output channel.
        heads: Number of heads among the rows.

    Shapes:
        weight: (heads * d, D). Output: the same.

    Examples:
        >>> halves_from_pairs(np.arange(4)[:, None], heads=1).ravel().tolist()
        [0, 2, 1, 3]
    """
    rows, width = weight.shape
    pairs = weight.reshape(heads, rows // heads // 2, 2, width)
    return pairs.swapaxes(1, 2).reshape(rows, width)


def llama_config(hidden: int, intermediate: int, layers: int, heads: int,
                 kv_heads: int, vocab: int, context: int, rope_theta: float,
                 rms_norm_eps: float, bos: int, eos: int, pad: int) -> dict:
    """``config.json`` of a Llama with tied embeddings.

    The weights are stored as float16 but loaded as float32, since float16 neither
    trains nor is fast on a CPU.

    Args:
        hidden: Width D.
        intermediate: Width of the feed-forward layer.
        layers: Number of blocks.
        heads: Query heads.
        kv_heads: Key and value heads.
        vocab: Size of the vocabulary.
        context: Longest input in tokens.
        rope_theta: Base of the rotary frequencies.
        rms_norm_eps: Added to the mean square in the normalisation.
        bos: Id of the token that begins a text.
        eos: Id of the token that ends it.
        pad: Id of the token that fills it up.

    Examples:
        >>> llama_config(8, 16, 1, 2, 1, 32, 64, 1e4, 1e-6, 1, 2, 0)['hidden_size']
        8
    """
    return dict(
        architectures=['LlamaForCausalLM'], model_type='llama', hidden_size=hidden,
        intermediate_size=intermediate, num_hidden_layers=layers,
        num_attention_heads=heads, num_key_value_heads=kv_heads,
        head_dim=hidden // heads, vocab_size=vocab,
        max_position_embeddings=context, rope_theta=float(rope_theta),
        rms_norm_eps=float(rms_norm_eps), hidden_act='silu', attention_bias=False,
        mlp_bias=False, tie_word_embeddings=True, bos_token_id=bos,
        eos_token_id=eos, pad_token_id=pad, torch_dtype='float32')
