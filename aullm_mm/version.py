# Copyright (c) AULLM-MM contributors.
"""The version of the package, kept apart so that ``setup.py`` can read it."""

__version__ = '0.1.0'
