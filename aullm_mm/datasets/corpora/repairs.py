# Copyright (c) AULLM-MM contributors.
"""Repairs of a release: by name, keyed by clip, each with its source.

Row numbers differ between the revisions of a spreadsheet, so no repair depends on one.
A repair changes a clip as coded, or leaves it out, where its condition holds; where it
does not hold, the report says that the repair was not applied.
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterable, Sequence

from aullm_mm.datasets.corpora.frames import ClipDropped
from aullm_mm.datasets.corpora.spreadsheet import frame_number

if TYPE_CHECKING:
    from aullm_mm.datasets.corpora.corpus import CodedClip
    from aullm_mm.datasets.corpora.report import ReportBuilder

#: Switches all repairs off.
ALL = 'all'


@dataclass(frozen=True)
class Repair:
    """One repair.

    Args:
        name: What ``--no-repair`` takes.
        what: What it does, for the report.
        source: Why it is right: which public source says so, or what is seen.
        change: Returns the changed clip, or None where its condition does not hold;
            raises :class:`~aullm_mm.datasets.corpora.frames.ClipDropped` to leave the
            clip out. Takes the clip and the root. None for a rule that is carried out
            when intervals are fitted to frames.
        clips: Keys ``subject/clip`` that it is for, ``*`` standing for any text. Empty
            for a rule that looks at every clip.
        unless: What to report where its condition does not hold.

    Examples:
        >>> Repair('a', 'b', 'c', clips=('sub01/EP*',)).matches('sub01/EP02_01f')
        True
    """

    name: str
    what: str
    source: str
    change: Callable[[CodedClip, Path], CodedClip | None] | None = None
    clips: tuple[str, ...] = ()
    unless: str = 'the fault is not in this release'

    def matches(self, key: str) -> bool:
        """Whether the repair looks at a clip.

        Args:
            key: ``subject/clip``.
        """
        return not self.clips or any(fnmatchcase(key, clip) for clip in self.clips)


#: Rules for every corpus; :func:`~aullm_mm.datasets.corpora.frames.fit_interval`
#: carries them out. Switched off, the clips that need them are dropped.
GENERAL = (
    Repair('boundary-to-frame', 'onset or offset moved to the nearest existing frame',
           'the frame is missing or empty in the release'),
    Repair('apex-to-middle', 'apex set to the middle of the interval',
           'no valid apex is coded, or it is outside the interval; a common choice of '
           'public readers'),
    Repair('apex-to-frame', 'apex moved to the nearest existing frame',
           'the frame is missing or empty in the release'),
)


def check_names(skip: Iterable[str], repairs: Iterable[Repair], corpus: str
                ) -> tuple[str, ...]:
    """Return the names of the repairs to leave out, sorted.

    Args:
        skip: Names of repairs, or :data:`ALL`.
        repairs: The repairs that there are.
        corpus: Name of the corpus, for the message.

    Raises:
        ValueError: If there is no such repair; the message lists those there are.

    Examples:
        >>> check_names(['all'], GENERAL, 'casme2')
        ('apex-to-frame', 'apex-to-middle', 'boundary-to-frame')
    """
    known, wanted = {repair.name for repair in repairs}, set(skip)
    unknown = sorted(wanted - known - {ALL})
    if unknown:
        raise ValueError(f'no repair {", ".join(map(repr, unknown))} of {corpus}: '
                         f'choose among {", ".join(sorted(known))}, or {ALL}')
    return tuple(sorted(known if ALL in wanted else wanted))


def apply_repairs(clips: Sequence[CodedClip], repairs: Iterable[Repair], root: Path,
                  report: ReportBuilder) -> list[CodedClip]:
    """Carry out the repairs of a corpus.

    Args:
        clips: Clips as coded.
        repairs: Repairs, in the order in which they are tried.
        root: Folder of the release.
        report: Where repairs, dropped clips and repairs not applied are listed.

    Returns:
        The clips, without those left out.
    """
    for repair in repairs:
        kept = []
        for clip in clips:
            changed = _try(repair, clip, root, report)
            if changed is not None:
                kept.append(changed)
        for pattern in repair.clips:
            if not any(fnmatchcase(clip.key, pattern) for clip in clips):
                report.not_applied(repair.name, pattern, 'no such clip in this release')
        clips = kept
    return list(clips)


def _try(repair: Repair, clip: CodedClip, root: Path, report: ReportBuilder
         ) -> CodedClip | None:
    if repair.change is None or not repair.matches(clip.key):
        return clip
    try:
        changed = repair.change(clip, root)
    except ClipDropped as error:
        report.drop(clip.key, f'{error} (repair {repair.name}; {repair.source})')
        return None
    if changed is not None:
        report.repair(clip.key, [_listed(repair, clip, changed)])
    elif repair.clips:
        report.not_applied(repair.name, clip.key, repair.unless)
    return changed or clip


def _listed(repair: Repair, before: CodedClip, after: CodedClip) -> dict[str, Any]:
    pairs = [pair for pair in zip(before.content, after.content) if pair[0] != pair[1]]
    return {'name': repair.name, 'repair': repair.what, 'source': repair.source,
            'from': ', '.join(str(old) for old, _ in pairs),
            'to': ', '.join(str(new) for _, new in pairs)}


def apex_outside(clip: CodedClip, root: Path) -> CodedClip | None:
    """Change of a repair: an apex outside its interval becomes the middle of it.

    Args:
        clip: The clip.
        root: Folder of the release; not used.

    Returns:
        The changed clip, or None where the apex is inside the interval.
    """
    onset, apex, offset = map(frame_number, (clip.onset, clip.apex, clip.offset))
    if onset is None or offset is None or apex is None or onset <= apex <= offset:
        return None
    return replace(clip, apex=str((onset + offset) // 2))


def leave_out(reason: str) -> Callable[[CodedClip, Path], CodedClip | None]:
    """Make the change of a repair that leaves its clips out.

    Args:
        reason: Why, for the report.

    Examples:
        >>> leave_out('a hand hides the face')(None, None)
        Traceback (most recent call last):
        ...
        aullm_mm.datasets.corpora.frames.ClipDropped: a hand hides the face
    """
    def change(clip: CodedClip, root: Path) -> CodedClip | None:
        raise ClipDropped(reason)
    return change
