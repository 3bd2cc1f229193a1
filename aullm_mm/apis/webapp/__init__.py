# Copyright (c) AULLM-MM contributors.
"""A page on this computer to drop a video on; ``tools/webapp.py`` serves it."""
from .serving import run_webapp
from .settings import WebSettings

__all__ = ['WebSettings', 'run_webapp']
