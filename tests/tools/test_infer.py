# Copyright (c) AULLM-MM contributors.
"""tools/infer.py as a person runs it, with good and with bad inputs."""
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from aullm_mm.apis.inferencer import AUInferencer, WatchOptions, watching
from aullm_mm.apis.inferencer.many import file_names, infer_many, writable_folder
from aullm_mm.apis.inferencer.movements import face_series
from aullm_mm.apis.inferencer.segments import SegmentStore
from aullm_mm.apis.inferencer.writing import to_csv
from aullm_mm.spotting.measure import measure_face
from aullm_mm.video import VideoWriter, open_video

ROOT = Path(__file__).parents[2]


def infer(*arguments, cwd: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, str(ROOT / 'tools/infer.py'), *map(str, arguments)], cwd=cwd,
        env={**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'},
        capture_output=True, text=True, timeout=300)


@pytest.fixture(scope='module')
def clip_file(synthetic_corpus, tmp_path_factory) -> Path:
    """A semi-synthetic clip as a video of 200 frames a second."""
    folder = sorted(path.parent for path in synthetic_corpus.glob('Cropped/*/*/*.jpg'))
    pictures = [cv2.imread(str(p)) for p in sorted(folder[0].glob('*.jpg'))[:50]]
    path = tmp_path_factory.mktemp('clips') / 'clip.avi'
    with VideoWriter(path, 200, pictures[0].shape[:2]) as video:
        for picture in pictures:
            video.write(picture)
    return path


def test_one_good_and_four_bad_inputs(clip_file, tmp_path):
    (tmp_path / 'text.mp4').write_text('no video at all')
    (tmp_path / 'empty.mp4').write_bytes(b'')
    noise = np.random.default_rng(0).integers(0, 255, (4, 60, 80, 3), np.uint8)
    (tmp_path / 'walls').mkdir()
    for i, picture in enumerate(noise):
        cv2.imwrite(str(tmp_path / 'walls' / f'img{i}.png'), picture)
    done = infer('text.mp4', 'empty.mp4', 'walls', 'missing.mp4', clip_file, '--no-llm',
                 '--format', 'json', 'csv', 'html', 'video', cwd=tmp_path)
    assert done.returncode == 2 and 'Traceback' not in done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith('error: ')]
    assert len(errors) == 4
    assert all(name in error for name, error in zip(
        ('text.mp4', 'empty.mp4', 'walls: no face', 'missing.mp4'), errors))
    out = tmp_path / 'inference'
    assert sorted(p.name for p in out.iterdir()) == [
        'clip.csv', 'clip.html', 'clip.json', 'clip_annotated.mp4']
    result = json.loads((out / 'clip.json').read_text())
    assert result['source']['frames'] == 50 and result['movements'][0]['trace']['text']
    assert open_video(out / 'clip_annotated.mp4').expected_frames == 50
    assert 'clip.avi: 0.2 s, 50 frames at 200 a second, 1 movements' in done.stdout


@pytest.mark.parametrize('arguments, message', [
    (('a.mp4', '--threshold', 'twelve'), 'write it as 12=0.6'),
    (('a.mp4', '--weights', 'no.pth'), 'no.pth: no such checkpoint')])
def test_bad_arguments_end_in_one_line(arguments, message, tmp_path):
    done = infer(*arguments, cwd=tmp_path)
    assert done.returncode == 2 and message in done.stderr
    assert 'Traceback' not in done.stderr


def test_damaged_weights_are_not_a_result(clip_file, tmp_path):
    (tmp_path / 'bad.pth').write_bytes(b'PK\x03\x04 nonsense')
    done = infer(clip_file, '--weights', 'bad.pth', cwd=tmp_path)
    assert done.returncode == 2 and 'bad.pth: damaged' in done.stderr
    assert not (tmp_path / 'inference').exists()


def test_truncated_video_gives_what_is_there(clip_file, tmp_path):
    content = clip_file.read_bytes()
    (tmp_path / 'cut.avi').write_bytes(content[:len(content) // 2])
    inferencer = AUInferencer(device='cpu', llm=False)
    result, = inferencer(str(tmp_path / 'cut.avi'), trace=False, spot='never')
    assert 5 < result['source']['frames'] < 50 and result['source']['truncated']
    assert any('cut short' in note for note in result['warnings'])


@pytest.mark.skipif(os.geteuid() == 0, reason='root may write everywhere')
def test_folder_without_permission_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match='cannot be written to'):
        writable_folder(tmp_path / 'out')


def test_file_in_place_of_the_output_folder_is_named(tmp_path):
    (tmp_path / 'out').write_text('')
    with pytest.raises(OSError, match='out cannot be written to'):
        writable_folder(tmp_path / 'out')


def test_equal_names_do_not_overwrite_each_other():
    assert file_names(['a/x.mp4', 'b/x.avi', 'x_2.mp4', '../..']) == [
        'x', 'x_2', 'x_2_2', 'input']


def test_text_that_a_spreadsheet_would_run_is_made_harmless():
    moment = dict(frame=1, seconds=0.1)
    unit = dict(au=12, name='lip corner puller', side=None, score=0.9, threshold=0.5,
                present=True)
    row, = csv.DictReader(to_csv(dict(
        source=dict(name='=cmd|calc'), movements=[dict(
            id=0, track=0, kind='micro', onset=moment, apex=moment, offset=moment,
            aus=[unit])])).splitlines())
    assert row['source'] == "'=cmd|calc" and row['au'] == 'AU12'


def test_segments_join_to_the_same_as_one(clip_file, monkeypatch):
    video = open_video(clip_file)
    whole = watching.watch(video)
    monkeypatch.setattr(watching, 'SEGMENT_SECONDS', 0.1)
    monkeypatch.setattr(watching, 'OVERLAP_SECONDS', 0.05)
    joined = watching.watch(video)
    assert len(joined.faces) == len(whole.faces) == 1
    assert joined.seconds.tolist() == whole.seconds.tolist()
    for name in ('frames', 'seconds'):
        assert joined.faces[0][name].tolist() == whole.faces[0][name].tolist()
    away = np.abs(joined.faces[0]['boxes'] - whole.faces[0]['boxes'])
    assert away.max() < 3  # pixels: another tracker saw the same face


def test_motion_is_measured_as_it_was_when_spotting_was_judged(clip_file):
    video = open_video(clip_file)
    watched = watching.watch(video)
    series = face_series(watched, watched.faces[0])
    judged = measure_face(video)
    np.testing.assert_array_equal(series.motion, judged.motion)
    np.testing.assert_array_equal(series.eyes, judged.eyes)


def test_run_that_was_cut_off_goes_on(clip_file, monkeypatch, tmp_path):
    monkeypatch.setattr(watching, 'SEGMENT_SECONDS', 0.1)
    monkeypatch.setattr(watching, 'OVERLAP_SECONDS', 0.05)
    video, store = open_video(clip_file), SegmentStore(tmp_path / 'kept', dict(a=1))
    undisturbed = watching.watch(video)

    def stop(what, done, total):
        if done > 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watching.watch(video, store=store, progress=stop)
    assert len(store.load()) == 1
    (tmp_path / 'kept' / 'segment_00001.npz').write_bytes(b'half')  # cut off in writing
    resumed = watching.watch(video, store=store)
    assert resumed.reused == 1
    for name, values in undisturbed.faces[0].items():
        np.testing.assert_array_equal(resumed.faces[0][name], values)
    assert SegmentStore(tmp_path / 'kept', dict(a=2)).load() == []


def test_nothing_is_left_behind_in_the_output_folder(clip_file, tmp_path):
    inferencer = AUInferencer(device='cpu', llm=False)
    outcome, = infer_many(inferencer, [str(clip_file)], tmp_path / 'out', ['json'])
    assert outcome.error is None
    assert [path.name for path in (tmp_path / 'out').iterdir()] == ['clip.json']


def test_memory_does_not_grow_with_the_video(clip_file, tmp_path):
    frames = [frame.image for frame in open_video(clip_file)]
    script = (
        'import resource, sys\n'
        'from aullm_mm.apis.inferencer import watching\n'
        'from aullm_mm.video import open_video\n'
        'for path in sys.argv[1:]:\n'
        '    watching.watch(open_video(path))\n'
        '    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n')
    paths = []
    for repeats in (2, 16):
        paths.append(str(tmp_path / f'{repeats}.avi'))
        with VideoWriter(paths[-1], 200, frames[0].shape[:2]) as video:
            for frame in frames * repeats:
                video.write(frame)
    done = subprocess.run(
        [sys.executable, '-c', script, *paths], capture_output=True, text=True,
        env={**os.environ, 'PYTHONPATH': str(ROOT)}, timeout=300)
    short, long = map(int, done.stdout.split())
    assert long - short < 10_000, done.stderr  # kB; the frames themselves have 200 MB


def test_watch_options_reach_the_tracker(clip_file):
    watched = watching.watch(
        open_video(clip_file), WatchOptions(min_eye_distance=500))
    assert watched.faces == [] and watched.reasons == {'face too small': 50}
