# Copyright (c) AULLM-MM contributors.
"""The picture of a trace shows each present AU, its heat and its regions."""
import numpy as np
import pytest

from aullm_mm.explain.heat import trace_heats
from aullm_mm.faces.canonical import CANONICAL_BOUNDS
from aullm_mm.visualization import save_figure
from aullm_mm.visualization.trace_picture import draw_trace


def region(name, side, score, **more):
    return dict(region=name, side=side, before=0.9, score=score, drop=0.9 - score,
                logit_change=-2.0, flips=score < 0.5, measured='full', **more)


def made_trace(count=2):
    aus = [dict(au=au, name=name, score=0.9, threshold=0.5, present=index < count,
                regions=[region('mouth', 'left', 0.125),
                         region('mouth', 'both', 0.061) | dict(measured='nodes'),
                         region('chin', None, 0.75)])
           for index, (au, name) in enumerate([
               (12, 'lip corner puller'), (15, 'lip corner depressor'),
               (1, 'inner brow raiser'), (2, 'outer brow raiser'),
               (4, 'brow lowerer')])]
    drops = {str(entry['au']): [0.0] * 7 + [2.0, 0.5, 0.1] for entry in aus}
    return dict(aus=aus, heat=dict(logit_drop=drops))


def test_each_present_au_has_a_panel_with_its_regions():
    trace = made_trace()
    figure = draw_trace(trace, trace_heats(trace))
    assert [axes.get_title() for axes in figure.axes] == [
        'AU12 lip corner puller  0.9', 'AU15 lip corner depressor  0.9']
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ['without left mouth: 0.125', 'without mouth, both sides: 0.061*',
                     'without chin: 0.75']
    colours = [text.get_color() for text in figure.axes[0].texts]
    assert colours[0] == colours[1] != colours[2]  # where the AU is gone


def test_heat_lies_on_the_persons_side_and_leaves_the_rest_clear():
    trace = made_trace(1)
    picture = np.full((52, 48), 99, np.uint8)
    axes = draw_trace(trace, trace_heats(trace), picture).axes[0]
    face, heat = axes.images
    x0, x1, y0, y1 = CANONICAL_BOUNDS
    assert list(heat.get_extent()) == list(face.get_extent()) == [x0, x1, y1, y0]
    alpha = heat.get_array()[..., 3]
    row, column = np.unravel_index(alpha.argmax(), alpha.shape)
    assert row > 0.6 * len(alpha) and column > 0.5 * alpha.shape[1]
    assert alpha[: len(alpha) // 4].max() < 0.05 and alpha.max() > 0.7


def test_five_aus_take_two_rows_and_none_takes_a_line(tmp_path):
    trace = made_trace(5)
    figure = draw_trace(trace, trace_heats(trace))
    assert len(figure.axes) == 5
    tops = {round(axes.get_position().y1, 3) for axes in figure.axes}
    assert len(tops) == 2
    assert save_figure(figure, tmp_path / 'trace.png', 60).stat().st_size > 10_000
    empty = draw_trace(made_trace(0), {})
    assert not empty.axes and 'No AU' in empty.texts[0].get_text()


def test_a_missing_map_is_named():
    with pytest.raises(ValueError, match='AU 12, 15'):
        draw_trace(made_trace(), {})
