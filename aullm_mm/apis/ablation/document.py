# Copyright (c) AULLM-MM contributors.
"""A section between two markers of a document, and nothing else of it."""
from __future__ import annotations

from pathlib import Path

from aullm_mm.utils.atomic import write_text_atomic


def markers(name: str) -> tuple[str, str]:
    """The lines around the section of a comparison.

    Examples:
        >>> markers('within')
        ('<!-- suite:within -->', '<!-- /suite:within -->')
    """
    return f'<!-- suite:{name} -->', f'<!-- /suite:{name} -->'


def replace_section(text: str, name: str, section: str) -> str:
    """Put a section between its markers; at the end where there are none.

    Args:
        text: The document.
        name: Name of the comparison.
        section: The section.

    Returns:
        The document; what is outside of the markers is as it was.

    Raises:
        ValueError: If the markers are not there once each and in order.

    Examples:
        >>> replace_section('a\\n', 'x', 'new')
        'a\\n\\n<!-- suite:x -->\\nnew\\n<!-- /suite:x -->\\n'
    """
    first, last = markers(name)
    body = f'{first}\n{section.strip()}\n{last}'
    counts = text.count(first), text.count(last)
    if counts == (0, 0):
        gap = '' if not text else '\n' if text.endswith('\n') else '\n\n'
        return f'{text}{gap}{body}\n'
    before, _, rest = text.partition(first)
    _, _, after = rest.partition(last)
    if counts != (1, 1) or last in before:
        raise ValueError(
            f'it must hold {first} and, below it, {last} once each; it has them '
            f'{counts[0]} and {counts[1]} times.')
    return f'{before}{body}{after}'


def write_section(path: Path, name: str, section: str) -> None:
    """Write a section into a file in one step; the file is made where it is missing.

    Args:
        path: A Markdown file.
        name: Name of the comparison.
        section: The section.

    Raises:
        ValueError: If the file is no UTF-8 text, or its markers are not in order.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode('utf-8') if path.is_file() else ''
        write_text_atomic(path, replace_section(text, name, section))
    except UnicodeDecodeError:
        raise ValueError(f'{path} is no UTF-8 text.') from None
    except ValueError as error:
        raise ValueError(f'{path}: {error}') from None
