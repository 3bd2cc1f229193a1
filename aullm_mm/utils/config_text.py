# Copyright (c) AULLM-MM contributors.
"""Text of a config that came with weights, read without running it."""
from __future__ import annotations

import ast
from typing import Any


def read_config_text(text: str, where: str = 'the config') -> dict[str, Any]:
    """Read the values of a flattened config, as MMEngine writes it into checkpoints.

    A config is Python, and MMEngine runs it. A checkpoint that somebody else made must
    not run anything, so that here only literals, ``dict(...)`` and ``set()`` are read.

    Args:
        text: Assignments of plain values.
        where: Name for the message. Defaults to 'the config'.

    Raises:
        ValueError: If the text holds anything else, naming the line.

    Examples:
        >>> read_config_text("model = dict(type='A', sizes=(1, -2))")
        {'model': {'type': 'A', 'sizes': (1, -2)}}
        >>> read_config_text("import os")
        Traceback (most recent call last):
        ...
        ValueError: the config holds more than plain values (line 1: import os) ...
    """
    try:
        statements = ast.parse(text).body
        refused = [s for s in statements if not _is_assignment(s)]
        if not refused:
            return {s.targets[0].id: _value(s.value, where) for s in statements}
    except (SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError(f'{where} is damaged: {error}.') from error
    raise _refusal(refused[0], where)


def _is_assignment(statement: ast.stmt) -> bool:
    return (isinstance(statement, ast.Assign) and len(statement.targets) == 1
            and isinstance(statement.targets[0], ast.Name))


def _value(node: ast.expr, where: str) -> Any:
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        kind = {ast.List: list, ast.Tuple: tuple, ast.Set: set}[type(node)]
        return kind(_value(item, where) for item in node.elts)
    if isinstance(node, ast.Dict) and None not in node.keys:
        return {_value(k, where): _value(v, where)
                for k, v in zip(node.keys, node.values)}
    if _is_call(node):
        if node.func.id == 'set':
            return set()
        given = [_value(argument, where) for argument in node.args]
        named = {k.arg: _value(k.value, where) for k in node.keywords}
        return {**(given[0] if given else {}), **named}
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError) as error:
        raise _refusal(node, where) from error


def _is_call(node: ast.expr) -> bool:
    """Whether it is ``dict({...}, name=value, ...)`` or ``set()``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    if node.func.id == 'set':
        return not node.args and not node.keywords
    plain = len(node.args) <= 1 and all(isinstance(a, ast.Dict) for a in node.args)
    named = all(keyword.arg is not None for keyword in node.keywords)
    return node.func.id == 'dict' and plain and named


def _refusal(node: ast.AST, where: str) -> ValueError:
    shown = ast.unparse(node)[:60]
    return ValueError(
        f'{where} holds more than plain values (line {node.lineno}: {shown}) and is '
        f'not run. Name a config file that you trust instead.')
