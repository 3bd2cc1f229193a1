# Copyright (c) AULLM-MM contributors.
"""A comparison as a section of a Markdown document."""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

Result = dict[str, Any]
DASH = '–'


def section(result: Result, figure: str | None = None) -> str:
    """The whole section, from its heading to the commands.

    Args:
        result: Of :func:`~aullm_mm.apis.ablation.judging.judge_suite`.
        figure: Address of the figure of its curves, as the document links it.
    """
    kind = 'Semi-synthetic' if result['semi_synthetic'] else ''
    parts = [f'## {result["title"]}', introduction(result)]
    if figure:
        parts.append(f'![{kind or "F1"}: {result["title"]}]({figure})')
    parts += [main_table(result), constant_line(result), worth_table(result),
              corpus_table(result), au_table(result), state_lines(result),
              making_line(result), commands(result)]
    return '\n\n'.join(part for part in parts if part)


def introduction(result: Result) -> str:
    """What is asked, of which corpora, and how to read the figures."""
    rows = [row for row in result['rows'] if row['seeds']]
    made = [root for root in result['roots'] if root in result['semi_synthetic']]
    real = [root for root in result['roots'] if root not in made]
    corpora = ' and '.join(
        ([f'**semi-synthetic** data ({_code(made)})'] if made else [])
        + ([_code(real)] if real else [])) or 'no corpus yet'
    sizes = sorted({f'{row["clips"]} clips of {row["subjects"]} subjects in '
                    f'{row["folds"]} folds' for row in rows})
    protocols = _code(sorted({row['protocol'] for row in result['rows']}))
    size = f' ({"; ".join(sizes)})' if sizes else ''
    return (
        f'{result["asks"]} Measured on {corpora}, protocol {protocols}{size}. Per cent '
        f'positive F1, mean over AUs, of predictions pooled over folds at threshold '
        f'0.5; the deviation is over seeds, the 95% interval over subjects '
        f'({result["bootstrap"]} resamples). Differences are paired, over the seeds '
        f'and clips that both have; p is of {result["swaps"]} swaps of whole subjects '
        f'and is not corrected for the number of rows.')


def main_table(result: Result) -> str:
    """One line a row; those that were not begun are named below the tables."""
    reference = result['reference']
    head = ['row', 'seeds', 'F1', 'each seed', '95%', 'F1, thresholds of validation',
            'AUC', f'less {reference}', '95%', 'p', 'trained parameters', 's a fold']
    lines, group = [], ''
    for row in result['rows']:
        if not _is_begun(row):
            continue
        if row['group'] != group:
            group = row['group']
            lines.append([f'*{_cell(group)}*'] + [''] * (len(head) - 1))
        lines.append(_main_line(row, result))
    return table(head, lines)


def _is_begun(row: Result) -> bool:
    return bool(row['seeds']) or row['state'] == 'failed'


def _main_line(row: Result, result: Result) -> list[str]:
    name = _cell(row['name'])
    if row['name'] == result['reference']:
        name = f'**{name}** (reference)'
    seeds = f'{len(row["seeds"])} of {row["asked"]}' + (
        ', failed' if row['state'] == 'failed' else '')
    if not row['seeds']:
        return [name, seeds, *[DASH] * 8, number(row.get('trained_parameters')),
                seconds(row.get('seconds_per_unit'))]
    scores, inner = row['scores'], row['inner']
    each = ', '.join(percent(value) for value in scores['f1']['each_seed'])
    other = '' if row['reference'] == result['reference'] else (
        f' (less {_cell(row["reference"])})')
    gain = difference(row['difference'], seeds=row['seeds'])
    gain[0] += other if row['difference'] else ''
    return [name, seeds, spread(scores['f1']), each,
            interval(scores['low'], scores['high']),
            spread(inner['f1']) if inner else DASH, spread(scores['auc']), *gain,
            number(row['trained_parameters']), seconds(row['seconds_per_unit'])]


def difference(found: Result | None, sign: int = 1, seeds: Sequence[int] = ()
               ) -> list[str]:
    """Cells of a paired difference: value, interval, p.

    Args:
        found: The difference, or None.
        sign: -1 to turn it round. Defaults to 1.
        seeds: Seeds of the row; others of the comparison are said.
    """
    if found is None:
        return [DASH] * 3
    low, high = sorted((sign * found['low'], sign * found['high']))
    value = signed(sign * found['value'])
    if seeds and len(found['seeds']) < len(seeds):
        value += f' ({len(found["seeds"])} seeds)'
    p = found['p']
    return [value, f'{signed(low)} to {signed(high)}',
            DASH if p is None or math.isnan(p) else f'{p:.4f}']


def worth_table(result: Result) -> str:
    """What each part is worth: the reference less the row, the largest first."""
    rows = [row for row in result['rows'] if row['difference']]
    if not rows:
        return ''
    rows.sort(key=lambda row: row['difference']['value'])
    lines = [[_cell(row['name']), _cell(row['reference']),
              *difference(row['difference'], -1), str(len(row['difference']['seeds'])),
              str(row['difference']['clips'])] for row in rows]
    head = ['row', 'reference', 'reference less row', '95%', 'p', 'seeds', 'clips']
    return ('What each part is worth: F1 of the reference less F1 of the row.\n\n'
            + table(head, lines))


def corpus_table(result: Result) -> str:
    """F1 by tested corpus; nothing where there is one."""
    rows = [row for row in result['rows'] if row['seeds']]
    names = sorted({name for row in rows for name in row['per_corpus']})
    if len(names) < 2:
        return ''
    lines = [[_cell(row['name']), *(
        spread(row['per_corpus'][name]['f1']) if name in row['per_corpus'] else DASH
        for name in names)] for row in rows]
    constant = [percent(rows[0]['per_corpus'][name]['all_positive_f1'])
                if name in rows[0]['per_corpus'] else DASH for name in names]
    head = ['row', *(f'tested on {name}' for name in names)]
    return 'F1 by corpus.\n\n' + table(head, [*lines, ['all-positive', *constant]])


def au_table(result: Result) -> str:
    """F1 of every AU."""
    rows = [row for row in result['rows'] if row['seeds']]
    if not rows:
        return ''
    aus = list(dict.fromkeys(au for row in rows for au in row['per_au']))
    first = rows[0]['per_au']
    lines = [['present', *(str(first[au]['positives']) if au in first else DASH
                           for au in aus), '']]
    lines += [[_cell(row['name']), *(
        percent(row['per_au'][au]['f1']['value']) if au in row['per_au'] else DASH
        for au in aus), percent(row['scores']['f1']['value'])] for row in rows]
    lines.append(['all-positive', *(
        percent(first[au]['all_positive_f1']) if au in first else DASH for au in aus),
        percent(rows[0]['scores']['all_positive_f1'])])
    return f'F1 of each AU; the first and last line are of the clips of ' \
        f'{_cell(rows[0]["name"])}.\n\n' + table(['', *aus, 'mean'], lines)


def constant_line(result: Result) -> str:
    """F1 of calling every AU present, on the same clips."""
    named: dict[str, list[str]] = {}
    for row in result['rows']:
        if row['seeds']:
            value = percent(row['scores']['all_positive_f1'])
            named.setdefault(value, []).append(row['name'])
    if not named:
        return ''
    values = [f'{value} ({", ".join(map(_cell, names))})' if len(named) > 1 else value
              for value, names in named.items()]
    return f'Calling every AU present gives, on the same clips, F1 {"; ".join(values)}.'


def state_lines(result: Result) -> str:
    """Rows that are not whole, and why."""
    lines = []
    waiting = [_cell(row['name']) for row in result['rows'] if not _is_begun(row)]
    if waiting:
        lines.append(f'- Not trained yet: {", ".join(waiting)}.')
    for row in filter(_is_begun, result['rows']):
        if row['state'] == 'failed':
            lines.append(f'- {_cell(row["name"])} **failed**: {_cell(row["error"])}')
        elif row['state'] != 'whole':
            lines.append(f'- {_cell(row["name"])}: {len(row["seeds"])} of '
                         f'{row["asked"]} seeds are finished.')
    return '\n'.join(['Not whole:', '', *lines]) if lines else ''


def making_line(result: Result) -> str:
    """When, by which code, on what, and how long."""
    rows = result['rows']
    commits = sorted({commit for row in rows for commit in row.get('commits', ())})
    threads = sorted({n for row in rows for n in row.get('threads', ())})
    code = f'Trained at commit {", ".join(commits)}; written' if commits else 'Written'
    at = f' at {result["commit"]}' if result['commit'] else ''
    dirty = any('+' in (commit or '') for commit in [*commits, result['commit']])
    used = f', {", ".join(map(str, threads))} thread(s) a training' if threads else ''
    note = ' A + means with changes not yet committed.' if dirty else ''
    return (f'{code}{at} on {result["date"]}, {result["cores"]} cores{used}; '
            f'{result["seconds"] / 60:.0f} min of training and prediction, all '
            f'together.{note}')


def commands(result: Result) -> str:
    """The command of the whole, and that of each row alone."""
    rows = '\n'.join(row['command'] for row in result['rows'] if row['command'])
    return (f'```bash\n{result["command"]}\n```\n\n<details><summary>Each row alone'
            f'</summary>\n\n```bash\n{rows}\n```\n\n</details>')


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table.

    Args:
        head: Titles of the columns.
        lines: Cells.

    Examples:
        >>> print(table(['a', 'b'], [['1', '2']]))
        | a | b |
        |---|---|
        | 1 | 2 |
    """
    rows = [head, *lines]
    texts = ['| ' + ' | '.join(row) + ' |' for row in rows]
    return '\n'.join([texts[0], '|' + '---|' * len(head), *texts[1:]])


def percent(value: float | None) -> str:
    """A fraction in per cent, a dash where it is undefined.

    Examples:
        >>> percent(0.615), percent(float('nan'))
        ('61.5', '–')
    """
    return DASH if value is None or math.isnan(value) else f'{100 * value:.1f}'


def signed(value: float) -> str:
    """The same with its sign."""
    return DASH if math.isnan(value) else f'{100 * value:+.1f}'


def spread(measure: Result) -> str:
    """Mean, and deviation over seeds where there are several."""
    text = percent(measure['value'])
    many = len(measure['each_seed']) > 1 and text != DASH
    return f'{text} ± {percent(measure["std"])}' if many else text


def interval(low: float, high: float) -> str:
    """Ends of an interval."""
    return DASH if math.isnan(low) else f'{percent(low)} to {percent(high)}'


def number(value: int | None) -> str:
    """A count with its thousands apart."""
    return DASH if value is None else f'{value:,d}'


def seconds(value: float | None) -> str:
    """A time in whole seconds."""
    return DASH if value is None else f'{value:.0f}'


def _code(names: Sequence[str]) -> str:
    return ', '.join(f'`{name}`' for name in names)


def _cell(text: str) -> str:
    return text.replace('|', '\\|').replace('\n', ' ')
