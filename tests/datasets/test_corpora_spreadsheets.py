# Copyright (c) AULLM-MM contributors.
"""Damaged spreadsheets, for every corpus that has one, on tiny releases made here."""
import sys
from pathlib import Path

import openpyxl
import pytest

from aullm_mm.datasets.corpora import CORPORA, read_corpus
from aullm_mm.datasets.corpora.sources import find_sources

sys.path.insert(0, str(Path(__file__).parent))
from corpus_releases import RELEASES  # noqa: E402

every_spreadsheet = pytest.mark.parametrize(
    'name', [name for name, corpus in CORPORA.items() if corpus.spreadsheets])


class Codes:
    """The spreadsheet of a release, to be damaged: cells by row and field."""

    def __init__(self, name, root):
        self.corpus = CORPORA[name]
        self.path = find_sources(self.corpus, root)[0]
        self.book = openpyxl.load_workbook(self.path)
        named = [s for s in self.corpus.sheets if s in self.book.sheetnames]
        self.sheet = self.book[named[0]] if named else self.book.worksheets[0]
        titles = [t for t in self.corpus.columns.values() if isinstance(t, str)]
        self.header = next((row[0].row for row in self.sheet.iter_rows()
                            if {cell.value for cell in row} >= set(titles) and titles),
                           0)

    def cell(self, row, field):
        """Cell of a data row, from 0, or of the header, -1."""
        title = self.corpus.columns[field]
        if isinstance(title, str):
            values = [cell.value for cell in self.sheet[self.header]]
            title = values.index(title)
        return self.sheet.cell(self.header + 1 + row, title + 1)

    def repeat(self, row, **changes):
        """Append a copy of a data row."""
        values = [cell.value for cell in self.sheet[self.header + 1 + row]]
        self.sheet.append(values)
        for field, value in changes.items():
            self.cell(self.sheet.max_row - self.header - 1, field).value = value

    def save(self):
        self.book.save(self.path)


@every_spreadsheet
def test_renamed_column_is_named_beside_those_found(name, tmp_path):
    root = RELEASES[name](tmp_path)
    codes = Codes(name, root)
    if name == 'casme_sq':  # it has no titles
        codes.sheet.delete_cols(7, 3)
        wanted = ('6 column(s) found, 9 wanted', 'self-report')
    else:
        codes.cell(-1, 'aus').value = 'Codes'
        wanted = (f'missing column(s) [{CORPORA[name].columns["aus"]!r}]', "'Codes'")
    codes.save()
    with pytest.raises(ValueError) as error:
        read_corpus(name, root)
    for part in (codes.path.name, *wanted):
        assert part in str(error.value)


@every_spreadsheet
def test_onset_after_offset_is_dropped_and_listed(name, tmp_path):
    root = RELEASES[name](tmp_path)
    codes = Codes(name, root)
    kept = len(read_corpus(name, root).records)
    codes.cell(0, 'onset').value = 9999
    codes.save()
    table = read_corpus(name, root)
    assert len(table.records) == kept - 1
    assert any('onset 9999 after offset' in row['reason']
               for row in table.report['dropped'])


@every_spreadsheet
def test_same_row_twice_counts_once(name, tmp_path):
    root = RELEASES[name](tmp_path)
    kept = len(read_corpus(name, root).records)
    codes = Codes(name, root)
    codes.repeat(0)
    codes.save()
    table = read_corpus(name, root)
    assert len(table.records) == kept and len(table.report['duplicates']) == 1


@every_spreadsheet
def test_same_clip_with_other_codes_is_an_error_that_names_the_rows(name, tmp_path):
    root = RELEASES[name](tmp_path)
    codes = Codes(name, root)
    codes.repeat(0, aus='17')
    codes.save()
    with pytest.raises(ValueError, match=r'1 clip\(s\) with more than one row.*rows'):
        read_corpus(name, root)


@every_spreadsheet
def test_empty_rows_are_skipped_and_merged_cells_are_dropped(name, tmp_path):
    root = RELEASES[name](tmp_path)
    kept = len(read_corpus(name, root).records)
    codes = Codes(name, root)
    codes.sheet.append([None] * 4)
    codes.repeat(1, subject=None)
    codes.save()
    table = read_corpus(name, root)
    assert len(table.records) == kept
    reasons = [row['reason'] for row in table.report['dropped']]
    assert sum('lacks its subject number or file name' in r for r in reasons) == 1


@every_spreadsheet
def test_unreadable_cells_are_listed_all_at_once(name, tmp_path):
    root = RELEASES[name](tmp_path)
    codes = Codes(name, root)
    for row in (0, 2):
        codes.cell(row, 'aus').value = f'4-{row}'
    codes.save()
    reasons = [row['reason'] for row in read_corpus(name, root).report['dropped']]
    assert all(any(f"'4-{row}'" in reason for reason in reasons) for row in (0, 2))


@every_spreadsheet
def test_sheet_without_one_readable_cell_is_an_error_with_every_cell(name, tmp_path):
    root = RELEASES[name](tmp_path)
    codes = Codes(name, root)
    count = codes.sheet.max_row - codes.header
    for row in range(count):
        codes.cell(row, 'aus').value = f'bad {row}'
    codes.save()
    with pytest.raises(ValueError, match='none of [0-9]+ cells of column') as error:
        read_corpus(name, root)
    assert "'bad 0'" in str(error.value) and "'bad 2'" in str(error.value)
