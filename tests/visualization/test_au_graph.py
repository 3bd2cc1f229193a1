# Copyright (c) AULLM-MM contributors.
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Ellipse, FancyArrowPatch

from aullm_mm.facs import ACTION_UNITS, relation_edges
from aullm_mm.visualization import draw_au_graph
from aullm_mm.visualization.face_outline import place_aus
from aullm_mm.visualization.style import BLUE, VERMILLION

AUS = [1, 2, 4, 12, 15]
EDGES = [(0, 1, 'synergy'), (0, 2, 'contradicted'), (3, 4, 'antagonism')]


def lines(figure):
    patches = figure.axes[0].patches
    return [patch for patch in patches if isinstance(patch, FancyArrowPatch)]


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_colour_is_the_sign_width_the_size_and_style_the_prior():
    first, second, third = lines(draw_au_graph(AUS, EDGES, [0.5, -1.0, -0.1]))
    colours = [to_hex(line.get_edgecolor()) for line in (first, second, third)]
    assert [c.upper() for c in colours] == [BLUE, VERMILLION, VERMILLION]
    widths = [line.get_linewidth() for line in (first, second, third)]
    assert widths[1] > widths[0] > widths[2]
    assert first.get_linestyle() == '-' and third.get_linestyle() != '-'


def test_edges_of_the_facs_package_are_accepted_as_they_are():
    edges = relation_edges(AUS, 'both')
    figure = draw_au_graph(AUS, edges, np.ones(len(edges)))
    assert len(lines(figure)) == len(edges) > 3


def test_legend_explains_only_the_relations_drawn():
    names = legend(draw_au_graph(AUS, EDGES, [0.5, -2.0, -0.1]))
    assert {'prior: synergy', 'prior: antagonism', 'prior: contradicted'} <= set(names)
    assert 'prior: unsigned' not in names
    assert 'strength 2.00' in names
    assert not any('AU score' in name for name in names)


def test_probabilities_shade_the_nodes():
    figure = draw_au_graph(AUS, EDGES, [1, 1, 1], [0.0, 0.2, 0.4, 0.6, 1.0])
    nodes = [p for p in figure.axes[0].patches if isinstance(p, Ellipse)][-len(AUS) :]
    darkness = [-sum(node.get_facecolor()[:3]) for node in nodes]
    assert darkness == sorted(darkness) and len(set(darkness)) == len(AUS)
    assert 'AU score 1' in legend(figure)


def test_aus_lie_where_they_act():
    places = dict(zip(AUS, place_aus(AUS, gap=0.3)))
    assert places[1][1] > 0.3 and places[4][1] > 0.3
    assert places[12][1] < -0.2
    assert abs(places[1][0]) < abs(places[2][0])  # inner, outer brow
    assert places[12][1] > places[15][1]  # corner up, corner down


def test_all_aus_of_facs_fit_on_the_face_without_overlap_of_many():
    aus = [1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 18, 20, 24, 25, 26]
    places = place_aus(aus, gap=0.2)
    distance = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert distance.min() > 0.15
    assert np.abs(places).max() < 1.1
    assert np.isfinite(place_aus(list(ACTION_UNITS), gap=0.2)).all()


def test_graph_without_edges_is_drawn():
    figure = draw_au_graph(AUS, [], [])
    figure.canvas.draw()
    assert not lines(figure)


@pytest.mark.parametrize(
    'edges, strengths, probabilities, message',
    [
        (EDGES, [1.0], None, '3 edges need as many finite strengths'),
        (EDGES, [1.0, np.nan, 0], None, 'finite'),
        ([(0, 5, 'synergy')], [1.0], None, r'edge \(0, 5\) must join two of the 5'),
        ([(1, 1, 'synergy')], [1.0], None, r'edge \(1, 1\)'),
        ([(0, 1, 'love')], [1.0], None, "type 'love'; known are synergy"),
        ([(0, 1, 9)], [1.0], None, 'type 9'),
        ([], [], [0.5], '5 AUs need as many probabilities'),
    ],
)
def test_graph_that_does_not_fit_is_named(edges, strengths, probabilities, message):
    with pytest.raises(ValueError, match=message):
        draw_au_graph(AUS, edges, strengths, probabilities)
