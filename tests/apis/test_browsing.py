# Copyright (c) AULLM-MM contributors.
"""Sheets of the clips of a real config's dataset."""
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.config import Config

from aullm_mm.apis.browsing import browse_clips, read_clip
from aullm_mm.facs import action_unit
from aullm_mm.visualization import draw_clip_sheet

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cfg(synthetic_corpus, tmp_path):
    cfg = Config.fromfile(str(ROOT / 'configs/aullm_casme2.py'))
    split = dict(n_folds=3, fold=0, seed=0, val_fraction=0.25)
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        cfg[name].dataset.update(data_root=str(synthetic_corpus), split=split)
        cfg[name].dataset.pipeline[0].root = str(tmp_path / 'cache')
    return cfg


@pytest.mark.parametrize('part', ['train', 'val', 'test'])
def test_clips_come_through_the_whole_pipeline(cfg, part):
    clips = list(browse_clips(cfg, part, number=2))
    assert len({clip['clip_id'] for clip in clips}) == 2
    for clip in clips:
        assert clip['inputs'].shape == (1, 3, 64, 64)
        assert clip['onset'].ndim == 3 and clip['flow'].shape[:2] == (
            clip['onset'].shape[:2])
        assert clip['title'].split('/')[1] in clip['facts'][0]
        assert clip['aus'] == (1, 2, 4, 7, 12, 14, 15, 17)


def test_only_the_clips_that_are_drawn_are_cached(cfg, tmp_path):
    list(browse_clips(cfg, 'train', number=2))
    assert len(list((tmp_path / 'cache').rglob('*.json'))) == 2


def test_sheet_names_the_aus_and_shows_their_movement(cfg):
    (clip,) = browse_clips(cfg, 'test', number=1)
    figure = draw_clip_sheet(clip)
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    for au, label in zip(clip['aus'], clip['labels']):
        assert (action_unit(au).name in texts) == (label != 0)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:2] == ['onset', 'apex'] and 'what the model is given' in titles
    flow = next(a for a in figure.axes if a.get_title().startswith('flow')).images[0]
    coloured = np.asarray(flow.get_array()).min(axis=2) < 0.7
    moving = np.hypot(*np.moveaxis(clip['flow'], -1, 0))
    assert moving[coloured].mean() > 2 * moving[~coloured].mean()


def test_unknown_aus_are_marked():
    face = np.full((16, 16), 0.5)
    clip = dict(title='c', onset=face, apex=face, flow=np.zeros((16, 16, 2)),
                aus=[4, 12], labels=[-1, 1])
    texts = [t.get_text() for t in draw_clip_sheet(clip).axes[-2].texts] + [
        t.get_text() for t in draw_clip_sheet(clip).axes[-1].texts]
    assert 'AU4?' in texts and 'AU12' in texts
    with pytest.raises(ValueError, match="clip 'c' to draw lacks flow"):
        draw_clip_sheet({k: v for k, v in clip.items() if k != 'flow'})


def test_what_cannot_be_browsed_is_named(cfg):
    with pytest.raises(ValueError, match="got 'all'"):
        next(browse_clips(cfg, 'all'))
    with pytest.raises(ValueError, match='at least 1, got 0'):
        next(browse_clips(cfg, 'val', 0))
    with pytest.raises(ValueError, match='lacks clip_id, frame_dir'):
        read_clip(dict(filename='a.mp4', label=[1]), None, dict(aus=(1,)))
    cfg.val_dataloader = None
    with pytest.raises(ValueError, match='has no val_dataloader'):
        next(browse_clips(cfg, 'val'))


def test_tool_writes_one_sheet_a_clip(tmp_path, synthetic_corpus):
    options = [f'val_dataloader.dataset.data_root={synthetic_corpus}',
               'val_dataloader.dataset.split.n_folds=3',
               'val_dataloader.dataset.split.val_fraction=0.25',
               f'val_dataloader.dataset.pipeline.0.root={tmp_path / "cache"}']
    done = subprocess.run(
        [sys.executable, ROOT / 'tools/analysis/browse_dataset.py',
         ROOT / 'configs/aullm_casme2.py', '--out', tmp_path / 'sheets', '--part',
         'val', '--number', '2', '--cfg-options', *options],
        cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    sheets = sorted((tmp_path / 'sheets').iterdir())
    assert [sheet.name[:10] for sheet in sheets] == ['casme2_sub'] * 2
    assert all(cv2.imread(str(sheet)).std() > 10 for sheet in sheets)
