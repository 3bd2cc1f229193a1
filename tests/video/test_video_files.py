# Copyright (c) AULLM-MM contributors.
"""Video files: time, damage and memory."""
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from aullm_mm.video import VideoFile, VideoWriter, base, open_video
from aullm_mm.video.files import StampClock

sys.path.insert(0, str(Path(__file__).parent))
from mp4_boxes import set_durations, turn_right  # noqa: E402

SIZE = (48, 64)


def write_video(path: Path, frames: int = 40, fps: float = 25.0) -> Path:
    """Frame i has the gray value 5 i."""
    with VideoWriter(path, fps, SIZE) as video:
        for number in range(frames):
            video.write(np.full(SIZE, 5 * number, np.uint8))
    return path


def gray_numbers(frames) -> list[int]:
    # The colour conversion of the encoders takes 1 to 4 gray levels.
    return [round((float(frame.image.mean()) + 2) / 5) for frame in frames]


@pytest.mark.parametrize('ending', ['.mp4', '.avi', '.webm'])
def test_file_gives_every_frame_at_its_time_again_and_again(tmp_path, ending):
    video = VideoFile(write_video(tmp_path / f'clip{ending}'))
    assert (video.kind, video.name, video.size) == ('file', f'clip{ending}', SIZE)
    assert video.expected_frames == 40 and video.fps == pytest.approx(25)
    for _ in range(2):
        frames = list(video)
        assert gray_numbers(frames) == list(range(40))
        assert [frame.index for frame in frames] == list(range(40))
        seconds = [frame.seconds for frame in frames]
        assert seconds == pytest.approx(np.arange(40) / 25, abs=1e-3)
        assert video.truncated is None


def test_uneven_frames_keep_their_own_times(tmp_path):
    path = write_video(tmp_path / 'even.mp4', frames=30)
    tick = 1 / 12800  # the clock that the writer gives 25 frames a second
    ticks = [256 + 512 * (number % 2) for number in range(30)]  # 20 and 60 ms
    path.write_bytes(set_durations(path.read_bytes(), ticks))
    video = VideoFile(path)
    frames = list(video)
    expected = np.concatenate([[0], np.cumsum(ticks)[:-1]]) * tick
    assert video.timing == 'time stamps' and len(frames) == 30
    assert [frame.seconds for frame in frames] == pytest.approx(expected, abs=2e-3)


def test_given_rate_replaces_the_stamps_of_slow_motion(tmp_path):
    video = VideoFile(write_video(tmp_path / 'slow.mp4'), fps=200)
    assert video.timing == 'frame rate' and video.fps == 200
    assert [frame.seconds for frame in video][-1] == pytest.approx(39 / 200)
    assert video.truncated is None


def test_reading_resumes_with_the_same_frames_and_times(tmp_path):
    video = VideoFile(write_video(tmp_path / 'clip.mp4'))
    whole, rest = list(video)[17:], list(video.iter_from(17))
    assert [frame[:2] for frame in rest] == [frame[:2] for frame in whole]
    assert all((a.image == b.image).all() for a, b in zip(whole, rest))
    assert list(video.iter_from(40)) == [] and video.truncated is None
    with pytest.raises(ValueError, match='-1'):
        video.iter_from(-1)


def test_turned_video_is_turned(tmp_path):
    path = write_video(tmp_path / 'turned.mp4')
    path.write_bytes(turn_right(path.read_bytes()))
    video = VideoFile(path)
    assert video.size == SIZE[::-1]
    assert next(iter(video)).image.shape == (64, 48, 3)


def test_cut_file_gives_the_frames_before_and_says_so(tmp_path, capfd):
    path = write_video(tmp_path / 'cut.avi')
    path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])
    video = VideoFile(path)
    assert video.truncated is None
    frames = list(video)
    assert 5 < len(frames) < 35
    assert video.truncated.startswith(f'cut.avi ends after {len(frames)} of 40 frames')
    assert capfd.readouterr().err == ''


def test_what_is_no_video_is_said_in_one_line(tmp_path, capfd):
    whole = write_video(tmp_path / 'whole.mp4').read_bytes()
    for name, content, message in (
            ('text.mp4', b'not a video' * 99, 'not a video'),
            ('empty.mp4', b'', 'empty'),
            ('headless.mp4', whole[:len(whole) // 2], 'its end is missing')):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(ValueError, match=message) as caught:
            open_video(path)
        assert name in str(caught.value) and '\n' not in str(caught.value)
    assert capfd.readouterr().err == ''
    with pytest.raises(FileNotFoundError, match='nowhere.mp4'):
        open_video(tmp_path / 'nowhere.mp4')


def test_video_without_a_frame_is_refused(tmp_path):
    path = tmp_path / 'none.avi'
    cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 25, (64, 48)).release()
    with pytest.raises(ValueError, match='none.avi'):
        open_video(path)


def test_absurd_size_is_refused_before_decoding(tmp_path, monkeypatch):
    path = write_video(tmp_path / 'clip.mp4')
    monkeypatch.setattr(base, 'MAX_PIXELS', 3000)
    with pytest.raises(ValueError, match='64x48 pixels'):
        open_video(path)


@pytest.mark.parametrize('fps', [0, -5, float('nan'), float('inf')])
def test_rate_that_is_none_is_refused(tmp_path, fps):
    with pytest.raises(ValueError, match='fps'):
        open_video(np.zeros((3, 4, 5), np.uint8), fps=fps)


def test_clock_counts_frames_where_stamps_stand_still():
    clock = StampClock(50.0)
    seconds = [clock(0.0) for _ in range(4)]
    assert seconds == pytest.approx([0, 0.02, 0.04, 0.06]) and clock.repaired == 3


def test_memory_does_not_grow_with_length(tmp_path):
    path = tmp_path / 'long.mp4'
    with VideoWriter(path, 30, (120, 160)) as video:
        for number in range(3000):
            video.write(np.full((120, 160), number % 250, np.uint8))
    code = '''
import sys, psutil
from aullm_mm.video import open_video
used, me = {}, psutil.Process()
for frame in open_video(sys.argv[1]):
    if frame.index in (200, 2999):
        used[frame.index] = me.memory_info().rss
print((used[2999] - used[200]) / 2 ** 20)
'''
    done = subprocess.run([sys.executable, '-c', code, str(path)], text=True,
                          capture_output=True, check=True)
    # 2800 frames of 56 KiB would be 154 MiB.
    assert float(done.stdout) < 20
