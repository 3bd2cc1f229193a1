# Copyright (c) AULLM-MM contributors.
"""An aligned corpus is a release of the same layout whose heads stay in place."""
import json
import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from aullm_mm.datasets.annotations import load_table
from aullm_mm.datasets.corpora import align_corpus, ensure_annotations
from aullm_mm.datasets.corpora import align as align_module
from aullm_mm.datasets.synthetic.moving_head import draw_sway, film_head
from aullm_mm.datasets.synthetic.subjects import make_subject
from aullm_mm.faces import FaceTracker, stable_pose

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests' / 'datasets'))
from casme2_release import write_spreadsheet  # noqa: E402

CLIPS = ((1, 'EP01_01', 10, 14, 19, '12', 'happiness'),
         (2, 'EP02_02', 1, 5, 9, '4', 'others'))
FOLDERS = ('CASME2_RAW_selected/sub01/EP01_01', 'CASME2_RAW_selected/sub02/EP02_02')


@pytest.fixture
def release(tmp_path) -> Path:
    """Two clips of whole pictures; frame 12 of the first has no face, 15 is broken."""
    root = tmp_path / 'release'
    for (subject, _, onset, _, offset, *_), folder in zip(CLIPS, FOLDERS):
        (root / folder).mkdir(parents=True)
        count = offset - onset + 1
        # Faster and wider than heads are: ten frames at 200 a second hold little.
        sway = draw_sway(np.random.default_rng(subject), np.arange(count) / 20, 3.0)
        frames = film_head(make_subject(7, subject), sway)
        for number, frame in enumerate(frames, onset):
            frame = 0 * frame if (subject, number) == (1, 12) else frame
            cv2.imwrite(str(root / folder / f'img{number}.jpg'), frame)
    (root / FOLDERS[0] / 'img15.jpg').write_bytes(b'no picture')
    write_spreadsheet(root / 'CASME2-coding-20140508.xlsx', CLIPS)
    return root


def eyes(folder: Path, numbers) -> np.ndarray:
    """Point between the eyes in frames, each found on its own."""
    return np.array([stable_pose(FaceTracker()(cv2.imread(str(
        folder / f'img{number}.jpg')), 0.0)[0].mesh).center for number in numbers])


def test_aligned_release_has_the_same_clips_and_steady_heads(release, tmp_path):
    out = tmp_path / 'aligned'
    done = align_corpus('casme2', release, out)
    assert done[FOLDERS[1]].frames == 9 and done[FOLDERS[1]].missing == {}
    path = ensure_annotations('casme2', out)
    before = {record.key: record for record in load_table(
        ensure_annotations('casme2', release)).records}
    assert {record.key: record for record in load_table(path).records} == before
    numbers = range(1, 10)
    moving = np.ptp(eyes(release / FOLDERS[1], numbers), axis=0).max()
    steady = np.ptp(eyes(out / FOLDERS[1], numbers), axis=0).max()
    assert moving > 4 and steady < 0.4 * moving
    assert np.allclose(eyes(out / FOLDERS[1], [5]), [[130, 115]], atol=2)
    assert cv2.imread(str(out / FOLDERS[1] / 'img5.jpg')).shape == (310, 260, 3)


def test_frames_that_cannot_be_aligned_are_left_out_and_listed(release, tmp_path):
    out = tmp_path / 'aligned'
    done = align_corpus('casme2', release, out)
    assert done[FOLDERS[0]].frames == 8
    assert done[FOLDERS[0]].missing['12'] == 'no face'
    assert 'img15.jpg is no picture' in done[FOLDERS[0]].missing['15']
    assert not (out / FOLDERS[0] / 'img12.jpg').exists()
    report = (out / 'alignment.report.txt').read_text()
    assert 'Aligned 17 frames of 2 folders; 2 frames of 1 folders left out' in report
    assert f'{FOLDERS[0]}: 2 of 10 left out: 12 (no face), 15 (' in report
    table = load_table(ensure_annotations('casme2', out))
    assert '2 frames missing in 1 clips' in (
        out / 'annotations.report.txt').read_text() and len(table.records) == 2


def test_interrupted_run_goes_on_and_leaves_nothing_half(release, tmp_path,
                                                         monkeypatch):
    out, calls = tmp_path / 'aligned', []
    align_folder = align_module._align_folder

    def stop_at_second(records, *rest):
        calls.append(records[0].frame_dir)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return align_folder(records, *rest)

    monkeypatch.setattr(align_module, '_align_folder', stop_at_second)
    with pytest.raises(KeyboardInterrupt):
        align_corpus('casme2', release, out, jobs=1)
    state = json.loads((out / 'alignment.json').read_text())
    assert list(state['folders']) == [FOLDERS[0]]
    assert not (out / FOLDERS[1]).exists()
    # No annotations yet: nobody takes it for a whole release.
    assert not list(out.glob('*.xlsx'))
    done = align_corpus('casme2', release, out, jobs=1)
    assert calls == [*FOLDERS, FOLDERS[1]] and set(done) == set(FOLDERS)
    assert [p for p in out.rglob('.*')] == []


def test_release_is_never_written_into(release, tmp_path):
    for out in (release, release / 'aligned'):
        with pytest.raises(ValueError, match='lies in the release'):
            align_corpus('casme2', release, out)
    (tmp_path / 'mine').mkdir()
    (tmp_path / 'mine' / 'notes.txt').write_text('x')
    with pytest.raises(ValueError, match='something else'):
        align_corpus('casme2', release, tmp_path / 'mine')


def test_other_settings_are_not_mixed_in(release, tmp_path):
    out = tmp_path / 'aligned'
    align_corpus('casme2', release, out)
    write_spreadsheet(release / 'CASME2-coding-20140508.xlsx', CLIPS[:1])
    with pytest.raises(ValueError, match='another way'):
        align_corpus('casme2', release, out)


def test_corpus_without_a_face_is_an_error(release, tmp_path):
    for path in release.rglob('*.jpg'):
        cv2.imwrite(str(path), np.full((120, 160, 3), 80, np.uint8))
    with pytest.raises(ValueError, match='no frame .* has a face'):
        align_corpus('casme2', release, tmp_path / 'aligned')


def test_tool_aligns_and_prepares(release, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', [
        'prepare_corpus.py', 'casme2', '--root', str(release), '--align',
        str(tmp_path / 'aligned'), '--check'])
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(ROOT / 'tools' / 'prepare_corpus.py'), run_name='__main__')
    output = capsys.readouterr().out
    assert left.value.code == 0
    assert 'Aligned 17 frames' in output and 'Opened 17 frames of 2 clips' in output
    assert load_table(tmp_path / 'aligned' / 'annotations.json').records
