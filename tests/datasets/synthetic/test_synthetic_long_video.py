# Copyright (c) AULLM-MM contributors.
"""Long semi-synthetic videos: known events, at any frame rate, the same by seed."""
import json

import cv2
import numpy as np
import pytest

from aullm_mm.datasets.synthetic.long_timeline import (DURATIONS, NEUTRAL,
                                                       LongVideoParameters, draw_events,
                                                       event_course)
from aullm_mm.datasets.synthetic.long_video import plan_long_video, write_long_video
from aullm_mm.video import open_video

SHORT = dict(seed=4, seconds=6.0, micro_rate=20.0, macro_rate=0.0, size=200)


def test_events_are_as_many_and_as_long_as_asked_with_neutral_between():
    parameters = LongVideoParameters(seconds=60.0)
    events = draw_events(np.random.default_rng(1), parameters)
    kinds = [event.kind for event in events]
    assert kinds.count('micro') == 12 and kinds.count('macro') == 4
    for event in events:
        low, high = DURATIONS[event.kind]
        assert low <= event.offset - event.onset <= high
        assert event.onset < event.apex < event.offset and event.movements
    gaps = [b.onset - a.offset for a, b in zip(events, events[1:])]
    assert min(gaps) >= NEUTRAL and events[-1].offset < 60.0


def test_course_is_zero_outside_and_one_at_the_apex():
    rng, seconds = np.random.default_rng(0), np.arange(6000) / 200.0
    for event in draw_events(rng, LongVideoParameters()):
        course = event_course(rng, event, seconds)
        assert course[seconds < event.onset].max() == 0.0
        assert course.max() > 0.98 and course.min() >= 0.0
        assert course[seconds > event.offset + 1.0].max(initial=0.0) < 0.02
        peak = seconds[course.argmax()]
        assert abs(peak - event.apex) <= event.hold / 2 + 0.15 * (
            event.offset - event.onset)


def test_events_do_not_depend_on_the_frame_rate():
    slow, fast = (plan_long_video(LongVideoParameters(**SHORT, fps=fps))
                  for fps in (25.0, 50.0))
    assert [m['onset']['seconds'] for m in slow.truth['movements']] == [
        m['onset']['seconds'] for m in fast.truth['movements']]
    assert np.allclose(slow.motion.courses, fast.motion.courses[:, ::2], atol=1e-6)
    assert np.allclose(slow.nuisances.drift, fast.nuisances.drift[::2], atol=1e-6)
    assert np.allclose(slow.nuisances.blink, fast.nuisances.blink[::2], atol=1e-6)


def test_same_seed_same_frames_other_seed_other_person():
    first, again = (next(plan_long_video(LongVideoParameters(**SHORT)).frames())
                    for _ in range(2))
    assert (first == again).all()
    other = plan_long_video(LongVideoParameters(**{**SHORT, 'seed': 5}))
    assert np.abs(next(other.frames()).astype(int) - first).mean() > 5


@pytest.mark.parametrize('kind', ['mp4', 'avi', 'png'])
def test_video_and_truth_are_written(tmp_path, kind):
    parameters = LongVideoParameters(**{**SHORT, 'seconds': 3.0}, fps=20.0)
    path = write_long_video(tmp_path / kind, parameters, kind)
    if kind == 'png':
        frames = [cv2.imread(str(name)) for name in sorted(path.iterdir())]
    else:
        frames = [frame.image for frame in open_video(path)]
    made = list(plan_long_video(parameters).frames())
    assert len(frames) == len(made) == 60
    assert min(cv2.PSNR(a, b) for a, b in zip(frames, made)) > 30.0
    truth = json.loads((tmp_path / kind / 'truth.json').read_text())
    assert truth['frames'] == 60 and truth['semi_synthetic'] is True
    assert [m['kind'] for m in truth['movements']] == ['micro']
    with pytest.raises(FileExistsError):
        write_long_video(tmp_path / kind, parameters, kind)


def test_what_cannot_be_made_is_refused(tmp_path):
    with pytest.raises(ValueError, match='do not fit'):
        plan_long_video(LongVideoParameters(seconds=10.0, micro_rate=60.0))
    with pytest.raises(ValueError, match='fps must be at least'):
        LongVideoParameters(fps=0.0)
    with pytest.raises(ValueError, match='kind must be one of mp4'):
        write_long_video(tmp_path / 'v', LongVideoParameters(), 'gif')
