# Copyright (c) AULLM-MM contributors.
import math

from aullm_mm.visualization import ScoreRow, format_score_table

GOOD = ScoreRow(0.8, 0.85, 0.9, 0.25, au=12, positives=8, known=56)
BAD = ScoreRow(0.2, 0.4, 0.5, 0.25, au=4, positives=9, known=56, threshold=0.35)
NONE = ScoreRow(math.nan, math.nan, math.nan, math.nan, au=17, known=56)
MEAN = ScoreRow(0.5, 0.625, 0.7, 0.25)


def cells(text, start):
    return next(x for x in text.splitlines() if x.split()[:1] == [start]).split()


def test_rows_carry_support_threshold_scores_and_baseline():
    text = format_score_table([GOOD, BAD], MEAN)
    assert cells(text, 'AU12')[-6:] == '8/56 0.50 0.800 0.250 0.850 0.900'.split()
    assert cells(text, 'AU4')[-5:] == '0.35 0.200 0.250 0.400 0.500'.split()
    assert cells(text, 'mean')[-4:] == '0.500 0.250 0.625 0.700'.split()


def test_undefined_values_are_dashes_and_counted_in_the_mean_row():
    text = format_score_table([GOOD, NONE], MEAN)
    assert cells(text, 'AU17')[-4:] == ['-'] * 4
    assert 'of 1 of 2 AUs' in text


def test_baseline_column_can_be_left_out():
    text = format_score_table([ScoreRow(0.8, 0.85, 0.9, au=12)], ScoreRow(1, 1, 1))
    assert 'all-positive' not in text
    assert cells(text, 'AU12')[-3:] == '0.800 0.850 0.900'.split()


def test_colours_follow_the_baseline_and_are_off_by_default(monkeypatch):
    monkeypatch.delenv('NO_COLOR', raising=False)
    assert '\x1b' not in format_score_table([GOOD, BAD], MEAN)
    text = format_score_table([GOOD, BAD], MEAN, colour=True)
    assert '\x1b[32m0.800' in text
    assert '\x1b[31m0.200' in text


def test_title_and_notes_frame_the_table_and_brackets_survive():
    text = format_score_table([GOOD], MEAN, title='fold 1', notes=['AU4 [left] out'])
    assert text.startswith('fold 1')
    assert text.splitlines()[-1] == 'AU4 [left] out'


def test_every_au_of_a_long_list_fits_one_line():
    rows = [ScoreRow(0.5, 0.5, 0.5, 0.5, au=au) for au in (8, 11, 15, 39)]
    lines = format_score_table(rows, MEAN).splitlines()
    named = [line for line in lines if line.lstrip().startswith('AU')]
    assert len(named) == 1 + len(rows)  # with the header
    assert max(map(len, lines)) <= 100
