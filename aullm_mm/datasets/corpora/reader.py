# Copyright (c) AULLM-MM contributors.
"""From the clips of a release, as coded, to an annotation table; for every corpus."""
from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Iterable, Sequence

from aullm_mm.datasets.annotations import AnnotationTable, ClipRecord
from aullm_mm.datasets.corpora.corpus import CodedClip, Corpus, Layout, Reading
from aullm_mm.datasets.corpora.frames import (ClipDropped, Interval, find_template,
                                              fit_interval, list_frames)
from aullm_mm.datasets.corpora.repairs import apply_repairs, check_names
from aullm_mm.datasets.corpora.report import ReportBuilder
from aullm_mm.datasets.corpora.sources import (digest, find_layout, find_sources,
                                               source_name)
from aullm_mm.datasets.corpora.spreadsheet import frame_number, read_rows
from aullm_mm.facs.coding import CodedAU
from aullm_mm.facs.emotions import canonical_emotion

# How the reasons begin for which a clip without frames is dropped.
NO_FRAMES = ('no frame folder', 'no image named', '0 usable frame')


def read_release(corpus: Corpus, root: Path, skip: Iterable[str] = ()
                 ) -> AnnotationTable:
    """Read a release into an annotation table.

    Args:
        corpus: The corpus.
        root: Folder of the release.
        skip: Names of repairs to leave out, or ``all``. Defaults to none.

    Returns:
        The table; its report lists every repair and every dropped clip.

    Raises:
        FileNotFoundError: If the annotations or the frames are missing.
        ValueError: If there is no such repair, a column is missing, a clip has two rows
            that differ, no AU cell can be read or no clip is usable.
    """
    switches = tuple(corpus.switches())
    off = check_names(skip, switches, corpus.name)
    sources = find_sources(corpus, root)
    layout = find_layout(corpus, root)
    reading = _read_clips(corpus, root, sources, layout)
    report = ReportBuilder(off)
    _note_release(corpus, root, sources, layout, reading, report)
    path = sources[0] if len(sources) == 1 else root
    clips = _merge_same(_drop_nameless(reading, report), path, report)
    repairs = [repair for repair in switches if repair.name not in off]
    clips = apply_repairs(clips, repairs, root, report)
    coded = _read_aus(corpus, clips, path, report)
    records = _fit_all(corpus, root, coded, off, report)
    _check_usable(records, report, path)
    source = {'file': source_name(sources, root), 'sha256': digest(sources, root),
              'rows': len(reading.clips) + len(reading.dropped)}
    records.sort(key=lambda record: record.key)
    return AnnotationTable(corpus.name, tuple(records), source, report.build(records))


def _read_clips(corpus: Corpus, root: Path, sources: Sequence[Path], layout: Layout
                ) -> Reading:
    if corpus.read_clips is not None:
        return corpus.read_clips(root, sources, layout)
    rows = read_rows(sources[0], corpus.columns, corpus.sheets)
    return Reading([corpus.to_clip(row, layout, root) for row in rows])


def _drop_nameless(reading: Reading, report: ReportBuilder) -> list[CodedClip]:
    report.found = len(reading.clips) + len(reading.dropped)
    for key, reason in reading.dropped:
        report.drop(key, reason)
    named = []
    for clip in reading.clips:
        if clip.subject and clip.clip:
            named.append(clip)
        else:
            report.drop(clip.key, f'{clip.place} lacks its subject number or file name '
                                  '(merged cells?)')
    return named


def _merge_same(clips: Sequence[CodedClip], path: Path, report: ReportBuilder
                ) -> list[CodedClip]:
    by_key: dict[str, list[CodedClip]] = {}
    for clip in clips:
        by_key.setdefault(clip.key, []).append(clip)
    differ = []
    for key, same in sorted(by_key.items()):
        places = ', '.join(clip.place.removeprefix('row ') for clip in same)
        if len({clip.content for clip in same}) > 1:
            differ.append(f'{key} (rows {places})')
        elif len(same) > 1:
            report.duplicate(key, places)
    if differ:
        raise ValueError(f'{path}: {len(differ)} clip(s) with more than one row: '
                         f'{"; ".join(differ)}. The rows differ: keep one a clip')
    return [same[0] for same in by_key.values()]


def _read_aus(corpus: Corpus, clips: Sequence[CodedClip], path: Path,
              report: ReportBuilder) -> list[tuple[CodedClip, tuple[CodedAU, ...]]]:
    if corpus.coded_aus == ():
        return [(clip, ()) for clip in clips]
    coded, unreadable = [], []
    for clip in clips:
        try:
            coded.append((clip, corpus.parse_aus(clip.aus)))
        except ValueError as error:
            unreadable.append((clip.key, error))
            report.drop(clip.key, str(error))
    if unreadable and not coded:
        cells = ', '.join(f'{clip.key} {clip.aus!r}' for clip in clips)
        raise ValueError(f'{path}: none of {len(unreadable)} cells of column '
                         f'{corpus.columns.get("aus", "aus")!r} can be read: {cells}. '
                         f'The first, {unreadable[0][0]}: {unreadable[0][1]}')
    return coded


def _fit_all(corpus: Corpus, root: Path,
             coded: Sequence[tuple[CodedClip, tuple[CodedAU, ...]]],
             skip: Sequence[str], report: ReportBuilder) -> list[ClipRecord]:
    # Clips of one recording share a folder, which may hold thousands of frames.
    templates, frames = lru_cache(None)(find_template), lru_cache(None)(list_frames)
    records = []
    for clip, aus in coded:
        folder = root / clip.frame_dir
        try:
            template = templates(folder, clip.images)
            interval = _fit(corpus, clip, frames(folder, template), skip)
        except ClipDropped as error:
            report.drop(clip.key, str(error))
            continue
        report.repair(clip.key, interval.repairs)
        report.missing(clip.key, interval.missing)
        records.append(_record(corpus, clip, interval, template, aus))
    return records


def _fit(corpus: Corpus, clip: CodedClip, frames: Sequence[int], skip: Sequence[str]
         ) -> Interval:
    onset, apex, offset = map(frame_number, (clip.onset, clip.apex, clip.offset))
    if corpus.has_apex:
        return fit_interval(onset, apex, offset, frames, clip.apex, skip)
    found = fit_interval(onset, None, offset, frames, '', skip)
    kept = tuple(r for r in found.repairs if r['name'] != 'apex-to-middle')
    return Interval(found.onset, None, found.offset, found.missing, kept)


def _record(corpus: Corpus, clip: CodedClip, interval: Interval, template: str,
            aus: tuple[CodedAU, ...]) -> ClipRecord:
    return ClipRecord(
        corpus.name, clip.subject, clip.clip, interval.onset, interval.apex,
        interval.offset, clip.fps or corpus.fps, clip.frame_dir, template, aus,
        canonical_emotion(clip.emotion) or None, corpus.coded_aus)


def _check_usable(records: Sequence[ClipRecord], report: ReportBuilder, path: Path
                  ) -> None:
    if not records:
        first = (report.dropped or [{'clip': '-', 'reason': 'no row'}])[0]
        raise ValueError(f'{path}: none of {report.found} rows gives a usable clip, '
                         f'the first, {first["clip"]}, because of: {first["reason"]}')
    absent = sum(row['reason'].startswith(NO_FRAMES) for row in report.dropped)
    if 2 * absent > report.found:
        report.notes.insert(0, (
            f'{absent} of {report.found} clips have no frames: an interrupted '
            'download? Unpack the release again and rerun before training'))


def _note_release(corpus: Corpus, root: Path, sources: Sequence[Path], layout: Layout,
                  reading: Reading, report: ReportBuilder) -> None:
    others = [name for name in corpus.spreadsheets
              if name != sources[0].name and (root / name).is_file()]
    if others:
        report.note(f'{sources[0].name} is the newest revision here; not read: '
                    f'{", ".join(others)}')
    preferred = corpus.layouts[0].folder
    if layout.folder != preferred:
        report.note(f'{preferred}/ is missing, so the frames of {layout.folder}/ are '
                    'used')
    if not corpus.has_apex:
        report.note('this corpus codes no apex: records have none, and the middle of '
                    'the interval stands for it when a clip is loaded')
    for note in reading.notes:
        report.note(note)
    strays = _strays(root, layout, reading) if corpus.spreadsheets else []
    if strays:
        more = f' and {len(strays) - 8} more' if len(strays) > 8 else ''
        report.note('frame folders without a row in the spreadsheet: '
                    f'{", ".join(strays[:8])}{more}')


def _strays(root: Path, layout: Layout, reading: Reading) -> list[str]:
    """Folders as deep as those of the clips that no clip names."""
    base = Path(layout.folder)
    listed = {Path(clip.frame_dir).relative_to(base) for clip in reading.clips
              if clip.subject and clip.clip}
    depths, last = {len(path.parts) for path in listed}, {path.name for path in listed}
    if len(depths) != 1:
        return []
    stars = ['*'] * depths.pop()
    if len(stars) > 2 and len(last) == 1:  # .../color, beside .../depth
        stars[-1] = last.pop()
    ground = root / base
    found = {path.relative_to(ground) for path in ground.glob('/'.join(stars))
             if path.is_dir()}
    return sorted(path.as_posix() for path in found - listed)
