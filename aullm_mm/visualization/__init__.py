# Copyright (c) AULLM-MM contributors.
"""Tables and figures of action units."""

from .au_graph import draw_au_graph
from .au_visualizer import AUVisualizer
from .curves import draw_training_curves
from .pictures import draw_predictions
from .report import ScoreRow, format_score_table, render_table
from .style import save_figure

__all__ = [
    'AUVisualizer',
    'ScoreRow',
    'draw_au_graph',
    'draw_predictions',
    'draw_training_curves',
    'format_score_table',
    'render_table',
    'save_figure',
]
