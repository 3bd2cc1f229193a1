# Copyright (c) AULLM-MM contributors.
import json
from dataclasses import replace

import numpy as np
import pytest

from aullm_mm.datasets.annotations import (AnnotationTable, ClipRecord, label_matrix,
                                           load_table, save_table)
from aullm_mm.facs import parse_coded_aus


def make_record(clip='EP02_01f', aus='6+12', **changes):
    record = ClipRecord('casme2', 'sub01', clip, 46, 59, 86, 200.0,
                        f'Cropped/sub01/{clip}', 'reg_img{}.jpg',
                        parse_coded_aus(aus), 'happiness')
    return replace(record, **changes)


def make_table(*records):
    report = {'kept': len(records)}
    return AnnotationTable('casme2', records, {'file': 'a.xlsx'}, report)


def test_table_survives_writing_and_reading(tmp_path):
    table = make_table(make_record('EP02_01f', 'L1+R2A+12(k)?'),
                       make_record('EP03_02', '4+?', apex=None, emotion=None))
    assert load_table(save_table(table, tmp_path / 'sub' / 'a.json')) == table


def test_bytes_depend_neither_on_order_nor_on_the_run(tmp_path):
    first, second = make_record('EP02_01f'), make_record('EP03_02')
    one = save_table(make_table(first, second), tmp_path / 'one.json')
    two = save_table(make_table(second, first), tmp_path / 'two.json')
    assert one.read_bytes() == two.read_bytes()
    assert [r.clip for r in load_table(two).records] == ['EP02_01f', 'EP03_02']


def test_file_has_the_agreed_fields(tmp_path):
    path = save_table(make_table(make_record(aus='R12B')), tmp_path / 'a.json')
    document = json.loads(path.read_text())
    assert document['format'] == 'aullm_mm.annotations' and document['version'] == 2
    assert document['records'][0]['aus'] == [
        {'number': 12, 'side': 'R', 'intensity': 'B', 'static': False,
         'uncertain': False}]


def test_failed_write_leaves_the_old_table_and_no_scraps(tmp_path):
    path = save_table(make_table(make_record()), tmp_path / 'a.json')
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save_table(AnnotationTable('casme2', (), {'file': object()}, {}), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ['a.json']


def test_missing_table_says_how_to_make_it(tmp_path):
    with pytest.raises(FileNotFoundError, match='tools/prepare_corpus.py'):
        load_table(tmp_path / 'none.json')


@pytest.mark.parametrize('change, message', [
    (lambda d: d.update(version=3), 'version 2'),
    (lambda d: d.pop('format'), 'not an annotation table'),
    (lambda d: d.pop('report'), r"lacks \['report'\]"),
    (lambda d: d['records'][0].pop('fps'), r"clip casme2/sub01/EP02_01f.*'fps'"),
    (lambda d: d['records'][0].update(onset=99), 'onset 99 after offset 86'),
    (lambda d: d['records'][0]['aus'][0].update(colour='red'), 'colour')])
def test_broken_table_names_file_and_clip(tmp_path, change, message):
    path = save_table(make_table(make_record()), tmp_path / 'a.json')
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(ValueError, match=message) as error:
        load_table(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize('text', ['{', '[]', ''])
def test_file_that_is_no_table_is_refused(tmp_path, text):
    path = tmp_path / 'a.json'
    path.write_text(text)
    with pytest.raises(ValueError, match='a.json'):
        load_table(path)


@pytest.mark.parametrize('aus, labels', [
    ('L1+R1', [1, 0, 0]),
    ('1?', [-1, 0, 0]),
    ('L1+R1?', [1, 0, 0]),
    ('1(k)+4', [0, 0, 1]),
    ('4+?', [-1, -1, 1]),
    ('1+2+4', [1, 1, 1])])
def test_labels_are_present_absent_or_unknown(aus, labels):
    assert label_matrix([make_record(aus=aus)], (1, 2, 4)).tolist() == [labels]


def test_label_matrix_follows_the_au_order_and_keeps_its_shape():
    matrix = label_matrix([make_record(aus='6+12'), make_record(aus='4')], (12, 4))
    assert matrix.dtype == np.float32
    assert matrix.tolist() == [[1, 0], [0, 1]]
    assert label_matrix([], (12, 4)).shape == (0, 2)
    with pytest.raises(ValueError, match='repeats'):
        label_matrix([], (12, 12))


def test_keys_name_corpus_subject_and_clip():
    record = make_record()
    assert record.key == 'casme2/sub01/EP02_01f'
    assert record.subject_key == 'casme2/sub01'
    assert record.frame_path(46) == 'Cropped/sub01/EP02_01f/reg_img46.jpg'


def test_au_that_the_corpus_does_not_code_is_unknown():
    record = replace(make_record(aus='4'), coded_aus=(1, 4))
    assert [record.label(number) for number in (1, 4, 12)] == [0.0, 1.0, -1.0]


def test_record_tells_its_emotion_in_every_scheme_of_the_field():
    record = replace(make_record(), emotion='repression')
    classes = [record.emotion_in(scheme) for scheme in ('3', '5', '5-samm', '7')]
    assert classes == ['negative', 'repression', 'others', 'others']
    assert replace(record, emotion=None).emotion_in('7') is None
