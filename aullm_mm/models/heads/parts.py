# Copyright (c) AULLM-MM contributors.
"""Build the parts of a head so that their widths fit."""
from __future__ import annotations

from typing import Sequence

from torch import nn

from aullm_mm.registry import MODELS


def build_projector(
    config: dict, in_channels: int | Sequence[int], token: dict
) -> nn.Module:
    """Build the evidence projector.

    Args:
        config: Its config.
        in_channels: Channels of the backbone's levels; ``FusionProjector`` has its own
            setting for them.
        token: ``llm_width``, and with an LLM ``token_rms``.
    """
    if config['type'] == 'FusionProjector':
        return MODELS.build({'llm_width': token['llm_width'], **config})
    return MODELS.build({'in_channels': in_channels, **token, **config})
