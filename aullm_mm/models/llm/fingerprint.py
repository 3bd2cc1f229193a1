# Copyright (c) AULLM-MM contributors.
"""A short hash by which a checkpoint knows the LLM it was trained on."""
from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, BinaryIO, Iterator

# Written anew by every save_pretrained; they say nothing about the LLM.
_VOLATILE = ('_name_or_path', 'dtype', 'torch_dtype', 'transformers_version')
_SAMPLE = 1024  # bytes read at each sampled place
_PLACES = 256  # places sampled in a file that is not safetensors
WEIGHT_PATTERNS = ('*.safetensors', 'pytorch_model*.bin')


def llm_fingerprint(folder: str | Path) -> str:
    """Hash the configuration and the weights of an LLM folder, quickly.

    Hashed are ``config.json`` (without the keys that every save rewrites), and of
    each tensor its name, dtype, shape and two samples of 1024 bytes, at its start
    and in its middle. So a tensor that was trained, quantised, merged or exchanged
    changes the fingerprint; a single number changed by hand may not. Weights in
    ``.bin`` files are sampled at 256 places. Folders of any size take well under a
    second. The tokenizer is left out: its file changes with the library's version.

    Args:
        folder: Folder with ``config.json`` and weights, see
            :func:`~aullm_mm.models.llm.packaged.resolve_llm`.

    Returns:
        12 hexadecimal digits.

    Raises:
        FileNotFoundError: ``config.json`` or the weights are missing.
    """
    folder = Path(folder)
    config = folder / 'config.json'
    weights = weight_files(folder)
    if not config.is_file() or not weights:
        raise FileNotFoundError(
            f'{folder}: no config.json or no weights '
            f'({" or ".join(WEIGHT_PATTERNS)}) to take the fingerprint of')
    digest = hashlib.sha256(_stable_config(config))
    for path in weights:
        for piece in _pieces(path):
            digest.update(piece)
    return digest.hexdigest()[:12]


def weight_files(folder: Path) -> list[Path]:
    """The weight files of an LLM folder, safetensors before ``.bin``.

    Args:
        folder: Folder of a Hugging Face model.
    """
    for pattern in WEIGHT_PATTERNS:
        found = sorted(folder.glob(pattern))
        if found:
            return found
    return []


def _stable_config(path: Path) -> bytes:
    config = json.loads(path.read_text(encoding='utf-8'))
    kept = {key: value for key, value in config.items() if key not in _VOLATILE}
    return json.dumps(kept, sort_keys=True).encode()


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open('rb') as file:
        if path.suffix == '.safetensors':
            yield from _tensor_pieces(file)
        else:
            yield from _even_pieces(file, path.stat().st_size)


def _tensor_pieces(file: BinaryIO) -> Iterator[bytes]:
    length = int.from_bytes(file.read(8), 'little')
    header: dict[str, Any] = json.loads(file.read(length))
    header.pop('__metadata__', None)
    for name, entry in sorted(header.items()):
        begin, end = entry['data_offsets']
        yield f'{name} {entry["dtype"]} {entry["shape"]}'.encode()
        for start in (begin, (begin + end) // 2):
            file.seek(8 + length + start)
            yield file.read(min(_SAMPLE, end - start))


def _even_pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    yield str(size).encode()
    for place in range(_PLACES):
        file.seek(size * place // _PLACES)
        yield file.read(_SAMPLE)
