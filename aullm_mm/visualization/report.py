# Copyright (c) AULLM-MM contributors.
"""The table of scores per action unit, for a terminal or a log file."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from aullm_mm.facs import action_unit, au_label


@dataclass(frozen=True)
class ScoreRow:
    """One row of the table: one AU, or the mean over the AUs.

    Args:
        f1 (float): F1 of the class "present", a fraction; NaN if undefined.
        macro_f1 (float): Mean F1 of "present" and "absent"; NaN if undefined.
        auc (float): Area under the ROC curve; NaN if undefined.
        all_positive_f1 (float | None): F1 of predicting the AU in every clip.
            None leaves the column out. Defaults to None.
        au (int | None): AU number; None for the mean. Defaults to None.
        positives (int): Clips in which the AU is present. Defaults to 0.
        known (int): Clips in which the AU is known. Defaults to 0.
        threshold (float): Probability from which it counts as present.
            Defaults to 0.5.

    Examples:
        >>> ScoreRow(f1=.5, macro_f1=.6, auc=.7, au=12, positives=3, known=9).au
        12
    """

    f1: float
    macro_f1: float
    auc: float
    all_positive_f1: float | None = None
    au: int | None = None
    positives: int = 0
    known: int = 0
    threshold: float = 0.5


def format_score_table(
    rows: Sequence[ScoreRow],
    mean: ScoreRow,
    title: str = '',
    notes: Sequence[str] = (),
    colour: bool = False,
    width: int = 100,
) -> str:
    """Lay out scores per AU with the all-positive baseline beside them.

    In colour, an F1 is green from twice the baseline on and red where it does not
    beat the baseline. Undefined values are shown as a dash.

    Args:
        rows (Sequence[ScoreRow]): One row an AU.
        mean (ScoreRow): The last row.
        title (str): Line above the table. Defaults to none.
        notes (Sequence[str]): Lines below the table. Defaults to none.
        colour (bool): Whether to write terminal colours. Defaults to False.
        width (int): Columns of the terminal. Defaults to 100.

    Returns:
        str: The table, lines separated by newlines, without a last newline.

    Examples:
        >>> row = ScoreRow(.8, .85, .9, .25, au=12, positives=8, known=56)
        >>> text = format_score_table([row], ScoreRow(.8, .85, .9, .25))
        >>> next(line for line in text.splitlines() if 'AU12' in line).split()[5:]
        ['0.50', '0.800', '0.250', '0.850', '0.900']
    """
    baseline = mean.all_positive_f1 is not None
    table = _empty_table(title, baseline)
    for row in rows:
        support = f'{row.positives}/{row.known}'
        head = [au_label(row.au), action_unit(row.au).name, support]
        table.add_row(*head, f'{row.threshold:.2f}', *_values(row, baseline))
    defined = sum(not math.isnan(row.f1) for row in rows)
    table.add_section()
    head = ['mean', f'of {defined} of {len(rows)} AUs', '', '']
    table.add_row(*head, *_values(mean, baseline), style='bold')
    return render_table(table, notes, colour, width)


def render_table(
    table: Table, notes: Sequence[str] = (), colour: bool = False, width: int = 100
) -> str:
    """Turn a table and the lines below it into text.

    Args:
        table (Table): A table of Rich.
        notes (Sequence[str]): Lines below the table. Defaults to none.
        colour (bool): Whether to write terminal colours. Defaults to False.
        width (int): Columns of the terminal. Defaults to 100.

    Returns:
        str: Lines separated by newlines, without a last newline.

    Examples:
        >>> table = Table('AU')
        >>> table.add_row('12')
        >>> '12' in render_table(table)
        True
    """
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width,
        force_terminal=colour,
        color_system='standard' if colour else None,
    )
    console.print(table)
    for note in notes:
        console.print(note, style='dim', markup=False, highlight=False)
    return buffer.getvalue().rstrip('\n')


def _empty_table(title: str, baseline: bool) -> Table:
    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify='left')
    table.add_column('AU', no_wrap=True)
    table.add_column('FACS name', no_wrap=True)
    columns = ['present', 'threshold', 'F1', 'macro-F1', 'AUC']
    if baseline:
        columns.insert(3, 'all-positive F1')
    for name in columns:
        table.add_column(name, justify='right', no_wrap=True)
    return table


def _values(row: ScoreRow, baseline: bool) -> list[str]:
    cells = [_number(row.f1), _number(row.macro_f1), _number(row.auc)]
    if not baseline:
        return cells
    if row.f1 >= 2 * row.all_positive_f1:
        cells[0] = f'[green]{cells[0]}[/]'
    elif row.f1 <= row.all_positive_f1:
        cells[0] = f'[red]{cells[0]}[/]'
    cells.insert(1, f'[dim]{_number(row.all_positive_f1)}[/]')
    return cells


def _number(value: float) -> str:
    return '-' if math.isnan(value) else f'{value:.3f}'
