# Copyright (c) AULLM-MM contributors.
"""The annotation table: one record a clip, whatever corpus it comes from.

A table is a JSON file that ``aullm_mm.datasets.corpora`` writes from an official
release. Frame numbers are those of the release, and intervals are inclusive.
"""
from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Sequence

import numpy as np

from aullm_mm.facs.action_units import check_au_list
from aullm_mm.facs.coding import UNKNOWN_AU, CodedAU
from aullm_mm.facs.emotions import emotion_class
from aullm_mm.utils.atomic import write_text_atomic

FORMAT = 'aullm_mm.annotations'
VERSION = 2
_REMEDY = 'make the table again with tools/prepare_corpus.py'


@dataclass(frozen=True)
class ClipRecord:
    """One annotated clip.

    Args:
        corpus: Registry name of the corpus, for example ``'casme2'``.
        subject: Subject as the release names it, for example ``'sub01'``.
        clip: Clip as the release names it, for example ``'EP02_01f'``.
        onset: First frame of the movement.
        apex: Frame of its greatest extent, or None where the corpus has none.
        offset: Last frame of the movement.
        fps: Frames per second of the recording.
        frame_dir: Folder of the frames, relative to the corpus root, with ``/``.
        frame_template: File name of a frame, ``'reg_img{}.jpg'``; the braces take
            the frame number.
        aus: Coded AUs.
        emotion: Emotion as coded, or None where there is none;
            :meth:`emotion_in` gives its class in the schemes of the field.
        coded_aus: AUs that the coders of the corpus looked for, or None where it is all
            of FACS. Every other AU is unknown.

    Examples:
        >>> record = ClipRecord('casme2', 'sub01', 'EP02_01f', 46, 59, 86, 200.0,
        ...                     'Cropped/sub01/EP02_01f', 'reg_img{}.jpg')
        >>> record.key, record.frame_path(46)
        ('casme2/sub01/EP02_01f', 'Cropped/sub01/EP02_01f/reg_img46.jpg')
    """

    corpus: str
    subject: str
    clip: str
    onset: int
    apex: int | None
    offset: int
    fps: float
    frame_dir: str
    frame_template: str
    aus: tuple[CodedAU, ...] = ()
    emotion: str | None = None
    coded_aus: tuple[int, ...] | None = None

    @property
    def key(self) -> str:
        """Name of the clip over all corpora, ``corpus/subject/clip``."""
        return f'{self.subject_key}/{self.clip}'

    @property
    def subject_key(self) -> str:
        """Name of the subject over all corpora, ``corpus/subject``."""
        return f'{self.corpus}/{self.subject}'

    def frame_path(self, number: int) -> str:
        """Path of a frame, relative to the corpus root.

        Args:
            number: Frame number of the release.
        """
        return f'{self.frame_dir}/{self.frame_template.format(number)}'

    def emotion_in(self, scheme: str) -> str | None:
        """Class of the emotion in a scheme of the field, None where it is left out.

        Args:
            scheme: ``'3'``, ``'5'``, ``'5-samm'`` or ``'7'``.
        """
        return emotion_class(self.emotion, scheme)

    def label(self, number: int) -> float:
        """Label of an AU: 1 present, 0 absent, -1 unknown.

        Present where it is coded on either side without ``?``. An AU that is held
        unchanged through the clip, ``(k)``, does not move and so is absent. Where the
        coder noted an AU without naming it, every AU that is not listed is unknown, and
        so is one that the corpus does not code.

        Args:
            number: FACS number.
        """
        if self.coded_aus is not None and number not in self.coded_aus:
            return -1.0
        listed = [au for au in self.aus if au.number == number and not au.static]
        if any(not au.uncertain for au in listed):
            return 1.0
        unnamed = any(au.number == UNKNOWN_AU for au in self.aus)
        coded_static = any(au.number == number and au.static for au in self.aus)
        return -1.0 if listed or (unnamed and not coded_static) else 0.0


@dataclass(frozen=True)
class AnnotationTable:
    """The clips of one corpus and how they came to be.

    Args:
        corpus: Registry name of the corpus.
        records: Clips, sorted by key.
        source: The spreadsheet: ``file``, ``sha256``, ``rows``.
        report: What was kept, repaired and dropped; JSON values only.

    Examples:
        >>> AnnotationTable('casme2', (), {}, {}).records
        ()
    """

    corpus: str
    records: tuple[ClipRecord, ...]
    source: dict[str, Any]
    report: dict[str, Any]


def save_table(table: AnnotationTable, path: str | os.PathLike) -> Path:
    """Write a table; the same table always gives the same bytes.

    Args:
        table: The table.
        path: File to write; it is replaced in one step.

    Returns:
        The path written.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = save_table(AnnotationTable('x', (), {}, {}), f'{folder}/x.json')
        ...     load_table(path).corpus
        'x'
    """
    document = {
        'format': FORMAT, 'version': VERSION, 'corpus': table.corpus,
        'source': table.source, 'report': table.report,
        'records': [asdict(r) for r in sorted(table.records, key=lambda r: r.key)],
    }
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
    return write_text_atomic(path, text + '\n')


def load_table(path: str | os.PathLike) -> AnnotationTable:
    """Read a table that :func:`save_table` wrote.

    Args:
        path: The JSON file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no annotation table of this version, or lacks a field;
            the message names the file and the clip.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'no annotation table at {path}: {_REMEDY}')
    try:
        document = json.loads(path.read_text(encoding='utf-8'))
    except ValueError as error:
        raise ValueError(
            f'{path} is not readable as JSON ({error}): {_REMEDY}') from None
    found = [document.get(k) for k in ('format', 'version')] if isinstance(
        document, dict) else type(document).__name__
    if found != [FORMAT, VERSION]:
        raise ValueError(f'{path} is not an annotation table of format {FORMAT!r} '
                         f'version {VERSION} (found {found}): {_REMEDY}')
    missing = sorted({'corpus', 'records', 'source', 'report'} - document.keys())
    if missing:
        raise ValueError(f'{path} lacks {missing}: {_REMEDY}')
    records = tuple(_read_record(row, path) for row in document['records'])
    return AnnotationTable(
        document['corpus'], records, document['source'], document['report'])


def label_matrix(records: Sequence[ClipRecord], aus: Sequence[int]) -> np.ndarray:
    """Return the AU labels of clips, see :meth:`ClipRecord.label`.

    Args:
        records: Clips, one a row.
        aus: FACS numbers, one a column.

    Returns:
        float32 array of 1 (present), 0 (absent) and -1 (unknown, to be masked).

    Shapes:
        - output: (clips, N)

    Raises:
        ValueError: If the AU list is empty, repeats an AU or names an unknown one.

    Examples:
        >>> from aullm_mm.facs import parse_coded_aus
        >>> record = ClipRecord('c', 's', 'k', 1, 2, 3, 200.0, 'd', '{}.jpg',
        ...                     parse_coded_aus('L1+2?'))
        >>> label_matrix([record], [1, 2, 4]).tolist()
        [[1.0, -1.0, 0.0]]
    """
    numbers = check_au_list(aus)
    rows = [[record.label(number) for number in numbers] for record in records]
    return np.asarray(rows, dtype=np.float32).reshape(len(rows), len(numbers))


def _read_record(row: dict[str, Any], path: Path) -> ClipRecord:
    names = {field.name for field in fields(ClipRecord)}
    known = row if isinstance(row, dict) else {}
    clip = '/'.join(str(known.get(k, '?')) for k in ('corpus', 'subject', 'clip'))
    if known.keys() != names:
        raise ValueError(f'{path}, clip {clip}: fields missing '
                         f'{sorted(names - known.keys())}, unknown '
                         f'{sorted(known.keys() - names)}: {_REMEDY}')
    try:
        aus = tuple(CodedAU(**au) for au in known['aus'])
        coded = known['coded_aus']
        coded = None if coded is None else tuple(coded)
        in_order = known['onset'] <= known['offset']
    except TypeError as error:
        raise ValueError(f'{path}, clip {clip}: {error}: {_REMEDY}') from None
    if not in_order:
        raise ValueError(f'{path}, clip {clip}: onset {known["onset"]} after offset '
                         f'{known["offset"]}: {_REMEDY}')
    return ClipRecord(**{**known, 'aus': aus, 'coded_aus': coded})
