# Copyright (c) AULLM-MM contributors.
"""Tables and figures of action units."""

from .au_graph import draw_au_graph
from .au_visualizer import AUVisualizer
from .clip_scores import draw_clip_scores
from .clip_sheet import draw_clip_sheet
from .curves import draw_training_curves
from .flow_colours import flow_picture
from .heat import heat_png, lay_heat
from .pictures import draw_predictions
from .report import ScoreRow, format_score_table, render_table
from .style import save_figure
from .timeline import draw_timeline

__all__ = [
    'AUVisualizer',
    'ScoreRow',
    'draw_au_graph',
    'draw_clip_scores',
    'draw_clip_sheet',
    'draw_predictions',
    'draw_timeline',
    'draw_training_curves',
    'flow_picture',
    'format_score_table',
    'heat_png',
    'lay_heat',
    'render_table',
    'save_figure',
]
