# Copyright (c) AULLM-MM contributors.
from .au_relation_gnn import AURelationGNN
from .relation_conv import RelationConv

__all__ = ['AURelationGNN', 'RelationConv']
