# Copyright (c) AULLM-MM contributors.
"""The domain: Action Units, their coding, relations and emotions. No torch, no OpenCV.

Everything else asks this package; no AU name or number is written elsewhere.
"""
from aullm_mm.facs.action_units import (ACTION_UNITS, REGIONS, ActionUnit,
                                        action_unit, au_label, check_au_list)
from aullm_mm.facs.coding import (UNKNOWN_AU, CodedAU, format_coded_aus,
                                  parse_coded_aus)
from aullm_mm.facs.emotions import (EMOTION_PROTOTYPES, EMOTION_SCHEMES, EMOTIONS,
                                    PROTOTYPE_SOURCE, canonical_emotion, emotion_class,
                                    emotion_classes)
from aullm_mm.facs.relations import (PRIORS, RELATION_TYPES, AURelation, Edge,
                                     cooccurrence_edges, load_relations,
                                     random_edges, relation_edges)

__all__ = [
    'ACTION_UNITS', 'AURelation', 'ActionUnit', 'CodedAU', 'EMOTIONS',
    'EMOTION_PROTOTYPES', 'EMOTION_SCHEMES', 'Edge', 'PRIORS', 'PROTOTYPE_SOURCE',
    'REGIONS',
    'RELATION_TYPES', 'UNKNOWN_AU', 'action_unit', 'au_label', 'canonical_emotion',
    'check_au_list', 'cooccurrence_edges', 'emotion_class', 'emotion_classes',
    'format_coded_aus', 'load_relations',
    'parse_coded_aus', 'random_edges', 'relation_edges',
]
