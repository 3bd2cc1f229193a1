# Copyright (c) AULLM-MM contributors.
"""A video is written whole or not at all."""
import numpy as np
import pytest

from aullm_mm.video import VideoWriter, open_video

FRAME = np.zeros((48, 64, 3), np.uint8)


def test_error_inside_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / 'clip.mp4'
    path.write_bytes(b'old')
    with pytest.raises(RuntimeError):
        with VideoWriter(path, 25, (48, 64)) as video:
            video.write(FRAME)
            raise RuntimeError
    assert path.read_bytes() == b'old' and list(tmp_path.iterdir()) == [path]


def test_video_without_frames_is_not_written(tmp_path):
    with pytest.raises(ValueError, match='no frame'):
        with VideoWriter(tmp_path / 'clip.mp4', 25, (48, 64)):
            pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('ending', ['.mp4', '.webm', '.avi'])
def test_odd_sizes_are_filled_up(tmp_path, ending):
    with VideoWriter(tmp_path / f'clip{ending}', 25, (47, 63)) as video:
        video.write(FRAME[:47, :63])
    assert open_video(tmp_path / f'clip{ending}').size == (48, 64)


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(ValueError, match='.mp4, .webm, .avi'):
        VideoWriter(tmp_path / 'clip.gif', 25, (48, 64))
    with pytest.raises(ValueError, match='fps'):
        VideoWriter(tmp_path / 'clip.mp4', 0, (48, 64))
    with pytest.raises(ValueError, match='pixels'):
        VideoWriter(tmp_path / 'clip.mp4', 25, (0, 64))
    with pytest.raises(ValueError, match='frame 0'):
        with VideoWriter(tmp_path / 'clip.mp4', 25, (48, 64)) as video:
            video.write(FRAME[:10])
    with pytest.raises(ValueError, match='with'):
        video.write(FRAME)
