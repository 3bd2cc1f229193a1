# Copyright (c) AULLM-MM contributors.
"""The report of a corpus reader: what was kept, repaired and dropped, and why."""
from __future__ import annotations

from operator import itemgetter
from typing import Any, Sequence

from aullm_mm.datasets.annotations import AnnotationTable, ClipRecord
from aullm_mm.facs.action_units import action_unit, au_label
from aullm_mm.facs.coding import UNKNOWN_AU


class ReportBuilder:
    """Collects what a reader meets on its way through a release.

    Examples:
        >>> report = ReportBuilder()
        >>> report.drop('sub09/EP02_02f', 'empty AU cell')
        >>> report.build([])['dropped']
        [{'clip': 'sub09/EP02_02f', 'reason': 'empty AU cell'}]
    """

    def __init__(self) -> None:
        self.dropped: list[dict[str, Any]] = []
        self.repairs: list[dict[str, Any]] = []
        self.missing_frames: list[dict[str, Any]] = []
        self.notes: list[str] = []

    def drop(self, clip: str, reason: str) -> None:
        """List a clip as dropped.

        Args:
            clip: ``subject/clip``.
            reason: Why.
        """
        self.dropped.append({'clip': clip, 'reason': reason})

    def repair(self, clip: str, repairs: Sequence[dict[str, Any]]) -> None:
        """List repairs of a clip.

        Args:
            clip: ``subject/clip``.
            repairs: ``repair``, ``from``, ``to`` and ``source`` each.
        """
        self.repairs.extend({'clip': clip, **repair} for repair in repairs)

    def missing(self, clip: str, frames: Sequence[int]) -> None:
        """List frames that are missing inside a clip that was kept.

        Args:
            clip: ``subject/clip``.
            frames: Their numbers; nothing is listed where there are none.
        """
        if frames:
            self.missing_frames.append({
                'clip': clip, 'count': len(frames),
                'first': min(frames), 'last': max(frames)})

    def note(self, text: str) -> None:
        """Add a remark on the release as a whole.

        Args:
            text: One sentence.
        """
        self.notes.append(text)

    def build(self, records: Sequence[ClipRecord]) -> dict[str, Any]:
        """Return the report as JSON values, its lists sorted by clip.

        Args:
            records: Clips kept.
        """
        by_clip = itemgetter('clip')
        return {
            'kept': len(records),
            'subjects': len({record.subject_key for record in records}),
            'dropped': sorted(self.dropped, key=by_clip),
            'repairs': sorted(self.repairs, key=by_clip),
            'missing_frames': sorted(self.missing_frames, key=by_clip),
            'aus': count_aus(records),
            'emotions': _count_emotions(records),
            'notes': list(self.notes),
        }


def count_aus(records: Sequence[ClipRecord]) -> dict[str, dict[str, int]]:
    """Count clips and subjects that show each coded AU.

    Args:
        records: Clips.

    Returns:
        ``{'AU4': {'clips': 129, 'subjects': 24, 'uncertain': 2}, ...}``, rising in
        AU number; ``uncertain`` counts clips where the AU is neither present nor
        absent because its code carries a ``?``.
    """
    numbers = sorted({au.number for record in records for au in record.aus})
    return {au_label(number): _count_au(records, number)
            for number in numbers if number != UNKNOWN_AU}


def format_report(table: AnnotationTable) -> str:
    """Write a table's report for people.

    Args:
        table: Table of a corpus reader.

    Returns:
        Text of several lines, with a newline at its end.
    """
    report, source = table.report, table.source
    lines = [
        f'Corpus {table.corpus}: {report["kept"]} clips of {report["subjects"]} '
        f'subjects kept, {len(report["dropped"])} dropped, '
        f'{len(report["repairs"])} repairs',
        f'Spreadsheet {source["file"]}: {source["rows"]} rows, '
        f'sha256 {source["sha256"]}',
    ]
    lines += [f'Note: {note}' for note in report['notes']]
    lines += _section('Dropped clips', (
        f'{row["clip"]}: {row["reason"]}' for row in report['dropped']))
    lines += _section('Repairs', (
        f'{row["clip"]}: {row["repair"]}, {row["from"] or "empty"} -> {row["to"]} '
        f'({row["source"]})' for row in report['repairs']))
    lines += _section('Frames missing inside kept clips', (
        f'{row["clip"]}: {row["count"]} missing, between {row["first"]} and '
        f'{row["last"]}' for row in report['missing_frames']))
    lines += _section('Emotions', (
        f'{name:12s} {count:5d} clips' for name, count in report['emotions'].items()))
    lines += _section('Action Units', (
        f'{label:5s} {counts["clips"]:5d} clips {counts["subjects"]:4d} subjects '
        f'{counts["uncertain"]:4d} uncertain  {action_unit(int(label[2:])).name}'
        for label, counts in report['aus'].items()))
    return '\n'.join(lines) + '\n'


def _section(title: str, rows: Any) -> list[str]:
    listed = [f'  {row}' for row in rows]
    return ['', f'{title} ({len(listed)})', *listed] if listed else []


def _count_au(records: Sequence[ClipRecord], number: int) -> dict[str, int]:
    shown = [record for record in records if record.label(number) == 1]
    uncertain = sum(record.label(number) == -1 for record in records)
    return {'clips': len(shown), 'uncertain': uncertain,
            'subjects': len({record.subject_key for record in shown})}


def _count_emotions(records: Sequence[ClipRecord]) -> dict[str, int]:
    emotions = [record.emotion or 'not coded' for record in records]
    return {name: emotions.count(name) for name in sorted(set(emotions))}
