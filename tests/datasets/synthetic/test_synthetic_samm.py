# Copyright (c) AULLM-MM contributors.
"""The SAMM layout: its table, its frames, its people and its camera."""
import re
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import openpyxl
import pytest

from aullm_mm.datasets.synthetic import (STATISTICS, CorpusParameters,
                                         describe_existing, make_corpus)
from aullm_mm.datasets.synthetic.casme2_layout import CASME2
from aullm_mm.datasets.synthetic.coding_table import draw_rows
from aullm_mm.datasets.synthetic.movements import Movement, anchor_pixels
from aullm_mm.datasets.synthetic.nuisances import (draw_light, draw_nuisances,
                                                   noise_bank)
from aullm_mm.datasets.synthetic.rendering import plan_motion
from aullm_mm.datasets.synthetic.samm_layout import (LOOKALIKES, SAMM, frame_path,
                                                     subject_name)
from aullm_mm.datasets.synthetic.subjects import make_subject
from aullm_mm.faces import FaceDetector, FaceMesh
from aullm_mm.facs.coding import parse_coded_aus

SMALL = CorpusParameters(subjects=2, clips=2, seed=3, layout='samm')
HEADER = ('Subject', 'Filename', 'Inducement Code', 'Onset Frame', 'Apex Frame',
          'Offset Frame', 'Duration', 'Micro', 'Action Units', 'Estimated Emotion',
          'Objective Classes', 'Notes')


@pytest.fixture(scope='module')
def corpus(tmp_path_factory) -> Path:
    """A corpus of two clips."""
    return make_corpus(tmp_path_factory.mktemp('made') / 'samm', SMALL)


@pytest.fixture(scope='module')
def rows():
    """The default table."""
    return draw_rows(SAMM, 0, SAMM.subjects, SAMM.clips, SAMM.amplitude)


@pytest.fixture(scope='module')
def people():
    """Three people of either corpus, by layout name, at the same seed and numbers."""
    return {
        layout.name: [make_subject(0, number, layout.studio) for number in (1, 2, 4)]
        for layout in (CASME2, SAMM)}


def _table(folder: Path) -> list[tuple]:
    book = openpyxl.load_workbook(folder / 'SAMM_Micro_FACS_Codes_v2.xlsx')
    return list(book.active.iter_rows(values_only=True))


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob('*') if path.is_file()}


def test_header_is_in_row_14_and_a_row_a_clip_follows(corpus):
    table = _table(corpus)
    assert table[13] == HEADER and HEADER not in table[:13]
    assert len(table) == 16
    for subject, name, code, onset, _, offset, length, *_ in table[14:]:
        assert re.fullmatch(rf'{subject:03d}_{code}_\d+', name)
        assert length == offset - onset + 1


def test_frames_are_gray_and_named_by_subject_and_number(corpus):
    for subject, name, _, onset, _, offset, *_ in _table(corpus)[14:]:
        clip = corpus / 'SAMM' / f'{subject:03d}' / name
        frames = {f'{subject:03d}_{number:05d}.jpg'
                  for number in range(onset, offset + 1)}
        assert {path.name for path in clip.iterdir()} == frames
        frame = cv2.imread(str(next(clip.iterdir())), cv2.IMREAD_UNCHANGED)
        assert frame.shape == SAMM.studio.framing.size == (456, 380)


def test_two_threads_write_the_same_bytes(corpus, tmp_path):
    again = make_corpus(tmp_path / 'samm', SMALL, jobs=2)
    assert _contents(again) == _contents(corpus)


def test_corpus_is_recognised_and_another_layout_is_refused(corpus):
    assert describe_existing(corpus, SMALL) == 'same'
    text = (corpus / 'README.txt').read_text('utf-8')
    assert 'semi-synthetic' in text and 'layout of SAMM' in text
    assert '"layout": "samm"' in text
    with pytest.raises(ValueError, match='other parameters'):
        describe_existing(corpus, CorpusParameters(
            subjects=2, clips=2, seed=3, amplitude=SMALL.amplitude))


def test_defaults_are_those_of_the_layout():
    own = CorpusParameters(layout='samm')
    assert (own.subjects, own.clips) == (29, 159)
    assert own.amplitude < CorpusParameters().amplitude


def test_counts_of_the_twelve_common_aus_and_labels_a_clip():
    counts = {1: 6, 2: 18, 4: 23, 5: 10, 6: 3, 7: 46, 9: 5, 10: 6, 12: 28, 14: 13,
              15: 4, 17: 6}
    assert {au: SAMM.counts.aus[au] for au in counts} == counts
    assert SAMM.counts.rows == sum(SAMM.counts.emotions.values()) == 159
    assert sum(SAMM.counts.aus.values()) / 159 == pytest.approx(1.42, abs=0.005)


def test_subjects_and_clips_have_distinct_names(rows):
    assert {subject_name(row.subject) for row in rows} == {
        f'{number:03d}' for number in range(6, 35)}
    assert len({row.filename for row in rows}) == len(rows) == 159


def test_odd_cells_occur_as_often_as_in_the_real_table(rows):
    assert sum(' or ' in row.coding for row in rows) == 5
    assert sum(not row.apex_coded for row in rows) == 3
    cells = [row.coding for row in rows]
    assert 20 < sum(any(m.side for m in row.movements) for row in rows) < 60
    assert sum(bool(re.search(r'\d[ABC]', cell)) for cell in cells) > 20
    assert any(' + ' in cell for cell in cells)
    table = SAMM.table(rows)[14:]
    emotions = Counter(cells[9] for cells in table)
    assert emotions['Other'] > emotions['Others'] > 0 and emotions['Anger'] == 57
    assert sum(cells[4] is None for cells in table) == 3
    assert {cells[10] for cells in table} == set(range(1, 8))


def test_cells_parse_into_what_moves(rows):
    for row in rows:
        first = re.sub(r' or [LR]?\d+', '', row.coding)
        assert [(c.number, c.side) for c in parse_coded_aus(first)] == [
            (m.au, m.side) for m in row.movements]
    # --statistics brings the AUs of other tables into this layout.
    assert set(LOOKALIKES) == {
        au for counts in STATISTICS.values() for au in counts.aus}


def test_clips_are_shorter_than_half_a_second(rows):
    frames = np.array([row.frames for row in rows])
    assert frames.min() >= 30 and frames.max() <= 100
    assert 60 <= np.median(frames) <= 76
    assert all(row.onset < row.apex < row.offset for row in rows)


def test_some_subjects_have_four_digits(rows):
    digits = {len(Path(frame_path(row, 7)).stem) - 4 for row in rows}
    assert digits == {4, 5}


def test_no_person_is_in_both_corpora(people):
    for one, other in zip(people['casme2'], people['samm']):
        assert one.number == other.number
        apart = np.linalg.norm(one.shape[:, :2] - other.shape[:, :2], axis=1)
        assert apart.mean() > 0.02


def test_mesh_finds_the_face_where_it_is_said_to_be(people):
    detector, mesh = FaceDetector(), FaceMesh()
    for person in people['samm']:
        # Room around the tight crop, as the detector wants to see a head.
        gray = cv2.copyMakeBorder(
            person.image.round().astype(np.uint8), 140, 140, 140, 140,
            cv2.BORDER_REPLICATE)
        image = cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR)
        faces = detector(image)
        assert len(faces) == 1
        points = mesh(image, faces.boxes[0]) - 140
        assert np.linalg.norm(points - person.points, axis=1).mean() < 13.0


def test_movement_is_largest_at_the_place_of_the_au(people):
    for person in people['samm']:
        rng, framing = np.random.default_rng(0), person.studio.framing
        still = draw_nuisances(rng, 8, 0.0, person.studio)
        motion = plan_motion(
            person, (Movement(15, 'L', 0.3),), still, 8, 4, rng, seed=0)
        size = np.hypot(*motion.fields[0])
        y, x = np.unravel_index(size.argmax(), framing.size)
        left = anchor_pixels(15, person.shape, framing)[1]
        assert np.hypot(*(left - (x, y))) < 0.3 * framing.inter_ocular


def test_pictures_are_gray_and_lit_from_above(people):
    """The brow gets more of the light, the chin less, than in the other corpus."""
    def fall(layout) -> float:
        ratios = []
        for person in people[layout.name]:
            gray = person.image if layout is SAMM else person.image.mean(axis=2)
            brow, chin = (_patch(gray, person.points[point]) for point in (9, 200))
            ratios.append(brow / chin)
        return float(np.mean(ratios))

    assert all(person.image.shape == (456, 380) for person in people['samm'])
    assert fall(SAMM) > 1.05 * fall(CASME2)


def _patch(gray: np.ndarray, point: np.ndarray) -> float:
    x, y = point.round().astype(int)
    return float(gray[y - 8:y + 8, x - 8:x + 8].mean())


def test_lamps_flicker_less():
    def deviation(studio) -> float:
        rngs = map(np.random.default_rng, range(20))
        return float(np.mean([draw_light(rng, 60, 1.0, studio)[0].std()
                              for rng in rngs]))

    assert deviation(SAMM.studio) < deviation(CASME2.studio)


def test_neighbouring_pixels_do_not_share_noise():
    shared = []
    for studio in (CASME2.studio, SAMM.studio):
        bank = noise_bank(np.random.default_rng(0), studio)
        shared.append(np.corrcoef(bank[1:].ravel(), bank[:-1].ravel())[0, 1])
    assert shared[0] > 0.1 > 10 * abs(shared[1])
