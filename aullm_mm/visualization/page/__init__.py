# Copyright (c) AULLM-MM contributors.
"""Pages to look at: one HTML file each, which asks for nothing from anywhere."""
from .inference import render_page, write_page
from .run import render_run_page, write_run_page

__all__ = ['render_page', 'render_run_page', 'write_page', 'write_run_page']
