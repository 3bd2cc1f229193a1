# Copyright (c) AULLM-MM contributors.
"""Tiny releases in the official layouts of the corpora, made by code for tests.

Each has the quirks of the real one. Subjects, clips and codes are made up, but for the
clips that a repair names.
"""
from __future__ import annotations

import csv
from pathlib import Path
from typing import Iterable, Mapping, Sequence

import casme2_release
import cv2
import numpy as np
from openpyxl import Workbook

PICTURE = cv2.imencode('.jpg', np.full((8, 6, 3), 90, np.uint8))[1].tobytes()
SAMM_SHEET = 'SAMM_Micro_FACS_Codes_v2.xlsx'
SAMM_HEADER = ('Subject', 'Filename', 'Inducement Code', 'Onset Frame', 'Apex Frame',
               'Offset Frame', 'Duration', 'Micro', 'Action Units', 'Estimated Emotion',
               'Objective Classes', 'Notes')
# subject, clip, onset, apex, offset, AUs, emotion, template of the images
SAMM = (
    (6, '006_1_2', 5562, 5565, 5568, 'R14A', 'Other', '006_{:05d}.jpg'),
    (6, '006_1_3', 97, 100, 104, 'R12 + R15', 'Contempt', '006_{:04d}.jpg'),
    (11, '011_2_1', 40, None, 46, 'L14 or L12 + 4', 'Others', '011_{:05d}.jpg'),
    (28, '028_4_1', 30, 50, 36, '4+7B', 'Anger', '028_{:05d}.jpg'),
    (32, '032_3_1', 20, 23, 26, '2', 'Surprise', '032_{:05d}.jpg'),
    (13, '013_1_8', 10, 12, 16, '12', 'Happiness', '013_1_8_{:05d}.jpg'),
)
CASME_SHEET = 'casme.xlsx'
CASME_HEADER = ('Emotion', 'Subject', None, 'Filename', 'OnsetF', 'ApexF1', 'ApexF2',
                'OffsetF', None, 'AU')
CASME = (
    ('tense', 1, None, 'EP01_5', 10, 12, 14, 16, None, '4'),
    ('disgust', 1, None, 'EP03_2', 20, '/', 23, 26, None, '4+L10'),
    ('surprise', 2, None, 'EP07_1', 5, 8, None, 11, None, '1+2'),
    ('repression', 2, None, 'EP08_3', 9, None, '/', 15, None, '15?'),
)
SQ_SHEET = 'CAS(ME)^2code_final.xlsx'
MICRO, MACRO = 'micro-expression', 'macro-expression'
SQ = (
    (1, 'anger1_1', 557, 560, 565, '4+7', 'negative', MICRO, 'anger'),
    (1, 'anger1_2', 600, 604, 640, '4', 'negative', MACRO, 'anger'),
    (1, 'happy1_1', 20, 24, 28, '12', 'positive', MICRO, 'happyiness'),
    (2, 'anger1_1', 30, 33, 0, '4', 'others', MICRO, 'anger'),
    (2, 'happy1_3', 12, 15, 19, '6+12', 'positive', MICRO, 'happyiness'),
)
SQ_SUBJECTS = ((15, 's15', 1), (16, 's16', 2))
SQ_STIMULI = ((401, 'anger1'), ('0502', 'happy1'))
A_SHEET = 'cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx'
A_HEADER = ('Subject', 'Filename', 'Onset', 'Apex', 'Offset', 'AU', 'Objective class',
            'emotion')
CASME3A = (
    ('spNO.1', 'a', 166, 170, 175, '4', 4, 'disgust'),
    ('spNO.1', 'a', 200, 203, 209, '1+2', 2, 'surprise'),
    ('spNO.1', 'B', 12, 15, 19, 14, 7, 'others'),
    ('spNO.2', 'c', 30, 34, 39, None, 7, 'fear'),
    ('spNO.184', 'k', 5, 8, 12, '4', 4, 'anger'),
    ('spNO.2', 'd', 50, 53, 58, '12', 1, 'happy'),
)
C_SHEET = 'CAS(ME)3_part_C_ME.xlsx'
CASME3C = (
    (1, 1, 10, 17, '4,7'), (1, 2, 30, 36, '1\N{FULLWIDTH COMMA}2'), (12, 1, 8, 15, 14),
    (12, 1, 40, 47, '4'))
MMEW_SHEET = 'MMEW_Micro_Exp.xlsx'
MMEW_HEADER = ('Subject', 'Filename', 'OnsetFrame', 'ApexFrame', 'OffsetFrame',
               'Action Units', 'Estimated Emotion', 'remarks')
MMEW = (
    (1, 'S01-01-001', 1, 5, 9, '12', 'happiness', None),
    (1, 'S01-03-001', 1, 4, 8, '1+2+5', 'surprise', 'blinks'),
    (2, 'S02-07-002', 1, 3, 7, '4', 'others', None),
    (2, 'S02-07-003', 1, 300, 400, '4+10', 'others', None),
)
DME_SHEET = '4DME_Labelling_Micro_release v1.xlsx'
DME_HEADER = ('sub_ID', 'fold', 'fold_name', 'Emotion', 'Onset', 'Apex', 'Offset',
              'AUs', 'AU4', 'AU7', 'eye blink', 'Positive', 'Negative', 'Surprise',
              'Repression', 'Others')
DME = (
    ('sub1', 1, 'clip_01', 'Negative', 10, 13, 17, 'AU4(k)+L7', 1, 1),
    ('sub1', 2, 'clip_02', 'Positive', 20, 24, 29, 'AUR2+12(k)+45', 0, 0),
    ('sub2', 1, 'clip_01', 'Surprise', 5, 8, 12, 'AU1+2', 0, 0),
)
DISFA_AUS = (1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26)
GENERIC_HEADER = ('subject', 'clip', 'onset', 'apex', 'offset', 'aus', 'emotion', 'fps',
                  'frame_dir', 'frame_template')
GENERIC = (
    ('ann', 'smile', 1, 4, 8, '6+12B', 'happy', 25, 'frames/ann/smile', 'f{:03d}.jpg'),
    ('ann', 'rest', 1, '', 6, 'none', '', 25, 'frames/ann/rest', ''),
    ('bob', 'frown', 10, 12, 15, '4', 'anger', 29.97, 'frames/bob/frown', ''),
)


def write_images(folder: Path, numbers: Iterable[int],
                 template: str = '{}.jpg') -> Path:
    """Write one small picture under every number and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (folder / template.format(number)).write_bytes(PICTURE)
    return folder


def write_sheets(path: Path, sheets: Mapping[str, Iterable[Sequence]]) -> Path:
    """Write a workbook; the rows of each sheet by its name."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def samm_cells(clip: Sequence) -> tuple:
    """Cells of one row of the SAMM spreadsheet."""
    return (*clip[:2], 1, *clip[2:5], clip[4] - clip[2] + 1, 'Micro - 1/2', clip[5],
            clip[6], 7, None)


def write_samm_sheet(root: Path, clips: Iterable[Sequence] = SAMM,
                     header: Sequence = SAMM_HEADER) -> Path:
    """Write the spreadsheet: 13 rows of preamble, the titles, one row a clip."""
    preamble = [('Micro-movements coded for tests',), (None,), ('In frames',)]
    preamble += [(None,)] * (13 - len(preamble))
    return write_sheets(root / SAMM_SHEET, {
        'codes': [*preamble, header, *map(samm_cells, clips)]})


def write_samm(root: Path) -> Path:
    """SAMM: numbers of 4 and 5 digits, one clip with other names."""
    for clip in SAMM:
        write_images(root / f'SAMM/{clip[0]:03d}/{clip[1]}',
                     range(clip[2], clip[4] + 1), clip[7])
    write_samm_sheet(root)
    return root


def write_casme(root: Path) -> Path:
    """CASME: two apex columns."""
    for row in CASME:
        write_images(root / f'CASME_raw_selected/sub{row[1]:02d}/{row[3]}',
                     range(row[4], row[7] + 1), f'{row[3]}-{{:03d}}.jpg')
    write_sheets(root / CASME_SHEET, {'Sheet1': [CASME_HEADER, *CASME]})
    return root


def write_casme_sq(root: Path, sheet: str = 'CASFEcode_final') -> Path:
    """CAS(ME)^2: no header, naming sheets, whole recordings."""
    recordings = {
        's15/15_0401girlcrashing': [*range(555, 568), *range(600, 641)],
        's15/15_0502funny': range(18, 30), 's16/16_0401girl': range(30, 36),
        's16/16_0502funny': range(12, 20)}
    for folder, numbers in recordings.items():
        write_images(root / 'rawpic' / folder, numbers, 'img{:03d}.jpg')
    write_sheets(root / SQ_SHEET, {
        sheet: SQ, 'naming rule1': SQ_SUBJECTS, 'naming rule2': SQ_STIMULI})
    return root


def write_casme3a(root: Path) -> Path:
    """CAS(ME)^3 part A: several clips a recording, both cases, an unlabelled clip."""
    for row in CASME3A:
        numbers = range(row[2], row[4] + 1)
        write_images(root / f'part_A/{row[0]}/{row[1].lower()}/color', numbers)
        write_images(root / f'part_A/{row[0]}/{row[1].lower()}/depth', numbers,
                     '{}.png')
    write_sheets(root / A_SHEET, {'notes': [('see label',)],
                                  'label': [A_HEADER, *CASME3A]})
    return root


def write_casme3c(root: Path) -> Path:
    """CAS(ME)^3 part C: commas, one of them full-width; no apex."""
    for row in CASME3C:
        write_images(root / f'part_C/{row[0]:02d}/{row[1]}/color',
                     range(row[2], row[3] + 1))
    write_sheets(root / C_SHEET, {
        'Sheet1': [('sub', 'count', 'onset', 'offset', 'au'), *CASME3C]})
    return root


def write_mmew(root: Path) -> Path:
    """MMEW: folders by emotion, clips coded others elsewhere, a far offset."""
    for row in MMEW:
        emotion = {'others': 'repression'}.get(row[6], row[6])
        write_images(root / f'Micro_Expression/{emotion}/{row[1]}',
                     range(row[2], min(row[4], 12) + 1))
    write_sheets(root / MMEW_SHEET, {'Sheet1': [MMEW_HEADER, *MMEW]})
    return root


def write_4dme(root: Path) -> Path:
    """4DME: held AUs, the same clip name for two subjects."""
    for row in DME:
        write_images(root / f'gray_micro/{row[0]}/{row[2]}', range(row[4], row[6] + 1),
                     'frame{:04d}.jpg')
    write_sheets(root / DME_SHEET, {'Sheet1': [DME_HEADER, *DME]})
    return root


def write_smic(root: Path) -> Path:
    """SMIC: folders only."""
    for place in ('s01/micro/negative/s01_ne_01', 's01/micro/positive/s01_po_01',
                  's02/micro/surprise/s02_sur_01', 's02/micro/negative/s02_ne_02'):
        write_images(root / 'SMIC' / 'HS' / place, range(98, 106), 'image{:06d}.jpg')
        write_images(root / 'SMIC' / 'HS' / place.split('/')[0] / 'non_micro/n_1', [1])
    return root


def write_levels(root: Path, subject: str, levels: Mapping[int, Mapping[int, int]],
                 frames: int) -> None:
    """Label files of DISFA: AU -> frame -> intensity, 0 elsewhere."""
    folder = root / 'ActionUnit_Labels' / subject
    folder.mkdir(parents=True, exist_ok=True)
    for au in DISFA_AUS:
        coded = levels.get(au, {})
        lines = [f'{frame},{coded.get(frame, 0)}' for frame in range(1, frames + 1)]
        (folder / f'{subject}_au{au}.txt').write_text('\n'.join(lines) + '\n')


def write_disfa(root: Path) -> Path:
    """DISFA: intensities frame by frame."""
    write_levels(root, 'SN001', {12: {10: 1, 11: 2, 12: 4, 13: 3, 30: 5, 31: 5},
                                 6: {12: 2, 13: 2}, 4: {20: 1}}, 40)
    write_levels(root, 'SN002', {1: {8: 2, 9: 3, 10: 2}, 2: {9: 2}}, 20)
    for subject, frames in (('SN001', 40), ('SN002', 20)):
        write_images(root / 'frames' / subject, range(1, frames + 1), '{:05d}.jpg')
    return root


def write_csv(root: Path, rows: Iterable[Sequence] = GENERIC,
              header: Sequence = GENERIC_HEADER, delimiter: str = ',') -> Path:
    """The CSV file of one's own corpus."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / 'clips.csv').open('w', encoding='utf-8-sig', newline='') as stream:
        csv.writer(stream, delimiter=delimiter).writerows([header, *rows])
    return root


def write_generic(root: Path) -> Path:
    """One's own corpus: given and found templates, a clip without AUs."""
    for row in GENERIC:
        write_images(root / row[8], range(row[2], row[4] + 1), row[9] or 'p{}.jpg')
    return write_csv(root)


RELEASES = {
    'casme': write_casme, 'casme2': casme2_release.write_release,
    'casme_sq': write_casme_sq, 'casme3a': write_casme3a, 'casme3c': write_casme3c,
    'samm': write_samm, 'smic': write_smic, 'mmew': write_mmew, '4dme': write_4dme,
    'disfa': write_disfa, 'generic': write_generic}
