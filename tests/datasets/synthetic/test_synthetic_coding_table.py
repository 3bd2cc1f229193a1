# Copyright (c) AULLM-MM contributors.
"""The drawn coding table has the statistics of the real one."""
from collections import Counter

import numpy as np
import pytest

from aullm_mm.datasets.synthetic import LAYOUTS
from aullm_mm.datasets.synthetic.casme2_layout import CASME2
from aullm_mm.datasets.synthetic.coding_table import draw_rows
from aullm_mm.datasets.synthetic.spreadsheet import write_workbook
from aullm_mm.datasets.synthetic.statistics import draw_au_sets
from aullm_mm.facs.coding import parse_coded_aus


@pytest.fixture(scope='module')
def rows():
    """The default table."""
    return _draw(CASME2)


def _draw(layout, seed=0, amplitude=1.0):
    return draw_rows(layout, seed, layout.subjects, layout.clips, amplitude)


@pytest.mark.parametrize('layout', LAYOUTS.values(), ids=list(LAYOUTS))
def test_counts_are_those_of_the_real_table(layout):
    rows, counts = _draw(layout), layout.counts
    aus = Counter(move.au for row in rows for move in row.movements)
    assert all(abs(aus[au] - count) <= 2 for au, count in counts.aus.items())
    assert set(aus) == set(counts.aus)
    sizes = Counter(len(row.movements) for row in rows)
    assert all(abs(sizes[k] - count) <= 2
               for k, count in counts.aus_per_clip.items())
    emotions = Counter(row.emotion for row in rows)
    assert all(abs(emotions[name] - count) <= 1
               for name, count in counts.emotions.items())


def test_every_subject_has_clips_with_distinct_names(rows):
    assert {row.subject for row in rows} == set(range(1, 27))
    assert len({(row.subject, row.filename) for row in rows}) == len(rows)


def test_timing_is_that_of_the_real_table(rows):
    frames = np.array([row.frames for row in rows])
    assert frames.min() >= 24 and frames.max() <= 146
    assert 54 <= np.median(frames) <= 68
    share = [(row.apex - row.onset) / (row.frames - 1) for row in rows]
    assert 0.47 < np.mean(share) < 0.55
    assert all(row.onset < row.apex < row.offset for row in rows)


def test_odd_cells_occur_as_often_as_in_the_real_table(rows):
    sided = sum(any(m.side for m in row.movements) for row in rows)
    assert 40 <= sided <= 60
    assert sum('?' in row.coding for row in rows) == 5
    assert sum(not row.apex_coded for row in rows) == 3


def test_cells_parse_into_what_moves(rows):
    for row in rows:
        coded = parse_coded_aus(row.coding)
        assert [(c.number, c.side) for c in coded] == [
            (m.au, m.side) for m in row.movements]


def test_related_aus_come_together():
    sets = draw_au_sets(np.random.default_rng(1), 2560, CASME2.counts)
    with_two = [aus for aus in sets if 2 in aus and len(aus) > 1]
    assert sum(1 in aus for aus in with_two) > 0.4 * len(with_two)
    with_smile = [aus for aus in sets if 12 in aus]
    assert sum(15 in aus for aus in with_smile) < 0.05 * len(with_smile)


@pytest.mark.parametrize('layout', LAYOUTS.values(), ids=list(LAYOUTS))
def test_same_seed_same_spreadsheet_bytes(layout):
    first, again, other = (write_workbook(layout.table(_draw(layout, seed)))
                           for seed in (0, 0, 1))
    assert first == again
    assert first != other


@pytest.mark.parametrize('layout', LAYOUTS.values(), ids=list(LAYOUTS))
def test_amplitude_changes_the_movement_and_not_the_table(layout):
    rows, weak = _draw(layout), _draw(layout, amplitude=0.5)
    assert [row.coding for row in weak] == [row.coding for row in rows]
    assert weak[0].movements[0].intensity == pytest.approx(
        rows[0].movements[0].intensity / 2)


def test_fewer_clips_than_subjects_is_refused():
    with pytest.raises(ValueError, match='3 clips cannot be shared'):
        draw_rows(CASME2, seed=0, subjects=4, clips=3)
