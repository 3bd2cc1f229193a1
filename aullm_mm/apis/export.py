# Copyright (c) AULLM-MM contributors.
"""A training checkpoint into a model of the zoo."""
from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any, Mapping

from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from aullm_mm.engine.hooks.checkpoint_identity_hook import KEY, check_identity
from aullm_mm.registry import MODELS
from aullm_mm.safe_load import load_from_local
from aullm_mm.utils.config_text import read_config_text
from aullm_mm.utils.jsonable import nan_to_none
from aullm_mm.version import __version__
from aullm_mm.zoo import edges_of, write_model

from .zoo_card import make_card

PACKAGES = ('torch', 'mmengine', 'mmaction2', 'transformers', 'peft')
LICENCE = 'Apache-2.0'


def export_weights(
    checkpoint: str,
    name: str,
    config: str | None = None,
    card: str | None = None,
    out: str | None = None,
    half: bool = False,
    training: str | None = None,
    semi_synthetic: bool = False,
    figures: Mapping[str, float] | None = None,
) -> Path:
    """Write the files of a zoo model; the weights of the LLM itself never are in them.

    Args:
        checkpoint: Checkpoint of a training run.
        name: Name of the model: ``load_from='aullm-mm://NAME'``.
        config: Config of the run. Defaults to the one that the checkpoint holds.
        card: Text file to be the model card. Defaults to one made from what is known.
        out: Folder of the zoo. Defaults to that of the package.
        half: Whether floats are stored in 16 bits. Defaults to False.
        training: What the model was trained on, in words. Defaults to the config's
            corpora.
        semi_synthetic: Whether these corpora are semi-synthetic: their subjects are no
            people, and are not kept apart from those of a real corpus.
        figures: Further figures beside the last ones of validation.

    Returns:
        Path of the weights.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: If the file is no checkpoint of ours, does not fit the config, or
            would be too large.
    """
    content = load_from_local(checkpoint)
    saved = content.get('meta', {}).get(KEY) if isinstance(content, dict) else None
    if saved is None:
        raise ValueError(
            f'{checkpoint} does not say which AUs it decides: export a checkpoint that '
            f'tools/train.py wrote, with CheckpointIdentityHook in its config.')
    text = None if card is None else Path(card).read_text(encoding='utf-8')
    cfg = _config(config, content['meta'], checkpoint)
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    model = MODELS.build(cfg.model)
    check_identity(saved, model.cls_head.identity(), checkpoint)
    weights = trained_weights(content['state_dict'], model, checkpoint, half)
    meta = nan_to_none(dict(
        aus=list(saved['aus']), thresholds=[0.5] * len(saved['aus']),
        emotions=list(saved.get('emotions') or ()), llm=saved['llm'],
        edges=edges_of(getattr(model.cls_head, 'graph', None)),
        dtype='float16' if half else 'float32', config=_shown(cfg),
        training=_training(cfg, content['meta'], training, semi_synthetic),
        figures={**_validation(content), **(figures or {})}, licence=LICENCE,
        versions=_versions()))
    return write_model(
        name, weights, meta, text or make_card(name, meta), out and Path(out))


def trained_weights(
    state_dict: Mapping[str, Tensor], model: nn.Module, where: str, half: bool = False
) -> dict[str, Tensor]:
    """What a checkpoint has of a model's state dict, which leaves the LLM's own out.

    Args:
        state_dict: Weights of the checkpoint.
        model: The model.
        where: The checkpoint's name, for the message.
        half: Whether floats become float16. Defaults to False.

    Raises:
        ValueError: If a weight is missing or has another shape.

    Examples:
        >>> model = nn.Linear(2, 1)
        >>> weights = trained_weights(model.state_dict(), model, 'best.pth', half=True)
        >>> weights['bias'].dtype
        torch.float16
    """
    wanted = model.state_dict()
    unfit = [key for key, value in wanted.items()
             if key not in state_dict or state_dict[key].shape != value.shape]
    if unfit:
        raise ValueError(
            f'{where} does not fit the model of the config: {len(unfit)} weights are '
            f'missing or have another shape, the first of them {unfit[0]}. Give the '
            f'config that it was trained with (--config).')
    weights = {key: state_dict[key].detach().cpu() for key in wanted}
    return {key: value.half() if half and value.is_floating_point() else value.clone()
            for key, value in weights.items()}


def _config(config: str | None, meta: Mapping[str, Any], where: str) -> Config:
    if config is not None:
        if not Path(config).is_file():
            raise FileNotFoundError(f'Config {config} does not exist.')
        return Config.fromfile(config)
    if 'cfg' not in meta:
        raise ValueError(f'{where} holds no config: name it by --config.')
    return Config(read_config_text(meta['cfg'], f'the config in {where}'))


def _shown(cfg: Config) -> str:
    """Text of the model and of the pipeline that its input went through."""
    loader = cfg.get('test_dataloader') or {}
    pipeline = loader.get('dataset', {}).get('pipeline', [])
    return Config(dict(model=cfg.model, test_pipeline=pipeline)).pretty_text


def _training(
    cfg: Config, meta: Mapping[str, Any], description: str | None, semi_synthetic: bool
) -> dict[str, Any]:
    dataset = (cfg.get('train_dataloader') or {}).get('dataset', {})
    corpus = dataset.get('corpus', 'unknown')
    corpora = [corpus] if isinstance(corpus, str) else list(corpus)
    subjects = list(meta[KEY].get('subjects', ()))
    kind = 'semi-synthetic ' * semi_synthetic
    return dict(
        description=description or f'{kind}corpora in the layout of '
        f'{", ".join(corpora)}: {len(subjects)} subjects.',
        semi_synthetic=semi_synthetic, corpora=corpora, subjects=subjects,
        epochs=meta.get('epoch'), seed=meta.get('seed'))


def _validation(content: Mapping[str, Any]) -> dict[str, float]:
    """Last figures of validation, times left out."""
    scalars = content.get('message_hub', {}).get('log_scalars', {})
    return {key: round(float(value.current()), 4) for key, value in scalars.items()
            if key.startswith('val/') and not key.endswith('time')}


def _versions() -> dict[str, str]:
    return dict(
        {'aullm_mm': __version__, 'python': platform.python_version()},
        **{package: version(package) for package in PACKAGES})
