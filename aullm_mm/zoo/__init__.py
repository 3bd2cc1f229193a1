# Copyright (c) AULLM-MM contributors.
"""Trained weights inside the package: ``load_from='aullm-mm://NAME'`` in any config.

Importing this module registers the scheme with MMEngine.
"""
from .adapt import adapt_weights
from .load import SCHEME, ZOO_KEY, load_from_zoo
from .select import edges_of, select_aus
from .store import list_models, model_card, read_weights, write_model

__all__ = [
    'SCHEME', 'ZOO_KEY', 'adapt_weights', 'edges_of', 'list_models', 'load_from_zoo',
    'model_card', 'read_weights', 'select_aus', 'write_model'
]
