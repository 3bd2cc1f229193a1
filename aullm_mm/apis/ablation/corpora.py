# Copyright (c) AULLM-MM contributors.
"""The corpora of a comparison: made where they are missing, called by their name."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from aullm_mm.datasets.synthetic import (
    CorpusParameters,
    describe_existing,
    make_corpus,
)
from aullm_mm.datasets.synthetic.parameters import README, README_START
from aullm_mm.utils.parallel import available_cores


def ensure_corpora(specs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Make the semi-synthetic corpora that are not there.

    A folder that the generator did not make is left alone and used as it is.

    Args:
        specs: Parameters of each, and ``out``, its folder.

    Returns:
        Folders that were made.

    Raises:
        ValueError: If a parameter is unknown or out of range, or the folder holds a
            semi-synthetic corpus of other parameters.
        FileNotFoundError: If a corpus lacks clips.
    """
    made = []
    for spec in specs:
        out, parameters = _parameters(spec)
        if Path(out).is_dir():
            describe_existing(out, parameters)
        else:
            make_corpus(out, parameters, jobs=available_cores(), progress=True)
            made.append(out)
    return made


def _parameters(spec: Mapping[str, Any]) -> tuple[str, CorpusParameters]:
    settings = dict(spec)
    out = settings.pop('out', None)
    if not out:
        raise ValueError(f'corpora: {dict(spec)} has no out, the folder to make.')
    try:
        return out, CorpusParameters(**settings)
    except TypeError as error:
        raise ValueError(f'corpora: {out}: {error}') from None


def semi_synthetic(roots: Iterable[str | Path]) -> list[str]:
    """Those of some corpus folders whose README says that they are semi-synthetic.

    Args:
        roots: Corpus folders.

    Examples:
        >>> semi_synthetic(['no such folder'])
        []
    """
    found = []
    for root in roots:
        readme = Path(root) / README
        if readme.is_file() and readme.read_text('utf-8', 'replace').startswith(
                README_START):
            found.append(str(root))
    return found
