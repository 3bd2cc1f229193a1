# Copyright (c) AULLM-MM contributors.
"""What a training or a cross-validation left, as one page to look at."""
from .read import Run, read_run
from .view import report_view

__all__ = ['Run', 'read_run', 'report_view']
