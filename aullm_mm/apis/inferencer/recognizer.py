# Copyright (c) AULLM-MM contributors.
"""A trained recognizer with all that inference needs to know of it."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import nn

from aullm_mm.engine.hooks.checkpoint_identity_hook import KEY, check_identity
from aullm_mm.registry import MODELS, TRANSFORMS
from aullm_mm.safe_load import load_from_local
from aullm_mm.utils.config_text import read_config_text
from aullm_mm.zoo import SCHEME, list_models, read_weights

#: Weights of the package that are used where none are named.
DEFAULT_WEIGHTS = 'aullm_flow'


@dataclass(frozen=True)
class TrainedRecognizer:
    """A recognizer in evaluation mode, and what its checkpoint says of it.

    Attributes:
        name: Short name, for people.
        checkpoint: File of the weights; None for weights of the package.
        model: The recognizer.
        pipeline: Configs of the transforms that its clips go through.
        aus: AU numbers in the order of the scores.
        thresholds: Probability from which each AU counts as present.
        llm: Name of the LLM, or None.
        semi_synthetic: Whether it was trained on generated clips only; None if its
            checkpoint does not say.
        versions: Versions of the packages that it was trained with.
    """

    name: str
    checkpoint: str | None
    model: nn.Module
    pipeline: Sequence[Mapping[str, Any]]
    aus: tuple[int, ...]
    thresholds: tuple[float, ...]
    llm: str | None
    semi_synthetic: bool | None
    versions: Mapping[str, str]

    def describe(self) -> dict[str, Any]:
        """What a result says of the model, as plain data."""
        return dict(
            name=self.name, checkpoint=self.checkpoint, aus=list(self.aus),
            thresholds={str(au): t for au, t in zip(self.aus, self.thresholds)},
            llm=self.llm, semi_synthetic=self.semi_synthetic,
            versions=dict(self.versions))


def load_recognizer(
    weights: str | None = None, config: str | None = None,
    device: str | None = None, thresholds: Mapping[int, float] | None = None,
) -> TrainedRecognizer:
    """Load a recognizer from the package's weights or from a checkpoint.

    Nothing in a checkpoint is run: it is read by ``weights_only``, and the config in it
    as plain values, whose components must be registered ones.

    Args:
        weights: Checkpoint file of ``tools/train.py``, or the name of a model of the
            zoo. Defaults to the packaged ``aullm_flow``.
        config: Config file that you trust, in place of the one in the checkpoint.
            Defaults to None.
        device: Torch device. Defaults to ``'cuda'`` where there is one, else
            ``'cpu'``.
        thresholds: Thresholds of some AUs, over those of the checkpoint.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: If the file is damaged, holds no config, belongs to another AU list
            or LLM than its config, or a threshold is wrong.
    """
    device = _device(device)
    weights = weights or DEFAULT_WEIGHTS
    name = weights.removeprefix(SCHEME)
    if name in list_models() or weights.startswith(SCHEME):
        state_dict, meta = read_weights(name)
        values = read_config_text(meta['config'], f'the config of {name}')
        identity, checkpoint = dict(aus=meta['aus'], llm=meta['llm']), None
        if meta.get('emotions'):
            identity['emotions'] = meta['emotions']
        limits, versions = meta['thresholds'], meta.get('versions', {})
        generated = bool(meta['training'].get('semi_synthetic'))
    else:
        state_dict, identity, meta = _read_checkpoint(weights)
        values = _config_of(meta, weights) if config is None else {}
        limits, versions, generated = None, _versions(meta), None
        name, checkpoint = Path(weights).stem, weights
    if config is not None:
        values = _trusted(config)
    model = _build(values, state_dict, identity, weights)
    aus = tuple(identity['aus'])
    return TrainedRecognizer(
        name, checkpoint, model.to(device).eval(), _pipeline(values, weights), aus,
        _thresholds(aus, limits or _limits_of(values), thresholds or {}),
        (identity.get('llm') or {}).get('name'), generated, versions)


def _device(device: str | None) -> torch.device:
    if device is None:
        device = 'cuda' if torch.cuda.is_available() else 'cpu'
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"device {device!r} cannot be used here ({reason}): leave it out, or take "
            f"'cpu'.") from error
    return torch.device(device)


def _read_checkpoint(path: str) -> tuple[dict, dict, dict]:
    if not Path(path).is_file():
        raise FileNotFoundError(
            f'{path}: no such checkpoint, and no model of the zoo (there are: '
            f'{", ".join(list_models())}).')
    content = load_from_local(path, 'cpu')
    meta = content.get('meta') if isinstance(content, dict) else None
    identity = meta.get(KEY) if isinstance(meta, dict) else None
    if not isinstance(identity, dict) or 'state_dict' not in content:
        raise ValueError(
            f'{path} does not say which AUs it decides: give a checkpoint that '
            f'tools/train.py wrote, with CheckpointIdentityHook in its config.')
    return content['state_dict'], identity, meta


def _config_of(meta: Mapping[str, Any], where: str) -> dict[str, Any]:
    if not isinstance(meta.get('cfg'), str):
        raise ValueError(f'{where} holds no config: name the one it was trained with.')
    return read_config_text(meta['cfg'], f'the config in {where}')


def _trusted(config: str) -> dict[str, Any]:
    if not Path(config).is_file():
        raise FileNotFoundError(f'Config {config} does not exist.')
    return Config.fromfile(config).to_dict()


def _build(
    values: Mapping[str, Any], state_dict: Mapping, identity: Mapping, where: str
) -> nn.Module:
    """Build the model of a config and put the weights in."""
    if 'model' not in values:
        raise ValueError(f'The config of {where} has no model.')
    init_default_scope(values.get('default_scope', 'mmaction'))
    check_types(values['model'], where)
    check_types(_pipeline(values, where), where)
    model = MODELS.build(Config(dict(model=values['model'])).model)
    head = getattr(model, 'cls_head', None)
    if not hasattr(head, 'identity'):
        raise ValueError(
            f'The model of {where} has a head of type {type(head).__name__}, which '
            f'does not say which AUs it decides: use AULLMHead or MultiLabelHead.')
    check_identity(dict(identity), head.identity(), where)
    missing, unexpected = model.load_state_dict(state_dict, strict=False)
    if missing or unexpected:
        raise ValueError(
            f'{where} does not fit the model of its config: {len(missing)} weights are '
            f'missing, {len(unexpected)} are not of it, the first of them '
            f'{[*missing, *unexpected][0]}.')
    return model


def check_types(values: Any, where: str) -> None:
    """Raise if a config names a component by anything but a registered name.

    MMEngine takes a dotted ``type`` for the path of any Python object and calls it.

    Args:
        values: A config: dicts, lists and plain values.
        where: Whose config it is, for the message.

    Raises:
        ValueError: If a type is not registered.

    Examples:
        >>> check_types(dict(type='os.system', command='ls'), 'best.pth')
        Traceback (most recent call last):
        ...
        ValueError: The config of best.pth asks for 'os.system', which is ...
    """
    if isinstance(values, Mapping):
        kind = values.get('type')
        if isinstance(kind, str) and '.' in kind:
            scope, _, name = kind.partition('.')
            known = {*MODELS.module_dict, *TRANSFORMS.module_dict}
            if scope not in ('mmaction', 'mmengine', 'mmcv') or name not in known:
                raise ValueError(
                    f'The config of {where} asks for {kind!r}, which is no registered '
                    f'component. Name a config file that you trust instead.')
        values = values.values()
    if isinstance(values, (list, tuple)) or not isinstance(values, (str, bytes)):
        for value in values if hasattr(values, '__iter__') else ():
            check_types(value, where)


def _pipeline(values: Mapping[str, Any], where: str) -> list:
    loader = values.get('test_dataloader') or {}
    pipeline = (loader.get('dataset') or {}).get(
        'pipeline', values.get('test_pipeline'))
    if not pipeline:
        raise ValueError(
            f'The config of {where} has no test_dataloader.dataset.pipeline, so that '
            f'it is not known how clips become the input of its model.')
    return pipeline


def _limits_of(values: Mapping[str, Any]) -> float | Sequence[float]:
    """Thresholds that the config judges with."""
    evaluators = values.get('test_evaluator') or ()
    for evaluator in [evaluators] if isinstance(evaluators, Mapping) else evaluators:
        if 'thresholds' in evaluator:
            return evaluator['thresholds']
    return 0.5


def _thresholds(
    aus: Sequence[int], limits: float | Sequence[float], asked: Mapping[int, float]
) -> tuple[float, ...]:
    limits = [limits] * len(aus) if isinstance(limits, (int, float)) else list(limits)
    unknown = sorted(set(asked) - set(aus))
    if unknown or len(limits) != len(aus):
        raise ValueError(
            f'thresholds name AUs {unknown}, the model decides {list(aus)}.')
    found = [float(asked.get(au, limit)) for au, limit in zip(aus, limits)]
    wrong = [t for t in found if not 0 < t < 1]
    if wrong:
        raise ValueError(f'a threshold lies between 0 and 1, got {wrong[0]}')
    return tuple(found)


def _versions(meta: Mapping[str, Any]) -> dict[str, str]:
    known = {'mmengine': meta.get('mmengine_version')}
    return {name: str(value) for name, value in known.items() if value}
