# Copyright (c) AULLM-MM contributors.
"""What is drawn on the frames of a video."""
import numpy as np

from aullm_mm.apis.inferencer.annotating import FACE, MOVING, Annotator
from aullm_mm.video import Frame


def moment(frame):
    return dict(frame=frame, seconds=frame / 25)


def movement(**changes):
    names = {1: 'inner brow raiser', 2: 'outer brow raiser', 4: 'brow lowerer'}
    units = [dict(au=au, name=name, score=0.9, present=au != 4)
             for au, name in names.items()]
    return dict(dict(track=0, onset=moment(10), apex=moment(15), offset=moment(20),
                     aus=units), **changes)


def draw(index, movements, size=480):
    face = dict(frames=np.arange(100), boxes=np.tile([100, 60, 300, 260], (100, 1)))
    picture = np.full((size, 640, 3), 90, np.uint8)
    return Annotator(dict(movements=movements), [face])(
        Frame(index, index / 25, picture))


def text_rows(picture):
    """Runs of rows with white letters on black."""
    rows = (picture.min(axis=2) > 200).any(axis=1)
    return int((np.diff(rows.astype(int)) == 1).sum())


def test_box_says_whether_the_face_moves():
    still, moving = (draw(index, [movement()])[60, 200] for index in (5, 15))
    assert tuple(still) == FACE and tuple(moving) == MOVING


def test_each_present_unit_has_a_line_of_its_own():
    assert text_rows(draw(15, [movement()])) == 2
    assert text_rows(draw(5, [movement()])) == 0


def test_short_movement_stays_for_a_second():
    assert text_rows(draw(30, [movement()])) == 2
    assert text_rows(draw(40, [movement()])) == 0


def test_movement_of_another_face_is_not_drawn_here():
    assert text_rows(draw(15, [movement(track=1)])) == 0


def test_frame_itself_is_left_alone():
    picture = np.zeros((480, 640, 3), np.uint8)
    face = dict(frames=np.array([0]), boxes=np.array([[10, 10, 90, 90]]))
    Annotator(dict(movements=[]), [face])(Frame(0, 0.0, picture))
    assert not picture.any()
