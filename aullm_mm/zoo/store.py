# Copyright (c) AULLM-MM contributors.
"""The files of the model zoo: NAME.safetensors, NAME.json and NAME.md."""
from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Mapping

from safetensors.torch import load, save
from torch import Tensor

from aullm_mm.utils.atomic import write_atomic

ZOO = Path(__file__).parent / 'weights'
FORMAT = 1
_REQUIRED = ('format', 'name', 'sha256', 'aus', 'llm', 'edges', 'config', 'training')
_REINSTALL = (
    'It is the installation that is at fault, not your config and not your data: '
    'install AULLM-MM again (pip install --force-reinstall --no-deps), or export the '
    'model again.')


def list_models(folder: Path | None = None) -> list[str]:
    """Names of the models in the zoo.

    Args:
        folder: Folder of the zoo. Defaults to that of the package.

    Examples:
        >>> isinstance(list_models(), list)
        True
    """
    return sorted(path.stem for path in (folder or ZOO).glob('*.json'))


def model_card(name: str, folder: Path | None = None) -> str:
    """The model card: what the weights saw, what they reach, what they are not.

    Args:
        name: Name of the model.
        folder: Folder of the zoo. Defaults to that of the package.

    Raises:
        FileNotFoundError: If there is no such model.
        ValueError: If the name cannot be that of a model.

    Examples:
        >>> model_card('no_such', Path('no_zoo'))
        Traceback (most recent call last):
        ...
        FileNotFoundError: no_zoo/no_such.md: the zoo has no model 'no_such'. ...
    """
    return _existing(name, 'md', folder).read_text(encoding='utf-8')


def read_weights(
    name: str, folder: Path | None = None
) -> tuple[dict[str, Tensor], dict]:
    """Tensors and description of a model; nothing in the files can run code.

    Args:
        name: Name of the model.
        folder: Folder of the zoo. Defaults to that of the package.

    Returns:
        State dict on the CPU, and what the JSON file says.

    Raises:
        FileNotFoundError: If there is no such model, or one of its files is missing.
        ValueError: If a file is damaged, or of a later format.

    Examples:
        >>> read_weights('no_such', Path('no_zoo'))
        Traceback (most recent call last):
        ...
        FileNotFoundError: no_zoo/no_such.json: the zoo has no model 'no_such'. ...
    """
    meta = _read_description(_existing(name, 'json', folder))
    path = _existing(name, 'safetensors', folder)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != meta['sha256']:
        raise ValueError(
            f'{path} is damaged: its SHA-256 is not the one that {name}.json records '
            f'({len(content)} bytes are there). {_REINSTALL}')
    return load(content), meta


def write_model(
    name: str, state_dict: Mapping[str, Tensor], meta: Mapping, card: str,
    folder: Path | None = None, max_bytes: int = 20_000_000
) -> Path:
    """Write the three files of a model, each beside and renamed.

    Args:
        name: Name: letters, digits, ``_`` and ``-``.
        state_dict: Tensors.
        meta: Description; format, name, size and SHA-256 are added.
        card: Text of the model card.
        folder: Folder of the zoo. Defaults to that of the package.
        max_bytes: Largest file of weights. Defaults to 20 MB.

    Returns:
        The path of the weights.

    Raises:
        ValueError: If the weights are too large, the model exists, or its name cannot
            be used.
    """
    folder = folder or ZOO
    path = folder / f'{_checked(name)}.safetensors'
    if path.exists() or path.with_suffix('.json').exists():
        raise ValueError(
            f'{path} exists: remove its files, or export under another name.')
    content = save({key: value.contiguous() for key, value in state_dict.items()})
    if len(content) > max_bytes:
        raise ValueError(
            f'{name} has {len(content) / 1e6:.1f} MB, and the zoo takes '
            f'{max_bytes / 1e6:g} MB: use --half, or a model with fewer trained '
            f'weights.')
    meta = dict(
        format=FORMAT, name=name, bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(), **meta)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(path, content)
    write_atomic(path.with_suffix('.md'), card.encode())
    # Last, since it is what makes the model one of the zoo.
    text = json.dumps(meta, indent=1, ensure_ascii=False, allow_nan=False) + '\n'
    write_atomic(path.with_suffix('.json'), text.encode())
    return path


def _checked(name: str) -> str:
    if not re.fullmatch(r'[A-Za-z0-9][A-Za-z0-9_-]*', name):
        raise ValueError(
            f'{name!r} cannot be the name of a zoo model: use letters, digits, _ '
            f'and -.')
    return name


def _existing(name: str, suffix: str, folder: Path | None) -> Path:
    folder = folder or ZOO
    path, known = folder / f'{_checked(name)}.{suffix}', list_models(folder)
    if path.is_file():
        return path
    if name in known:
        raise FileNotFoundError(
            f'{path} is missing, but {name}.json is there. {_REINSTALL}')
    raise FileNotFoundError(
        f'{path}: the zoo has no model {name!r}. Known: {", ".join(known) or "none"}; '
        f'tools/export_weights.py makes one of a checkpoint.')


def _read_description(path: Path) -> dict:
    try:
        meta = json.loads(path.read_text(encoding='utf-8'))
    except ValueError as error:
        raise ValueError(f'{path} is damaged: {error}. {_REINSTALL}') from error
    number = meta.get('format') if isinstance(meta, dict) else None
    if isinstance(number, int) and number > FORMAT:
        raise ValueError(
            f'{path} is of format {number}, and this version of AULLM-MM reads up to '
            f'{FORMAT}: update AULLM-MM.')
    missing = _REQUIRED if number is None else [k for k in _REQUIRED if k not in meta]
    if missing:
        raise ValueError(f'{path} is damaged: it lacks {", ".join(missing)}. '
                         f'{_REINSTALL}')
    return meta
