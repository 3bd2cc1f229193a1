# Copyright (c) AULLM-MM contributors.
from . import backbones, graphs, heads, llm, losses, projectors  # noqa: F401
