# Copyright (c) AULLM-MM contributors.
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_hex
from matplotlib.quiver import Quiver
from skimage import data

from aullm_mm.visualization import draw_predictions, save_figure
from aullm_mm.visualization.motion import as_picture, difference_overlay
from aullm_mm.visualization.style import BLUE, GREY, VERMILLION


@pytest.fixture
def clip():
    face = data.astronaut()[20:220:2, 130:310:2]
    apex = face.copy()
    apex[60:70, 40:60] += 20
    return dict(
        title='sub01 / EP02',
        onset=face,
        apex=apex,
        aus=[1, 4, 7, 12, 14],
        scores=[0.9, 0.2, 0.7, 0.1, 0.6],
        labels=[1, 1, 0, 0, -1],
    )


def bars(figure):
    """The score bars (the first N patches are their background)."""
    patches = figure.axes[-1].patches
    return patches[len(patches) // 2 :]


def test_bars_show_score_truth_and_whether_the_model_is_right(clip):
    drawn = bars(draw_predictions([clip]))
    np.testing.assert_allclose([bar.get_width() for bar in drawn], clip['scores'])
    edges = [to_hex(bar.get_edgecolor()).upper() for bar in drawn]
    assert edges == [BLUE, VERMILLION, VERMILLION, BLUE, GREY]
    filled = [to_hex(bar.get_facecolor()) != '#ffffff' for bar in drawn]
    assert filled == [True, True, False, False, False]


def test_own_thresholds_move_the_line_and_the_judgement(clip):
    figure = draw_predictions([clip | dict(thresholds=[0.95, 0.1, 0.8, 0.5, 0.5])])
    edges = [to_hex(bar.get_edgecolor()).upper() for bar in bars(figure)]
    assert edges[:3] == [VERMILLION, BLUE, BLUE]


def test_names_are_the_facs_names(clip):
    texts = {text.get_text() for text in draw_predictions([clip]).axes[-1].texts}
    assert {'AU12', 'lip corner puller', 'AU4', 'brow lowerer', '0.90'} <= texts


def test_flow_is_drawn_only_where_given(clip):
    def arrows(figure):
        return [c for a in figure.axes for c in a.collections if isinstance(c, Quiver)]

    flow = np.zeros((25, 22, 2))
    flow[15:18, 10:15] = 1.5, -1
    assert not arrows(draw_predictions([clip]))
    (quiver,) = arrows(draw_predictions([clip | dict(flow=flow)]))
    # Only the moving part has arrows, in the coordinates of the frame.
    assert quiver.X.min() > 36 and quiver.X.max() < 62
    assert quiver.Y.min() > 56 and quiver.Y.max() < 74
    # Up is negative in flow and in images alike.
    assert (quiver.V < 0).all() and (quiver.U > 0).all()


def test_still_flow_and_equal_frames_are_drawn_blank(clip):
    still = clip | dict(apex=clip['onset'], flow=np.zeros((10, 10, 2)))
    figure = draw_predictions([still])
    shown = figure.axes[2].images[0].get_array()
    np.testing.assert_allclose(np.ptp(np.asarray(shown), axis=2), 0, atol=1e-9)


def test_difference_is_green_where_brighter_and_purple_where_darker():
    onset = np.full((40, 40, 3), 0.5)
    apex = onset.copy()
    apex[5:15, 5:15] += 0.05
    apex[25:35, 25:35] -= 0.05
    picture, factor = difference_overlay(onset, apex)
    red, green, blue = picture[10, 10]
    assert green > max(red, blue)
    red, green, blue = picture[30, 30]
    assert min(red, blue) > green
    assert np.ptp(picture[10, 30]) < 0.01  # nothing moved here
    np.testing.assert_allclose(factor, 20, rtol=0.05)


def test_grey_float_and_byte_images_give_the_same_picture():
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    expected = as_picture(np.repeat(grey[..., None], 3, axis=2))
    for image in (grey, grey[..., None], grey / 255.0):
        np.testing.assert_allclose(as_picture(image), expected)


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(scores=[0.5]), "'sub01 / EP02'.* 5 AUs, 1 scores and 5 labels"),
        (dict(apex=np.zeros((5, 5))), r'same size, got \(100, 90\) and \(5, 5\)'),
        (dict(onset=np.full((4, 4), 7.0)), r'lie in \[0, 1\], got 7 to 7'),
        (dict(onset=np.zeros((4, 4, 2))), r'\(4, 4, 2\)'),
        (dict(flow=np.zeros((4, 4))), r'flow to draw must be'),
    ],
)
def test_clip_that_cannot_be_drawn_is_named(clip, change, message):
    with pytest.raises(ValueError, match=message):
        draw_predictions([clip | change])


def test_missing_key_and_no_clip_are_named(clip):
    del clip['apex']
    with pytest.raises(ValueError, match="'sub01 / EP02' to draw lacks apex"):
        draw_predictions([clip])
    with pytest.raises(ValueError, match='at least one clip'):
        draw_predictions([])


@pytest.mark.parametrize('suffix', ['png', 'pdf', 'svg'])
def test_figure_is_saved_whole_without_global_state(clip, tmp_path, suffix):
    path = save_figure(draw_predictions([clip, clip]), tmp_path / 'new' / f'a.{suffix}')
    assert path.stat().st_size > 5000
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert pyplot.get_fignums() == []


def test_nothing_inside_the_figure_is_cut_off(clip):
    figure = draw_predictions([clip, clip])
    figure.canvas.draw()
    # A text of which a part lies outside darkens the outermost pixels.
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3]
    border = [pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]]
    assert all((edge == 255).all() for edge in border)


def test_unknown_format_is_refused_and_leaves_nothing(clip, tmp_path):
    with pytest.raises(ValueError, match="'a.doc': the suffix must be one of.*png"):
        save_figure(draw_predictions([clip]), tmp_path / 'a.doc')
    assert list(tmp_path.iterdir()) == []


def test_failed_save_keeps_the_old_file_and_no_temporary(clip, tmp_path, monkeypatch):
    path = tmp_path / 'a.png'
    path.write_bytes(b'old')
    figure = draw_predictions([clip])

    def full(content, **_):
        content.write(b'half')
        raise OSError('no space left')

    monkeypatch.setattr(figure, 'savefig', full)
    with pytest.raises(OSError, match='no space left'):
        save_figure(figure, path)
    assert path.read_bytes() == b'old'
    assert list(tmp_path.iterdir()) == [path]
