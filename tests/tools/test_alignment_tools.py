# Copyright (c) AULLM-MM contributors.
"""The figures of docs/faces.md come from tools that measure what they say."""
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from aullm_mm.datasets.synthetic.moving_head import film_sway
from aullm_mm.datasets.synthetic.subjects import make_subject
from aullm_mm.video import VideoWriter

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'tools' / 'analysis'))
import compare_alignments  # noqa: E402
import measure_alignment  # noqa: E402


@pytest.fixture(scope='module')
def clip():
    """A second of a person whose head sways."""
    return film_sway(make_subject(7, 1), 20, 1.0, 7)


def test_alignment_is_measured_between_none_and_exact():
    args = Namespace(people=1, seconds=1.0, seed=7, spread=0.06, passes=2)
    rows = measure_alignment.measure(20, args)
    medians = [rows[name][0] for name in ('exact', 'smoothed', 'none')]
    assert medians == sorted(medians) and medians[2] > 5 * medians[1]
    assert rows['exact'][2] == pytest.approx(1) and 0.6 < rows['smoothed'][2] < 1.3


def test_exact_poses_leave_nothing_and_wrong_ones_do(clip):
    assert np.allclose(compare_alignments.left_over(clip, clip.exact), 0, atol=1e-6)
    median, most = compare_alignments.left_over(
        clip, [clip.exact[0]] * len(clip.frames))
    assert most > median > 1


def test_way_that_shifts_by_one_pixel_is_told_in_pixels(clip):
    lag = round(compare_alignments.LAG * 20)
    # Each pose is off by a pixel of the crop more than the one a lag before.
    poses = [pose._replace(center=tuple(pose.to_picture(np.array(
        [number / lag / compare_alignments.PIXELS, 0.0]))))
        for number, pose in enumerate(clip.exact)]
    assert compare_alignments.left_over(clip, poses) == pytest.approx((1, 1), abs=1e-6)


def test_sets_of_points_are_what_they_are_called():
    sets = compare_alignments.POINTS
    assert set(sets['eye corners']) < set(sets['around the eyes, bridge'])
    assert 168 in sets['around the eyes, bridge'] and 127 in compare_alignments.SIDES
    assert all(len(set(points)) == len(points) for points in sets.values())


def test_real_videos_are_measured_without_a_truth(tmp_path, clip, capsys):
    path = tmp_path / 'sway.mp4'
    with VideoWriter(path, 20, (480, 640)) as video:
        for frame in clip.frames:
            video.write(frame)
    measure_alignment.measure_video(
        Namespace(video=path, frames=99, passes=2, spread=0.06))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == 'sway.mp4: a face in 20 of 20 frames'
    none, raw, smooth = ([float(cell) for cell in line.split('|')[3:5]]
                         for line in lines[3:])
    assert none[0] > 4 * smooth[0] and raw[0] < 1
