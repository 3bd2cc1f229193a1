# Copyright (c) AULLM-MM contributors.
"""Movements in constructed series: no video, no network."""
import numpy as np
import pytest

from aullm_mm.spotting import (REGION_NAMES, Interval, Series, SpottingLimits,
                               interval_iou, spot)

SECONDS = 24.0
BROW, CORNER = (REGION_NAMES.index(name) for name in (
    'left inner brow', 'right mouth corner'))
LIDS = [i for i, name in enumerate(REGION_NAMES) if name.endswith(' lid')]


def hump(seconds, onset, offset, hold=0.0):
    """Raised cosine from onset to offset, held at its middle."""
    middle = (onset + offset) / 2
    moved = np.sign(seconds - middle) * np.maximum(
        np.abs(seconds - middle) - hold / 2, 0.0)
    half = (offset - onset - hold) / 2
    return 0.5 + 0.5 * np.cos(np.pi * np.clip(moved / half, -1, 1))


def make_series(fps=30.0, moves=(), blinks=(), noise=3e-4, drift=0.01, lost=()):
    """A face with slow drift and noise; moves: (region, axis, way, on, off, hold)."""
    rng = np.random.default_rng(3)
    seconds = np.arange(round(SECONDS * fps)) / fps
    motion = rng.normal(0.0, noise, (len(seconds), len(REGION_NAMES), 2))
    motion += drift * np.sin(seconds / 4.0)[:, None, None]
    for region, axis, way, *when in moves:
        motion[:, region, axis] += way * hump(seconds, *when)
    eyes = 0.97 - np.abs(rng.normal(0.0, 0.005, (len(seconds), 2)))
    for onset, offset in blinks:
        shut = hump(seconds, onset, offset)
        eyes -= 0.5 * shut[:, None]
        motion[:, LIDS, 1] += 0.02 * shut[:, None]
        motion[:, BROW, 1] += 0.004 * shut
    found = np.ones(len(seconds), bool)
    for first, last in lost:
        found[(seconds >= first) & (seconds < last)] = False
    motion[~found] = np.nan
    return Series(seconds, motion, eyes, found)


def span(series: Series, interval: Interval):
    """Begin and end in seconds."""
    return series.seconds[interval.onset], series.seconds[interval.offset]


@pytest.mark.parametrize('fps', [25, 30, 60, 200])
def test_a_micro_expression_is_found_at_every_frame_rate(fps):
    series = make_series(fps, [(BROW, 1, -0.008, 10.0, 10.4)])
    found, = spot(series)
    assert found.kind == 'micro' and found.regions == ('left inner brow',)
    assert interval_iou(span(series, found), (10.0, 10.4)) > 0.75
    assert abs(series.seconds[found.apex] - 10.2) < 0.05
    assert found.onset < found.apex < found.offset


def test_nothing_is_found_where_nothing_moves():
    assert spot(make_series()) == []
    still = Series(np.arange(100) / 25, np.zeros((100, len(REGION_NAMES), 2)),
                   np.ones((100, 2)), np.ones(100, bool))
    assert spot(still) == []


def test_a_longer_movement_is_one_macro_expression():
    series = make_series(moves=[(CORNER, 0, -0.05, 8.0, 9.6, 0.5),
                                (CORNER, 1, -0.05, 8.0, 9.6, 0.5)])
    found, = spot(series)
    assert found.kind == 'macro'
    assert interval_iou(span(series, found), (8.0, 9.6)) > 0.75


def test_the_limit_of_a_micro_expression_is_a_parameter():
    series = make_series(moves=[(CORNER, 0, -0.03, 8.0, 8.9)])
    assert [i.kind for i in spot(series)] == ['macro']
    assert [i.kind for i in spot(series, SpottingLimits(longest=1.0))] == ['micro']


def test_a_blink_is_a_blink_and_what_it_pulls_along_is_no_movement():
    blinks = [(2.0, 2.3), (7.0, 7.25), (12.0, 12.3), (18.0, 18.3)]
    series = make_series(blinks=blinks)
    found = spot(series)
    assert [i.kind for i in found] == ['blink'] * 4
    for interval, truth in zip(found, blinks):
        assert interval_iou(span(series, interval), truth) > 0.5


def test_a_movement_during_a_blink_is_not_lost():
    blinks = [(2.0, 2.3), (7.0, 7.25), (12.0, 12.3), (18.0, 18.3)]
    series = make_series(blinks=blinks, moves=[(CORNER, 1, -0.012, 11.95, 12.35)])
    assert [i.regions for i in spot(series) if i.kind == 'micro'] == [
        ('right mouth corner',)]


def test_regions_that_move_together_are_one_movement():
    moves = [(BROW, 1, -0.006, 10.0, 10.4), (CORNER, 0, 0.006, 10.02, 10.42)]
    found, = spot(make_series(moves=moves))
    assert set(found.regions) == {'left inner brow', 'right mouth corner'}


def test_weak_regions_that_move_together_make_up_for_each_other():
    weak = [(region, 1, -0.0024, 10.0, 10.4) for region in (0, 1, 2, 3)]
    assert spot(make_series(moves=weak[:1])) == []
    assert len(spot(make_series(moves=weak))) == 1


def test_gaps_are_left_out_and_movements_beside_them_found():
    moves = [(BROW, 1, -0.008, 5.0, 5.4), (BROW, 1, -0.008, 18.0, 18.4)]
    series = make_series(moves=moves, lost=[(9.0, 14.0), (16.0, 16.1)])
    found = spot(series)
    assert [round(float(series.seconds[i.apex]), 1) for i in found] == [5.2, 18.2]
    energy = series.energy()
    assert np.isnan(energy[~series.found]).all()
    assert np.isfinite(energy[series.found]).all()


def test_uneven_time_stamps_give_the_same_seconds():
    even = make_series(60, [(BROW, 1, -0.008, 10.0, 10.4)])
    keep = np.sort(np.random.default_rng(0).permutation(len(even))[:len(even) // 2])
    uneven = Series(even.seconds[keep], even.motion[keep], even.eyes[keep],
                    even.found[keep])
    found, = spot(uneven)
    assert interval_iou(span(uneven, found), (10.0, 10.4)) > 0.6


def test_a_long_series_gives_what_its_parts_give():
    part = make_series(moves=[(BROW, 1, -0.008, 10.0, 10.4)])
    times = 8
    seconds = np.arange(times * len(part)) / 30.0
    long = Series(seconds, np.tile(part.motion, (times, 1, 1)),
                  np.tile(part.eyes, (times, 1)), np.tile(part.found, times))
    apexes = [i.apex for i in spot(long) if i.kind == 'micro']
    assert len(apexes) == times
    assert np.allclose(np.diff(apexes), len(part), atol=1)


def test_energy_is_that_of_the_movement_whatever_the_frame_rate():
    peaks = [np.nanmax(make_series(fps, [(BROW, 1, -0.008, 10.0, 10.4)], noise=0.0
                                   ).energy()[:, BROW]) for fps in (25, 200)]
    assert peaks == pytest.approx([0.008, 0.008], rel=0.15)


def test_short_and_empty_series_give_nothing():
    one = np.zeros((1, len(REGION_NAMES), 2))
    assert spot(Series(np.zeros(1), one, np.ones((1, 2)), np.ones(1, bool))) == []
    assert spot(Series.from_rows(np.zeros(0), np.zeros((0, 0)))) == []


@pytest.mark.parametrize('change, message', [
    (dict(seconds=np.zeros(4)), 'rise'),
    (dict(eyes=np.ones((4, 1))), 'must fit'),
    (dict(motion=np.full((4, 2, 2), np.nan)), 'not finite')])
def test_series_that_do_not_fit_are_refused(change, message):
    good = dict(seconds=np.arange(4.0), motion=np.zeros((4, 2, 2)),
                eyes=np.ones((4, 2)), found=np.ones(4, bool))
    with pytest.raises(ValueError, match=message):
        Series(**{**good, **change})


def test_limits_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match='shortest < longest'):
        SpottingLimits(shortest=0.6)
    with pytest.raises(ValueError, match='least_score must be above 0'):
        SpottingLimits(least_score=0.0)
