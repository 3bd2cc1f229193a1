# Copyright (c) AULLM-MM contributors.
"""A nuisance goes with an AU among training people, and against it among the others."""
from dataclasses import replace

import cv2
import numpy as np
import pytest

from aullm_mm.datasets.corpora.prepare import read_corpus
from aullm_mm.datasets.split_file import load_split
from aullm_mm.datasets.synthetic import (CorpusParameters, describe_existing,
                                         make_corpus, make_parameters)
from aullm_mm.datasets.synthetic.corpus_table import draw_table
from aullm_mm.datasets.synthetic.scene import make_scene
from aullm_mm.datasets.synthetic.spurious import subject_groups
from aullm_mm.datasets.synthetic.subjects import make_subject
from aullm_mm.datasets.transforms import OnsetApexFlow

SMALL = CorpusParameters(subjects=6, clips=6, frames=4, seed=3, statistics='even',
                         spurious='light:12')


@pytest.mark.parametrize('spurious, rate', [
    ('light:12', 0.9), ('background:4:0.75', 0.75)])
def test_rates_hold_in_each_group(spurious, rate):
    parameters = CorpusParameters(
        subjects=12, clips=360, statistics='even', spurious=spurious)
    au = int(spurious.split(':')[1])
    rows = draw_table(parameters)
    for name, people in subject_groups(12).items():
        for shown in (True, False):
            sides = [row.beside for row in rows if row.subject in people
                     and (au in {m.au for m in row.movements}) == shown]
            usual = sides.count('above' if shown else 'below') / len(sides)
            wanted = 1 - rate if name == 'test' else rate
            assert abs(usual - wanted) <= 0.5 / len(sides), name


def test_groups_are_disjoint_and_whole():
    for count in range(3, 40):
        groups = subject_groups(count)
        people = [number for group in groups.values() for number in group]
        assert people == list(range(1, count + 1)) and all(map(len, groups.values()))


@pytest.mark.parametrize('layout', ['casme2', 'samm'])
def test_split_file_fits_what_the_reader_reads(layout, tmp_path):
    parameters = replace(SMALL, layout=layout)
    folder = make_corpus(tmp_path / layout, parameters)
    records = read_corpus(layout, folder).records
    split = load_split(folder / 'spurious_split.json', records)
    assert (len({r.subject for r in split.train}), len({r.subject for r in split.val}),
            len({r.subject for r in split.test})) == (3, 1, 2)
    assert sum(map(len, (split.train, split.val, split.test))) == len(records) == 6
    assert describe_existing(folder, parameters) == 'same'
    (folder / 'spurious_split.json').unlink()
    with pytest.raises(FileNotFoundError, match='spurious_split.json is missing'):
        describe_existing(folder, parameters)


@pytest.mark.parametrize('kind, low, high', [('light', 0.08, 0.22)])
def test_lamp_changes_the_face_clearly_and_plausibly(kind, low, high):
    person = make_subject(0, 1)
    for side in ('above', 'below'):
        lamp = make_scene(np.random.default_rng(0), person, kind, side, 9, 4).lamp
        face = lamp[90:300, 60:220]
        assert low < np.percentile(np.abs(face), 80) < high
        halves = face[:105].mean(), face[105:].mean()
        assert (halves[0] > halves[1]) == (side == 'above')


@pytest.mark.parametrize('side, sign', [('above', -1), ('below', 1)])
def test_background_moves_up_or_down_on_the_wall_only(side, sign):
    person = make_subject(0, 1)
    scene = make_scene(np.random.default_rng(0), person, 'background', side, 9, 4)
    assert 4.0 < sign * scene.way < 9.0
    first, apex = (scene.behind(person.image, t) for t in (0, 4))
    moved = np.abs(apex - first).max(axis=2)
    assert moved[230:, :25].mean() > 4.0
    assert moved[230:, -25:].mean() > 4.0
    assert moved[person.wall < 0.001].max() < 0.1
    assert moved[120:280, 70:210].max() < 0.1


@pytest.mark.parametrize('kind', ['light', 'background'])
def test_flow_sees_the_side(kind, tmp_path):
    """Flow of the mean clip of either side, on people it was not made of, mirrored.

    Training clips are mirrored at random, so the cue must outlast that.
    """
    parameters = make_parameters(
        f'spurious-{kind}', subjects=6, clips=24, frames=4, seed=1)
    folder = make_corpus(tmp_path / kind, parameters, jobs=2)
    flows, above, people = [], [], []
    for row, record in zip(draw_table(parameters),
                           read_corpus('casme2', folder).records):
        frames = [cv2.imread(str(folder / record.frame_path(n)), cv2.IMREAD_GRAYSCALE)
                  for n in range(record.onset, record.offset + 1)]
        flow = OnsetApexFlow((8, 8))(
            dict(imgs=np.stack(frames), apex_index=row.apex - row.onset))['flow']
        flows.append(np.clip(flow, -20, 20))
        above.append(row.beside == 'above')
        people.append(row.subject)
    flows, above, people = np.stack(flows), np.array(above), np.array(people)
    known = people % 2 == 0
    way = flows[known & above].mean(0) - flows[known & ~above].mean(0)
    mirrored = flows[~known][:, :, ::-1] * np.array([-1, 1, 1])
    score = (mirrored * way).sum((1, 2, 3))
    pairs = score[above[~known]][:, None] > score[~above[~known]][None]
    assert pairs.mean() > 0.75
