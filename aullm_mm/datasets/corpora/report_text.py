# Copyright (c) AULLM-MM contributors.
"""The report of a corpus reader as text for people."""
from __future__ import annotations

from typing import Any, Iterable, Sequence

from aullm_mm.datasets.annotations import AnnotationTable
from aullm_mm.facs.action_units import action_unit

# Clips that are dropped for one reason share a line from this many on.
_SHARED = 4


def format_report(table: AnnotationTable) -> str:
    """Write a table's report for people.

    Args:
        table: Table of a corpus reader.

    Returns:
        Text of several lines, with a newline at its end.
    """
    report = table.report
    lines = [*_head(table), *(f'Note: {note}' for note in report['notes'])]
    lines += _section('Dropped clips', _dropped(report['dropped']),
                      len(report['dropped']))
    lines += _section('Duplicate rows, one kept', (
        f'{row["clip"]}: rows {row["rows"]}' for row in report['duplicates']))
    lines += _section('Repairs', (
        f'{row["clip"]}: {row["repair"]}, {row["from"] or "empty"} -> {row["to"]} '
        f'({row["source"]})' for row in report['repairs']))
    lines += _section('Repairs not applied', (
        f'{row["clip"]}: {row["name"]} not applied: {row["reason"]}'
        for row in report['repairs_not_applied']))
    lines += _section('Frames missing inside kept clips', (
        f'{row["clip"]}: {row["count"]} missing, between {row["first"]} and '
        f'{row["last"]}' for row in report['missing_frames']))
    lines += _section('Subjects', (
        f'{name:12s} {count:5d} clips'
        for name, count in report['subject_clips'].items()))
    lines += _section('Emotions', (
        f'{name:12s} {count:5d} clips' for name, count in report['emotions'].items()))
    if set(report['emotions']) - {'not coded'}:
        lines += _section('Emotions in the 3 classes of MEGC', (
            f'{name:12s} {count:5d} clips'
            for name, count in report['emotion_classes'].items()))
    lines += _section('Action Units', (
        f'{label:5s} {counts["clips"]:5d} clips {counts["subjects"]:4d} subjects '
        f'{counts["uncertain"]:4d} uncertain  {action_unit(int(label[2:])).name}'
        for label, counts in report['aus'].items()))
    return '\n'.join(lines) + '\n'


def _head(table: AnnotationTable) -> list[str]:
    report, source = table.report, table.source
    again = sum(len(row['rows'].split(', ')) - 1 for row in report['duplicates'])
    gaps = report['missing_frames']
    lines = [
        f'Corpus {table.corpus}: {report["kept"]} clips of {report["subjects"]} '
        f'subjects kept, {len(report["dropped"])} dropped, '
        f'{len(report["repairs"])} repairs',
        f'Found {report["found"]}, {again} of them duplicate rows; '
        f'{sum(row["count"] for row in gaps)} frames missing in {len(gaps)} clips',
        f'Made from {source["file"]}: {source["rows"]} rows, sha256 {source["sha256"]}']
    if report['repairs_off']:
        lines.append(f'Switched off: {", ".join(report["repairs_off"])}')
    return lines


def _dropped(rows: Sequence[dict[str, Any]]) -> list[str]:
    clips: dict[str, list[str]] = {}
    for row in rows:
        clips.setdefault(row['reason'], []).append(row['clip'])
    lines = []
    for reason, named in clips.items():
        if len(named) < _SHARED:
            lines += [f'{clip}: {reason}' for clip in named]
        else:
            lines.append(f'{len(named)} clips: {reason}: {", ".join(named)}')
    return lines


def _section(title: str, rows: Iterable[str], count: int | None = None) -> list[str]:
    listed = [f'  {row}' for row in rows]
    number = len(listed) if count is None else count
    return ['', f'{title} ({number})', *listed] if listed else []
