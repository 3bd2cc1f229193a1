# Copyright (c) AULLM-MM contributors.
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from aullm_mm.datasets import MicroExpressionDataset
from aullm_mm.datasets.annotations import AnnotationTable, load_table, save_table
from aullm_mm.datasets.named_protocols import make_folds
from aullm_mm.datasets.split_file import save_split

sys.path.insert(0, str(Path(__file__).parent))
from moving_release import write_moving_release  # noqa: E402

SPLIT = dict(n_folds=4, fold=0, seed=0, val_fraction=0.25)


@pytest.fixture(scope='module')
def release(tmp_path_factory):
    return write_moving_release(tmp_path_factory.mktemp('release') / 'casme2')


def build(release, part='all', aus=(4, 12), **kwargs):
    settings = dict(corpus='casme2', data_root=str(release), aus=aus, split=SPLIT)
    return MicroExpressionDataset(part=part, **{**settings, **kwargs})


def pipeline(cache):
    return [
        dict(type='CacheClip', root=str(cache), transforms=[
            dict(type='LoadMicroExpressionFrames'),
            dict(type='OnsetApexFlow', size=(16, 16)),
            dict(type='ResizeFrames', size=(16, 16))]),
        dict(type='FormatMotion', keys=('flow',), layout='channels'),
        dict(type='PackAUInputs')]


def infos(dataset):
    return [dataset.get_data_info(i) for i in range(len(dataset))]


def test_table_is_written_by_itself_and_labels_follow_the_au_list(release):
    dataset = build(release, aus=(12, 4, 15))
    records = load_table(release / 'annotations.json').records
    assert len(dataset) == 24 and dataset.metainfo['aus'] == (12, 4, 15)
    for info, record in zip(infos(dataset), records):
        assert info['clip_id'] == record.key
        coded = {au.number for au in record.aus}
        assert info['label'].tolist() == [float(n in coded) for n in (12, 4, 15)]
        assert info['label'].dtype == np.float32


def test_parts_are_disjoint_by_subject_and_cover_the_corpus(release):
    parts = [build(release, part) for part in ('train', 'val', 'test')]
    subjects = [set(part.subjects) for part in parts]
    for part, names in zip(parts, subjects):
        assert names == {info['subject'] for info in infos(part)} and names
    assert sum(map(len, subjects)) == len(set.union(*subjects)) == 8
    assert sum(map(len, parts)) == 24


def test_folds_test_every_subject_once(release):
    tested = [s for fold in range(4)
              for s in build(release, 'test', split=dict(SPLIT, fold=fold)).subjects]
    assert len(tested) == len(set(tested)) == 8


def test_pipeline_gives_packed_clips(release, tmp_path):
    item = build(release, pipeline=pipeline(tmp_path))[0]
    assert item['inputs'].shape == (1, 3, 16, 16)
    assert item['inputs'].dtype == torch.float32
    assert item['data_samples'].clip_id == 'casme2/sub01/EP01_01'
    assert item['data_samples'].gt_label.shape == (2, )


def test_cache_is_filled_at_once_and_reused(release, tmp_path):
    build(release, pipeline=pipeline(tmp_path))
    cached = {p: p.stat().st_mtime_ns for p in tmp_path.rglob('*') if p.is_file()}
    assert len(list(tmp_path.rglob('*.json'))) == 24
    again = build(release, pipeline=pipeline(tmp_path))
    again[5]
    assert cached == {p: p.stat().st_mtime_ns for p in tmp_path.rglob('*')
                      if p.is_file()}


def test_cache_is_not_filled_unasked(release, tmp_path):
    dataset = build(release, pipeline=pipeline(tmp_path), fill_cache=False)
    assert not list(tmp_path.iterdir())
    dataset[5]
    assert len(list(tmp_path.rglob('*.json'))) == 1


def test_defective_frame_is_named_while_the_cache_is_filled(tmp_path):
    root = write_moving_release(tmp_path / 'casme2', subjects=4, clips=1)
    build(root)
    frame = root / 'Cropped' / 'sub02' / 'EP01_02' / 'reg_img12.jpg'
    frame.write_bytes(frame.read_bytes()[:100])
    with pytest.raises(ValueError, match=r'sub02/EP01_02/reg_img12\.jpg is truncated'):
        build(root, pipeline=pipeline(tmp_path / 'cache'))


def test_clip_without_an_apex_takes_the_middle(tmp_path):
    root = write_moving_release(tmp_path / 'casme2', subjects=4, clips=1)
    build(root)
    path = root / 'annotations.json'
    table = load_table(path)
    records = tuple(replace(record, apex=None) for record in table.records)
    save_table(AnnotationTable('casme2', records, table.source, table.report), path)
    assert infos(build(root))[0]['apex'] == 13  # of 10 to 17


def test_new_spreadsheet_makes_the_table_anew(tmp_path):
    root = write_moving_release(tmp_path / 'casme2', subjects=4, clips=1)
    assert len(build(root)) == 4
    write_moving_release(tmp_path / 'more', subjects=5, clips=1)
    (tmp_path / 'more' / 'CASME2-coding-20140508.xlsx').replace(
        root / 'CASME2-coding-20140508.xlsx')
    for folder in (tmp_path / 'more' / 'Cropped').iterdir():
        if folder.name == 'sub05':
            folder.rename(root / 'Cropped' / 'sub05')
    os.utime(root / 'Cropped')
    assert len(build(root)) == 5


@pytest.mark.parametrize('settings, words', [
    (dict(part='dev'), r"part must be one of .*'val'.* got 'dev'"),
    (dict(aus=(4, 9, 28)), r'annotations\.json: no clip has AU 9, 28 of the AU list '
                           r'\[4, 9, 28\]\. The clips code \[1, 2, 4,'),
    (dict(aus=(4, 4)), '4'), (dict(aus=(4, 99)), '99'),
    (dict(corpus='casme9'), "unknown corpus 'casme9': choose one of"),
    (dict(part='val', split=dict(SPLIT, val_fraction=0)),
     r"the part 'val' of the split .* has no clip\. Set split\.val_fraction"),
    (dict(part='test', split=dict(SPLIT, n_folds=9)), 'cannot make 9 folds of 8'),
    (dict(part='test', split=dict(SPLIT, fold=4)), 'fold 4 is out of range')])
def test_impossible_setting_is_one_clear_error(release, settings, words):
    with pytest.raises(ValueError, match=words):
        build(release, **settings)


def test_missing_corpus_names_where_to_get_one(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'nowhere is missing.*make_synthetic'):
        build(tmp_path / 'nowhere')
    assert list(tmp_path.iterdir()) == []


# ---- several corpora, emotions, split files ----------------------------------------


@pytest.fixture(scope='module')
def second(tmp_path_factory):
    """A corpus of one's own, beside CASME II's layout."""
    root = tmp_path_factory.mktemp('second') / 'own'
    write_moving_release(root, subjects=3, clips=2, first_texture=50)
    rows = ['subject,clip,onset,apex,offset,aus,emotion,fps,frame_dir']
    for folder in sorted((root / 'Cropped').glob('*/*')):
        emotion = 'happiness' if '1_' in folder.name else 'others'
        rows.append(f'{folder.parent.name},{folder.name},10,14,17,4+12,{emotion},100,'
                    f'Cropped/{folder.parent.name}/{folder.name}')
    (root / 'clips.csv').write_text('\n'.join(rows) + '\n')
    return root


def build_two(release, second, **kwargs):
    return build(release, corpus=('casme2', 'generic'),
                 data_root=(str(release), str(second)), **kwargs)


def test_clips_of_several_corpora_are_read_from_their_own_folders(
        release, second, tmp_path):
    dataset = build_two(release, second, pipeline=pipeline(tmp_path))
    found = infos(dataset)
    assert len(found) == 24 + 6 and {i['corpus'] for i in found} == {
        'casme2', 'generic'}
    for info in found:
        root = second if info['corpus'] == 'generic' else release
        assert Path(info['frame_dir']).is_relative_to(root)
    assert dataset[29]['data_samples'].corpus == 'generic'
    split = [build_two(release, second, part=p).subjects for p in ('train', 'test')]
    assert not set(split[0]) & set(split[1])


def test_emotion_labels_follow_the_scheme_and_leave_others_out(release, second):
    dataset = build_two(release, second, emotions='3')
    found = {i['clip_id']: i['emotion_label'] for i in infos(dataset)}
    assert dataset.metainfo['emotions'] == ('negative', 'positive', 'surprise')
    own = {k: v for k, v in found.items() if k.startswith('generic')}
    assert set(own.values()) == {1, -1}
    assert all(v == -1 for k, v in found.items() if k.startswith('casme2'))
    assert 'emotion_label' not in infos(build(release))[0]


def test_split_file_says_which_clip_is_where(release, tmp_path):
    folds = make_folds('loso', build(release).all_records())
    path = save_split(folds[2].split, tmp_path / 'split.json')
    for part in ('train', 'val', 'test'):
        dataset = build(release, part, split=dict(file=str(path)))
        assert {i['clip_id'] for i in infos(dataset)} == {
            r.key for r in getattr(folds[2].split, part)}


@pytest.mark.parametrize('settings', [
    dict(corpus=('casme2', 'casme2'), data_root=('a', 'b')),
    dict(corpus=('casme2', 'samm'), data_root='a'),
    dict(corpus=('casme2',), data_root=('a',), ann_file=('x', 'y'))])
def test_corpora_without_a_root_each_are_refused(settings):
    with pytest.raises(ValueError, match='Name each corpus once and give each its'):
        MicroExpressionDataset(aus=(4,), **settings)
