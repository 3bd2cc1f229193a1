# Copyright (c) AULLM-MM contributors.
from .au_relation_gnn import AURelationGNN, RelationConv

__all__ = ['AURelationGNN', 'RelationConv']
