# Copyright (c) AULLM-MM contributors.
from . import backbones, blending, graphs, heads, llm, losses, projectors  # noqa: F401
