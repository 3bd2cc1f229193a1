# Copyright (c) AULLM-MM contributors.
"""The report of a corpus reader: what was kept, repaired and dropped, and why."""
from __future__ import annotations

from collections import Counter
from operator import itemgetter
from typing import Any, Iterable, Sequence

from aullm_mm.datasets.annotations import ClipRecord
from aullm_mm.facs.action_units import au_label
from aullm_mm.facs.coding import UNKNOWN_AU
from aullm_mm.facs.emotions import emotion_class


class ReportBuilder:
    """Collects what a reader meets on its way through a release.

    Args:
        off: Names of the repairs that are switched off. Defaults to none.

    Examples:
        >>> report = ReportBuilder()
        >>> report.drop('sub09/EP02_02f', 'empty AU cell')
        >>> report.build([])['dropped']
        [{'clip': 'sub09/EP02_02f', 'reason': 'empty AU cell'}]
    """

    def __init__(self, off: Sequence[str] = ()) -> None:
        self.found = 0
        self.off = list(off)
        self.dropped: list[dict[str, Any]] = []
        self.duplicates: list[dict[str, Any]] = []
        self.repairs: list[dict[str, Any]] = []
        self.unapplied: list[dict[str, Any]] = []
        self.missing_frames: list[dict[str, Any]] = []
        self.notes: list[str] = []

    def drop(self, clip: str, reason: str) -> None:
        """List a clip as dropped.

        Args:
            clip: ``subject/clip``.
            reason: Why.
        """
        self.dropped.append({'clip': clip, 'reason': reason})

    def duplicate(self, clip: str, rows: str) -> None:
        """List a clip that stands there several times, each time the same.

        Args:
            clip: ``subject/clip``.
            rows: Where, the row that is kept first.
        """
        self.duplicates.append({'clip': clip, 'rows': rows})

    def repair(self, clip: str, repairs: Sequence[dict[str, Any]]) -> None:
        """List repairs of a clip.

        Args:
            clip: ``subject/clip``.
            repairs: ``name``, ``repair``, ``from``, ``to`` and ``source`` each.
        """
        self.repairs.extend({'clip': clip, **repair} for repair in repairs)

    def not_applied(self, name: str, clip: str, reason: str) -> None:
        """List a repair whose condition does not hold in this release.

        Args:
            name: Name of the repair.
            clip: ``subject/clip`` that it is for.
            reason: Why it was not applied.
        """
        self.unapplied.append({'clip': clip, 'name': name, 'reason': reason})

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
        subjects = Counter(record.subject for record in records)
        return {
            'found': self.found,
            'kept': len(records),
            'subjects': len(subjects),
            'subject_clips': dict(sorted(subjects.items())),
            'dropped': sorted(self.dropped, key=by_clip),
            'duplicates': sorted(self.duplicates, key=by_clip),
            'repairs': sorted(self.repairs, key=by_clip),
            'repairs_not_applied': sorted(self.unapplied, key=by_clip),
            'repairs_off': self.off,
            'missing_frames': sorted(self.missing_frames, key=by_clip),
            'aus': count_aus(records),
            'emotions': _count(record.emotion or 'not coded' for record in records),
            'emotion_classes': _count(
                emotion_class(record.emotion, '3') or 'left out' for record in records),
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


def _count_au(records: Sequence[ClipRecord], number: int) -> dict[str, int]:
    shown = [record for record in records if record.label(number) == 1]
    uncertain = sum(record.label(number) == -1 for record in records)
    return {'clips': len(shown), 'uncertain': uncertain,
            'subjects': len({record.subject_key for record in shown})}


def _count(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
