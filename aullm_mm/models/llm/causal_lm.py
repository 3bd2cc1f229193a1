# Copyright (c) AULLM-MM contributors.
"""A causal LLM with LoRA that reads embeddings and gives hidden states."""
from __future__ import annotations

import copy
import warnings
from contextlib import contextmanager
from typing import Any, Iterator

import torch
from mmengine.model import BaseModule
from peft import LoraConfig, get_peft_model
from torch import Tensor, nn
from transformers import AutoTokenizer

from aullm_mm.registry import MODELS

from .loading import llm_identity, load_llm
from .packaged import resolve_llm
from .reuse import shared_copy
from .shared_prefix import read_after_prefix, read_prefix, read_suffixes


def add_lora(decoder: nn.Module, lora: dict) -> nn.Module:
    """Put LoRA adapters on a frozen decoder."""
    with warnings.catch_warnings():
        # peft asks transformers 5 by a name that is being renamed there.
        warnings.filterwarnings('ignore', message='.*is_gradient_checkpointing.*')
        return get_peft_model(decoder, LoraConfig(**lora))


@MODELS.register_module()
class CausalLM(BaseModule):
    r"""Any Hugging Face causal LM as a reader of embedded premises.

    Only LoRA is trained, and only LoRA is in the state dict; the frozen weights come
    from ``name`` each time. The vocabulary projection is never computed: the module
    returns hidden states, and :meth:`answer_embeddings` gives the few rows of the
    output matrix that the ``verbalize`` mode needs.

    **Shared prefix.** Under causal attention, hidden states of the constant text before
    the first visual token are the same for every clip, so that part runs once, see
    :func:`~aullm_mm.models.llm.shared_prefix.read_after_prefix`.

    Args:
        name: ``'SmolLM2-135M-Instruct'`` or ``'glassllm'`` (packaged), a local folder,
            a hub id, or a dict (``model_type`` and config fields) for random weights.
        lora: Arguments of ``peft.LoraConfig``; None freezes the LLM. Without
            ``target_modules`` peft's choice for the family is taken.
        tokenizer: Name or folder of the tokenizer. Defaults to that of ``name``.
        dtype: Type of the frozen weights. Defaults to ``'float32'``.
        quantization: Arguments of ``BitsAndBytesConfig``. Defaults to None.
        shared_prefix: Whether the prefix runs once a batch. Defaults to True.
        gradient_checkpointing: Recompute activations in the backward pass; it cannot
            keep keys and values, so the prefix is then not shared. Defaults to False.
        pretrained: Whether the LLM knows what it has read; if not, its weights are
            random, the same each time, in the architecture and with the tokenizer of
            ``name``. Defaults to True.

    Shapes:
        - prefix ids: :math:`(P,)`; suffix embeddings: :math:`(B, S, D)`
        - output: :math:`(B, S, D)`

    Raises:
        ValueError: If the prompt is longer than the LLM's context.
    """

    def __init__(
        self,
        name: str | dict = 'SmolLM2-135M-Instruct',
        lora: dict | None = dict(r=8, lora_alpha=16, lora_dropout=0.05),
        tokenizer: str | None = None,
        dtype: str = 'float32',
        quantization: dict | None = None,
        shared_prefix: bool = True,
        gradient_checkpointing: bool = False,
        pretrained: bool = True,
    ) -> None:
        super().__init__()
        if isinstance(name, dict) and tokenizer is None:
            raise ValueError(
                'A randomly initialised LLM has no tokenizer of its own: set '
                "tokenizer, for example tokenizer='glassllm'.")
        self.name = name
        self.tokenizer = AutoTokenizer.from_pretrained(
            str(resolve_llm(tokenizer or name)))
        model = shared_copy(
            repr((name, dtype, quantization, pretrained)),
            lambda: load_llm(name, dtype, quantization, pretrained)
        ).requires_grad_(False)
        self.identity = llm_identity(name, model, pretrained)
        self._check_vocabulary(model)
        self.output_weight = [model.get_output_embeddings().weight]  # not a submodule
        decoder = model.get_decoder() or model.base_model
        if gradient_checkpointing:
            decoder.gradient_checkpointing_enable()
            decoder.enable_input_require_grads()
        self.shared_prefix = shared_prefix and not gradient_checkpointing
        self._read: dict | None = None  # prefixes read inside prefix_kept()
        self.decoder = decoder if lora is None else add_lora(decoder, lora)
        self.register_state_dict_post_hook(_keep_trained)
        self.register_load_state_dict_post_hook(_forgive_frozen)

    def init_weights(self) -> None:
        """Keep the pretrained weights; MMEngine would initialise them anew."""
        self._is_init = True

    @property
    def config(self) -> Any:
        """The Hugging Face config of the LLM."""
        return self.decoder.config

    @property
    def width(self) -> int:
        """Width of the LLM :math:`D`."""
        return self.config.hidden_size

    @property
    def embedding(self) -> nn.Module:
        """The LLM's own table of token embeddings."""
        model = self.decoder
        model = model.get_base_model() if hasattr(model, 'peft_config') else model
        return model.get_input_embeddings()

    def embed(self, ids: Tensor | tuple[int, ...]) -> Tensor:
        """Embeddings of token ids: (L,) to (L, D)."""
        device = self.embedding.weight.device
        return self.embedding(torch.as_tensor(ids, dtype=torch.long, device=device))

    def embed_text(self, text: str) -> Tensor:
        """Mean embedding of a text's tokens, (D,), without gradient."""
        ids = self.tokenizer(text, add_special_tokens=False)['input_ids']
        return self.embed(tuple(ids)).mean(dim=0).detach().float()

    def answer_embeddings(self, answers: tuple[str, ...]) -> Tensor:
        """Rows of the output matrix that score the first token of each answer."""
        ids = [
            self.tokenizer(a, add_special_tokens=False)['input_ids'][0]
            for a in answers
        ]
        return self.output_weight[0][ids].detach().float()  # (answers, D)

    def check_length(self, length: int) -> None:
        """Raise if a prompt of so many tokens does not fit the context."""
        limit = getattr(self.config, 'max_position_embeddings', None)
        if limit and length > limit:
            raise ValueError(
                f'The prompt has {length} tokens, but the context of '
                f'{self.identity["name"]} holds {limit}. Use a shorter prompt style '
                f"(prompt=dict(style='brief')), fewer AUs or another LLM.")

    def forward(self, prefix: Tensor, suffix: Tensor) -> Tensor:
        """Hidden states of the suffix, given the prefix.

        Args:
            prefix: Token ids of the constant text.
            suffix: Embeddings of what is different in each clip.
        """
        batch, length = suffix.shape[:2]
        self.check_length(prefix.shape[0] + length)
        suffix = suffix.to(self.embedding.weight.dtype)
        head = self.embed(prefix)[None]  # (1, P, D)
        if self.shared_prefix and prefix.numel():
            if self._read is not None and not torch.is_grad_enabled():
                return read_suffixes(
                    self.decoder, self._kept_prefix(prefix, head), suffix).float()
            return read_after_prefix(self.decoder, head, suffix).float()
        joined = torch.cat([head.expand(batch, -1, -1), suffix], dim=1)
        hidden = self.decoder(inputs_embeds=joined, use_cache=False)
        return hidden.last_hidden_state[:, -length:].float()

    @contextmanager
    def prefix_kept(self) -> Iterator[None]:
        """Read the prefix once for all the passes inside, where there is no gradient.

        For several passes over the same weights: they must not change inside.
        """
        before, self._read = self._read, {} if self._read is None else self._read
        try:
            yield
        finally:
            self._read = before

    def _kept_prefix(self, prefix: Tensor, head: Tensor) -> Any:
        key = (tuple(prefix.tolist()), self.training)
        if key not in self._read:
            self._read[key] = read_prefix(self.decoder, head)
        return copy.deepcopy(self._read[key])  # suffixes are added to it

    def _check_vocabulary(self, model: nn.Module) -> None:
        rows = model.get_input_embeddings().num_embeddings
        if len(self.tokenizer) > rows:
            raise ValueError(
                f'The tokenizer has {len(self.tokenizer)} tokens, but the LLM embeds '
                f'only {rows}: they do not belong together.')


def _keep_trained(
    module: nn.Module, state_dict: dict, prefix: str, local_metadata: dict
) -> None:
    """Drop the frozen weights from a state dict."""
    for key, parameter in module.named_parameters():
        if not parameter.requires_grad:
            state_dict.pop(prefix + key, None)


def _forgive_frozen(module: nn.Module, incompatible_keys: Any) -> None:
    """Do not report frozen weights as missing; trained ones still are."""
    frozen = {
        key for key, parameter in module.named_parameters()
        if not parameter.requires_grad
    }
    missing = incompatible_keys.missing_keys
    kept = [k for k in missing if not any(k.endswith(f) for f in frozen)]
    missing[:] = kept
