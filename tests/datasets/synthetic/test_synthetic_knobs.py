# Copyright (c) AULLM-MM contributors.
"""A knob changes what it says, and nothing else."""
import hashlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from aullm_mm.datasets.corpora.prepare import read_corpus
from aullm_mm.datasets.synthetic import (PRESETS, CorpusParameters, describe_existing,
                                         make_corpus, make_parameters)
from aullm_mm.datasets.synthetic.corpus_table import draw_table
from aullm_mm.datasets.synthetic.parameters import layout_of, readme_text
from aullm_mm.facs.coding import first_alternatives, parse_coded_aus

TINY = CorpusParameters(subjects=1, clips=1, seed=3, frames=4)
SHEET = 'CASME2-coding-20140508.xlsx'
# Of the code before there were knobs: README and table with movements; block means
# and number of frames of one clip.
DEFAULTS = {
    'casme2': ('43dc11384d371853', '835ce91a817ff625'),
    'samm': ('36b2d0099ef8bad6', 'e88aecdc2534fb11')}

GOLDEN_BLOCKS = [[151.6, 136.9, 103.2], [98.9, 99.8, 84.1], [100.2, 78.8, 74.2]]
GOLDEN_COUNT = 138


@pytest.fixture(scope='module')
def make(tmp_path_factory):
    """Make the tiny corpus with some values changed, once each."""
    made = {}

    def call(**values) -> dict[str, bytes]:
        parameters = replace(TINY, **values)
        if parameters not in made:
            folder = tmp_path_factory.mktemp('knobs') / 'made'
            make_corpus(folder, parameters)
            assert describe_existing(folder, parameters) == 'same'
            made[parameters] = folder
        return _contents(made[parameters])

    return call


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob('*')) if path.is_file()}


def _frames(contents: dict[str, bytes]) -> np.ndarray:
    return np.stack([cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
                     for name, data in contents.items() if name.endswith('.jpg')]
                    ).astype(float)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@pytest.mark.parametrize('layout', DEFAULTS)
def test_default_corpora_are_those_made_before_there_were_knobs(layout):
    parameters = CorpusParameters(layout=layout)
    rows = draw_table(parameters)
    told = [(r.subject, r.filename, r.onset, r.apex, r.offset, r.apex_coded, r.coding,
             r.emotion, [(m.au, m.side, round(m.intensity, 9)) for m in r.movements])
            for r in rows]
    text = repr(told) + repr(layout_of(parameters).table(rows))
    assert (_hash(readme_text(parameters)), _hash(text)) == DEFAULTS[layout]


def test_default_picture_is_the_one_made_before_there_were_knobs(tmp_path):
    """Means of blocks, not bytes: another processor may round otherwise."""
    frames = _frames(_contents(make_corpus(
        tmp_path / 'c', CorpusParameters(subjects=1, clips=1, seed=3))))
    blocks = cv2.resize(frames[-1], (3, 3), interpolation=cv2.INTER_AREA)
    assert np.abs(blocks - GOLDEN_BLOCKS).max() < 0.2
    assert len(frames) == GOLDEN_COUNT


@pytest.mark.parametrize('knob', [
    {'light': 4.0}, {'camera_noise': 3.0}, {'camera_blur': 3.0}, {'quality': '30'},
    {'people_seed': 9}])
def test_knob_on_the_pixels_leaves_the_table(make, knob):
    plain, changed = make(), make(**knob)
    assert changed.keys() == plain.keys()
    assert changed[SHEET] == plain[SHEET]
    differ = {name for name in plain if plain[name] != changed[name]}
    assert differ == {name for name in plain if name != SHEET}


def test_light_leaves_the_movement_and_the_noise(make):
    factors = _frames(make(light=4.0)) / np.maximum(_frames(make()), 1.0)
    for factor in factors:
        smooth = cv2.GaussianBlur(factor, (0, 0), 6.0)
        assert np.median(np.abs(factor - smooth)) < 0.01
    assert np.abs(smooth - 1.0).mean() > 0.02


def test_noise_and_blur_do_what_they_say(make):
    def roughness(frames):
        return cv2.Laplacian(frames[0], cv2.CV_64F).std()

    plain = roughness(_frames(make()))
    assert roughness(_frames(make(camera_noise=3.0))) > 1.2 * plain
    assert roughness(_frames(make(camera_blur=3.0))) < 0.8 * plain


def test_lower_quality_is_fewer_bytes_and_holds_without_nuisances(make):
    def size(**values):
        return sum(len(data) for name, data in make(**values).items()
                   if name.endswith('.jpg'))

    assert size(quality='30') < 0.5 * size()
    assert size(quality='30', nuisance=0.0) < 0.5 * size(nuisance=0.0)


def test_label_noise_leaves_the_pixels(make):
    plain, wrong = make(), make(label_noise=1.0)
    assert {name for name in plain if plain[name] != wrong[name]} == {
        SHEET, 'README.txt'}


@pytest.mark.parametrize('layout', DEFAULTS)
def test_label_noise_gets_its_share_of_aus_wrong(layout):
    true, noisy = (
        draw_table(CorpusParameters(layout=layout, clips=800, label_noise=share))
        for share in (0.0, 0.3))
    right = total = 0
    for before, after in zip(true, noisy):
        cell = first_alternatives(after.coding)
        coded = {au.number for au in parse_coded_aus(cell)}
        assert coded and after == replace(before, coding=after.coding)
        right += len(coded & {m.au for m in before.movements})
        total += len(before.movements)
    assert 0.26 < 1 - right / total < 0.34


def test_samm_table_tells_no_truth_under_label_noise():
    parameters = CorpusParameters(layout='samm', label_noise=1.0)
    layout, rows = layout_of(parameters), draw_table(parameters)
    blind = [replace(row, movements=()) for row in rows]
    assert layout.table(rows) == layout.table(blind)


def test_even_statistics_are_even():
    rows = draw_table(CorpusParameters(statistics='even', subjects=4, clips=240))
    shown = [m.au for row in rows for m in row.movements]
    counts = {au: shown.count(au) for au in set(shown)}
    assert sorted(counts) == [1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17]
    assert max(counts.values()) <= 1.3 * min(counts.values())
    assert {len(row.movements) for row in rows} == {1, 2, 3}


@pytest.mark.parametrize('layout', DEFAULTS)
@pytest.mark.parametrize('frames', [3, 4, 5, 9, 200])
def test_few_frames_are_numbered_on_and_hold_the_apex(layout, frames):
    whole, few = (draw_table(CorpusParameters(layout=layout, frames=n))
                  for n in (None, frames))
    for before, after in zip(whole, few):
        assert after.frames == frames and after.onset < after.apex < after.offset
        assert (after.onset, after.coding) == (before.onset, before.coding)
        if frames < before.frames:
            assert (after.length, after.peak) == (before.length, before.peak)
            assert after.moments[0] == 0 and len(set(after.moments)) == frames


def test_few_frames_are_frames_of_the_whole_clip(tmp_path):
    calm = replace(TINY, camera_noise=0.0)
    whole = replace(calm, frames=None)
    few, many = (_contents(make_corpus(tmp_path / str(p.frames), p))
                 for p in (calm, whole))
    (row,), (full,) = draw_table(calm), draw_table(whole)
    path = layout_of(calm).frame_path
    for number, moment in enumerate(row.moments):
        assert few[path(row, row.onset + number)] == many[
            path(full, full.onset + moment)]


def test_readers_accept_few_frames(tmp_path):
    for layout in DEFAULTS:
        folder = make_corpus(tmp_path / layout, replace(
            TINY, subjects=2, clips=4, layout=layout, amplitude=None))
        table = read_corpus(layout, folder)
        assert [r.offset - r.onset for r in table.records] == [3] * 4


def test_people_seed_says_who_is_in_it(make):
    same = make(seed=4, people_seed=3)
    assert same[SHEET] == make(seed=4)[SHEET] != make()[SHEET]
    neutral = [_frames(contents)[0] for contents in (make(), same, make(seed=4))]
    assert np.abs(neutral[0] - neutral[1]).mean() < 6.0
    assert np.abs(neutral[2] - neutral[1]).mean() > 12.0


@pytest.mark.parametrize('name', PRESETS)
def test_preset_can_be_made_and_says_what_it_is(name):
    parameters = make_parameters(name)
    assert PRESETS[name].meaning and parameters != CorpusParameters()
    assert len(draw_table(replace(parameters, clips=parameters.subjects)))


def test_what_is_given_overrides_the_preset():
    made = make_parameters('subtle', amplitude=1.5)
    assert made == CorpusParameters(amplitude=1.5)
    with pytest.raises(ValueError, match="one of clear, .* got 'clera'"):
        make_parameters('clera')


def test_same_corpus_written_otherwise_has_the_same_parameters():
    assert CorpusParameters(statistics='casme2', people_seed=0) == CorpusParameters()
    assert CorpusParameters(quality='60-60') == CorpusParameters(quality='60')
    assert CorpusParameters(spurious='light:12') == CorpusParameters(
        spurious='light:12:0.90')


@pytest.mark.parametrize('knob, value, message', [
    ('camera_noise', -1.0, 'camera_noise must be at least 0, got -1'),
    ('camera_blur', float('inf'), 'camera_blur'), ('light', -0.5, 'light'),
    ('quality', '0', "quality .* from 1 to 100 .* got '0'"),
    ('quality', '60-40', "got '60-40'"), ('quality', 'good', "got 'good'"),
    ('statistics', 'smic', "one of casme2, samm, even, got 'smic'"),
    ('label_noise', 1.5, 'at most 1, got 1.5'), ('label_noise', -0.1, 'label_noise'),
    ('frames', 2, 'frames must be at least 3, got 2'), ('people_seed', -1, 'people'),
    ('spurious', 'smell:12', "light, background, AU one of .* got 'smell:12'"),
    ('spurious', 'light:99', "got 'light:99'"), ('spurious', 'light', "got 'light'"),
    ('spurious', 'light:12:2', 'RATE from 0 to 1'),
    ('spurious', 'light:12:', 'RATE from 0 to 1')])
def test_impossible_knob_is_refused(knob, value, message):
    with pytest.raises(ValueError, match=message):
        CorpusParameters(**{knob: value})


def test_spurious_nuisance_needs_three_people():
    with pytest.raises(ValueError, match='subjects must be at least 3, got 2'):
        CorpusParameters(subjects=2, clips=2, spurious='light:12')
