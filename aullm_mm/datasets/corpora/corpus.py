# Copyright (c) AULLM-MM contributors.
"""What a corpus module says about its corpus, and what it hands on of each clip."""
from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Callable, Iterator, Mapping, NamedTuple, Sequence

from aullm_mm.datasets.corpora.repairs import GENERAL, Repair
from aullm_mm.datasets.corpora.spreadsheet import Row
from aullm_mm.facs.coding import CodedAU, parse_coded_aus


class Layout(NamedTuple):
    """A folder of frames as a release has it.

    Args:
        folder: Its name, relative to the root of the release.
        images: File name of a frame: a template such as ``'img{}.jpg'``, or a pattern
            with a star where the digits stand, ``'006_*.jpg'`` or ``'*'`` alone, from
            which the template of each clip is found.
    """

    folder: str
    images: str = '*'


@dataclass(frozen=True)
class CodedClip:
    """One clip as the release codes it, before it is checked against the frames.

    Args:
        subject: Subject, empty where the release does not say.
        clip: Name of the clip, empty where the release does not say.
        onset: Text of the onset cell.
        apex: Text of the apex cell.
        offset: Text of the offset cell.
        aus: Text of the AU cell.
        emotion: Text of the emotion cell.
        frame_dir: Folder of the frames, relative to the root of the release.
        images: Template or pattern of the frames' names, see :class:`Layout`.
        place: Where it stands, for messages: ``'row 5'``.
        fps: Frames per second, where they differ from those of the corpus.
        kind: Kind of expression, where the corpus has several.

    Examples:
        >>> CodedClip('sub01', '', '1', '2', '3', '4', '', 'd', '*').key
        'sub01/(no clip)'
    """

    subject: str
    clip: str
    onset: str
    apex: str
    offset: str
    aus: str
    emotion: str
    frame_dir: str
    images: str
    place: str = ''
    fps: float | None = None
    kind: str = ''

    @classmethod
    def of_row(cls, row: Row, subject: str, clip: str, frame_dir: str, images: str,
               **cells: str) -> CodedClip:
        """Return the clip of a row, its cells taken by their field names.

        Args:
            row: The row.
            subject: Subject.
            clip: Name of the clip.
            frame_dir: Folder of the frames, relative to the root.
            images: Template or pattern of the frames' names.
            cells: Cells that differ from those of the row.
        """
        names = ('onset', 'apex', 'offset', 'aus', 'emotion')
        found = {name: row.cells.get(name, '') for name in names}
        return cls(subject, clip, frame_dir=frame_dir, images=images, place=row.place,
                   **{**found, **cells})

    @property
    def key(self) -> str:
        """``subject/clip``, with a hint where one is missing."""
        return f'{self.subject or "(no subject)"}/{self.clip or "(no clip)"}'

    @property
    def content(self) -> tuple:
        """Everything but the place: equal for a row that stands there twice."""
        return tuple(getattr(self, f.name) for f in fields(self) if f.name != 'place')


class Reading(NamedTuple):
    """What a corpus module found in a release.

    Args:
        clips: The clips, in the order of the release.
        dropped: Key and reason of what could not be read as a clip.
        notes: Remarks on the release as a whole.
    """

    clips: Sequence[CodedClip]
    dropped: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Corpus:
    """A corpus: data, and functions for what is peculiar to it.

    A corpus with a spreadsheet names its ``spreadsheets``, their ``columns`` and
    ``to_clip``. Any other one has ``find_sources`` with ``looked_for`` instead of the
    first, and ``read_clips`` instead of the others.

    Args:
        name: Registry name.
        title: Name for people.
        fps: Frames per second.
        owners: Whom to ask for it.
        layouts: Frame folders, the preferred one first.
        spreadsheets: File names of the revisions, the newest one first.
        columns: Field -> title of its column, or its place from 0 without a header.
        to_clip: Makes a clip of a row; takes the row, the layout and the root.
        sheets: Names of the sheet, tried in turn; ``''`` is the first sheet.
        find_sources: Returns the files, or folders, that the table is made from, none
            where there are none; takes the root.
        looked_for: What that looks for, for messages.
        read_clips: Returns the clips; takes the root, the sources and the layout.
        repairs: Repairs of this corpus, in the order in which they are tried.
        parse_aus: Reads an AU cell.
        coded_aus: AUs that the corpus codes, None for all of FACS.
        has_apex: Whether it codes apex frames. Defaults to True.

    Examples:
        >>> Corpus('mine', 'My corpus', 30.0, 'me', (Layout('frames'),)).has_apex
        True
    """

    name: str
    title: str
    fps: float
    owners: str
    layouts: tuple[Layout, ...]
    spreadsheets: tuple[str, ...] = ()
    columns: Mapping[str, str | int] = field(
        default_factory=lambda: MappingProxyType({}))
    to_clip: Callable[[Row, Layout, Path], CodedClip] | None = None
    sheets: tuple[str, ...] = ('',)
    find_sources: Callable[[Path], Sequence[Path]] | None = None
    looked_for: tuple[str, ...] = ()
    read_clips: Callable[[Path, Sequence[Path], Layout], Reading] | None = None
    repairs: tuple[Repair, ...] = ()
    parse_aus: Callable[[str], tuple[CodedAU, ...]] = parse_coded_aus
    coded_aus: tuple[int, ...] | None = None
    has_apex: bool = True

    def switches(self) -> Iterator[Repair]:
        """Every repair that can be switched off, the general ones last."""
        yield from self.repairs
        yield from (r for r in GENERAL if self.has_apex or 'apex' not in r.name)
