# Copyright (c) AULLM-MM contributors.
"""Reading many short suffixes after one long prefix, without repeating the prefix."""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import DynamicCache

# Clips packed into one sequence: enough to repeat the prefix's keys seldom, few enough
# that masked-out pairs of clips cost little.
PACK = 16


def packed_mask(
    prefix_length: int, suffix_length: int, count: int, dtype: torch.dtype
) -> Tensor:
    """Additive attention mask of packed suffixes.

    Every suffix sees the whole prefix and, causally, itself; never another suffix.

    Args:
        prefix_length: Tokens of the prefix :math:`P`.
        suffix_length: Tokens of a suffix :math:`S`.
        count: Suffixes in a sequence :math:`G`.
        dtype: Floating type of the mask.

    Shapes:
        - output: :math:`(1, 1, G S, P + G S)`, 0 where seen, the least value elsewhere

    Examples:
        >>> packed_mask(1, 2, 2, torch.float32)[0, 0].eq(0).int().tolist()
        [[1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 0, 0, 1, 0], [1, 0, 0, 1, 1]]
    """
    causal = torch.ones(suffix_length, suffix_length).tril().bool()
    own = torch.block_diag(*[causal] * count).bool()  # (G * S, G * S)
    seen = torch.cat([own.new_ones(own.shape[0], prefix_length), own], dim=1)
    mask = torch.zeros(seen.shape, dtype=dtype)
    return mask.masked_fill(~seen, torch.finfo(dtype).min)[None, None]


def read_after_prefix(decoder: nn.Module, prefix: Tensor, suffix: Tensor) -> Tensor:
    """Hidden states of every suffix, the prefix being read once.

    The prefix runs at batch 1 and leaves its keys and values in a cache. The suffixes
    are then packed, up to 16 into one sequence, with a mask that keeps them apart and
    positions that all follow the prefix; so the cache is repeated once a pack instead
    of once a clip. Exact under causal attention, gradients included.

    Args:
        decoder: A Hugging Face decoder, with or without adapters.
        prefix: Embeddings of the constant text.
        suffix: Embeddings of what is different in each clip.

    Shapes:
        - prefix: :math:`(1, P, D)`; suffix and output: :math:`(B, S, D)`
    """
    return read_suffixes(decoder, read_prefix(decoder, prefix), suffix)


def read_prefix(decoder: nn.Module, prefix: Tensor) -> DynamicCache:
    """Keys and values of the constant text.

    Args:
        decoder: A Hugging Face decoder, with or without adapters.
        prefix: Embeddings of the constant text.

    Shapes:
        - prefix: :math:`(1, P, D)`
    """
    cache = DynamicCache(config=decoder.config)
    decoder(inputs_embeds=prefix, past_key_values=cache, use_cache=True)
    return cache


def read_suffixes(
    decoder: nn.Module, cache: DynamicCache, suffix: Tensor
) -> Tensor:
    """Hidden states of every suffix after a prefix that was read.

    Args:
        decoder: The decoder that read the prefix.
        cache: Keys and values of the prefix; used up, since the suffixes' are added.
        suffix: Embeddings of what is different in each clip.

    Shapes:
        - suffix and output: :math:`(B, S, D)`
    """
    start = cache.get_seq_length()
    batch, length, width = suffix.shape
    pack = min(PACK, batch)
    packs = -(-batch // pack)
    suffix = F.pad(suffix, (0, 0, 0, 0, 0, packs * pack - batch))
    suffix = suffix.reshape(packs, pack * length, width)
    cache.batch_repeat_interleave(packs)
    mask = packed_mask(start, length, pack, suffix.dtype).to(suffix.device)
    position = torch.arange(start, start + length, device=suffix.device).repeat(pack)
    hidden = decoder(
        inputs_embeds=suffix, past_key_values=cache, use_cache=True,
        attention_mask=mask.expand(packs, -1, -1, -1),
        position_ids=position.expand(packs, -1)).last_hidden_state
    return hidden.reshape(packs * pack, length, width)[:batch]
