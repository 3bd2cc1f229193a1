# Copyright (c) AULLM-MM contributors.
"""What a result should say of how it was made, besides its config."""
from __future__ import annotations

import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

from aullm_mm.utils.parallel import available_cores

ROOT = Path(__file__).resolve().parents[3]


def count_trained(model: nn.Module) -> int:
    """Number of parameters that are trained.

    Args:
        model: Any model.

    Examples:
        >>> count_trained(nn.Linear(2, 3))
        9
    """
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def describe_making() -> dict[str, Any]:
    """Threads, cores and version of the code, nothing that names the machine.

    Examples:
        >>> sorted(describe_making())
        ['commit', 'cores', 'threads']
    """
    return dict(commit=code_version(), cores=available_cores(),
                threads=torch.get_num_threads())


@lru_cache(maxsize=1)
def code_version() -> str | None:
    """Commit of this package as it was first asked for; None outside of a checkout.

    ``+`` behind it says that files of the package or its configs differ from it.
    """
    if not (ROOT / '.git').exists():  # installed, perhaps inside of another checkout
        return None
    commit = _git('rev-parse', '--short=7', 'HEAD')
    if not commit:
        return None
    changed = _git('status', '--porcelain', '--', 'aullm_mm', 'configs')
    return commit + ('+' if changed else '')


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ['git', '-C', str(ROOT), *arguments], capture_output=True, text=True,
            timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
