# Copyright (c) AULLM-MM contributors.
import pytest

from aullm_mm.facs import UNKNOWN_AU, CodedAU, format_coded_aus, parse_coded_aus


@pytest.mark.parametrize('text, expected', [
    ('4', [CodedAU(4)]),
    ('AU12', [CodedAU(12)]),
    ('1L', [CodedAU(1, 'L')]),
    ('AU5R', [CodedAU(5, 'R')]),
    ('4 B', [CodedAU(4, intensity='B')]),
    ('6(k)', [CodedAU(6, static=True)]),
    ('12?', [CodedAU(12, uncertain=True)]),
    ('4+7+6', [CodedAU(4), CodedAU(7), CodedAU(6)]),
    ('R12 + R15', [CodedAU(12, 'R'), CodedAU(15, 'R')]),
    ('4+7+L10+15A', [CodedAU(4), CodedAU(7), CodedAU(10, 'L'), CodedAU(15, None, 'A')]),
    ('AUR2+12(k)+45', [CodedAU(2, 'R'), CodedAU(12, static=True), CodedAU(45)]),
    ('L1+R2A+12(k)?', [CodedAU(1, 'L'), CodedAU(2, 'R', 'A'),
                       CodedAU(12, static=True, uncertain=True)]),
    ('au l1 a', [CodedAU(1, 'L', 'A')]),
    ('１＋２', [CodedAU(1), CodedAU(2)]),
    ('L1+R1', [CodedAU(1, 'L'), CodedAU(1, 'R')]),
    ('4+4', [CodedAU(4)]),
])
def test_tokens_of_real_spreadsheets_are_read(text, expected):
    assert parse_coded_aus(text) == tuple(expected)


@pytest.mark.parametrize('text', [
    '12 or 15', '4,7', '4++7', '+4', '4+', 'L1R', 'LL1', 'AU', '4F', '4(j)', '-4',
    '4.5', 'happy', '4??', '4 7', '/'])
def test_unreadable_cell_is_quoted_with_what_is_accepted(text):
    with pytest.raises(ValueError) as error:
        parse_coded_aus(text)
    assert repr(text) in str(error.value)
    assert "accepted are AU numbers joined by '+'" in str(error.value)


@pytest.mark.parametrize('text', ['', '   ', '?', '? + ?'])
def test_cell_that_names_no_au_is_refused(text):
    with pytest.raises(ValueError, match='expected AU numbers joined'):
        parse_coded_aus(text)


def test_number_that_facs_lacks_is_refused():
    with pytest.raises(ValueError, match='AU1215, which FACS does not have'):
        parse_coded_aus('4+1215')


def test_bare_question_mark_stands_for_an_au_that_was_not_named():
    assert parse_coded_aus('4+?') == (
        CodedAU(4), CodedAU(UNKNOWN_AU, uncertain=True))


@pytest.mark.parametrize('text', ['L1+R2A+12(k)?', '4+L10', 'R6+R12', '4+7+6', '4+?'])
def test_formatting_returns_the_text(text):
    assert format_coded_aus(parse_coded_aus(text)) == text
