# Copyright (c) AULLM-MM contributors.
"""Settings that rows change in their configs, as dotted keys of a command line."""
from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.config import Config, DictAction

from ..runs import LOADERS


def flatten(options: Mapping[str, Any], prefix: str = '') -> dict[str, Any]:
    """Nested settings as dotted keys.

    Args:
        options: Settings; keys may be dotted already.
        prefix: What stands before every key. Defaults to ''.

    Examples:
        >>> flatten({'a.b': 1, 'c': {'d': 2}})
        {'a.b': 1, 'c.d': 2}
    """
    flat = {}
    for key, value in options.items():
        if isinstance(value, Mapping) and value:
            flat.update(flatten(value, f'{prefix}{key}.'))
        else:
            flat[f'{prefix}{key}'] = value
    return flat


def option_text(value: Any) -> str:
    """A value as ``--cfg-options`` reads it.

    Args:
        value: Text, number, bool, None, or a list or tuple of such.

    Examples:
        >>> option_text(('data/a', 2, None))
        '(data/a,2,None)'
    """
    if isinstance(value, (list, tuple)):
        inner = ','.join(map(option_text, value))
        return f'({inner})' if isinstance(value, tuple) else f'[{inner}]'
    return str(value)


def check_options(options: Mapping[str, Any], row: str) -> None:
    """Refuse values that no command line can give.

    Args:
        options: Settings by dotted keys.
        row: Name of the row, for the message.

    Raises:
        ValueError: Naming the key.

    Examples:
        >>> check_options({'model.x': {}}, 'full')
        Traceback (most recent call last):
        ...
        ValueError: row 'full': model.x={} cannot be written as KEY=VALUE; make a \
config file of its own for this row.
    """
    for key, value in options.items():
        if DictAction._parse_iterable(option_text(value)) != value:
            raise ValueError(
                f'row {row!r}: {key}={value!r} cannot be written as KEY=VALUE; make a '
                f'config file of its own for this row.')


def loader_options(
    cfg: Config, corpus: str | Sequence[str] | None,
    data_root: str | Sequence[str] | None, cache_root: str | None,
    split: Mapping[str, Any]
) -> dict[str, Any]:
    """Point the three loaders of a config to another corpus, cache or split.

    A config's own ``data_root`` is used up when its file is read, so that changing it
    later changes nothing; these keys change what was made of it.

    Args:
        cfg: The config, read.
        corpus: Name of the corpus, or several; None leaves it.
        data_root: Folder of the release, or one for each corpus; None leaves it.
        cache_root: Folder of the clip cache; None leaves it.
        split: Settings of the split to change.

    Returns:
        dict: Settings by dotted keys.

    Examples:
        >>> loader = dict(dataset=dict(data_root='a', pipeline=[]))
        >>> loader_options(Config(dict(test_dataloader=loader)), None, 'b', None, {})
        {'test_dataloader.dataset.data_root': 'b'}
    """
    options = {}
    for loader in LOADERS:
        if not cfg.get(loader):
            continue
        changes = dict(corpus=corpus, data_root=data_root)
        changes = {key: value for key, value in changes.items() if value is not None}
        changes.update({f'split.{key}': value for key, value in split.items()})
        if cache_root is not None:
            changes.update({
                f'pipeline.{place}.root': cache_root
                for place, step in enumerate(cfg[loader].dataset.pipeline)
                if step['type'] == 'CacheClip'})
        options.update({f'{loader}.dataset.{k}': v for k, v in changes.items()})
    return options


def command_line(words: Sequence[str], options: Mapping[str, Any]) -> str:
    """A command as a user would type it.

    Args:
        words: Command and arguments.
        options: For ``--cfg-options``; none for no such flag.

    Examples:
        >>> command_line(['python', 'a.py'], {'x.y': (1, 2)})
        "python a.py --cfg-options 'x.y=(1,2)'"
    """
    pairs = [f'{key}={option_text(value)}' for key, value in options.items()]
    return shlex.join([*words, *(['--cfg-options', *pairs] if pairs else [])])
