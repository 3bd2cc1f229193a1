# Copyright (c) AULLM-MM contributors.
"""A semi-synthetic clip in every form that people have one in."""
from pathlib import Path

import cv2
import numpy as np
import pytest

from aullm_mm.apis.inferencer import AUInferencer
from aullm_mm.datasets import MicroExpressionDataset
from aullm_mm.video import VideoWriter


@pytest.fixture(scope='session')
def inferencer() -> AUInferencer:
    """The packaged weights; evidence and structure decide."""
    return AUInferencer(device='cpu', llm=False)


@pytest.fixture(scope='session')
def clips(synthetic_corpus) -> list[dict]:
    """Clips of the semi-synthetic corpus, with their labels."""
    dataset = MicroExpressionDataset(
        corpus='casme2', data_root=str(synthetic_corpus), aus=(1, 2, 4, 12),
        pipeline=[], part='all')
    dataset.full_init()
    return [dataset.get_data_info(i) for i in range(len(dataset))]


def _read(clip: dict) -> np.ndarray:
    folder, name = Path(clip['frame_dir']), clip['frame_template']
    return np.stack([
        cv2.imread(str(folder / name.format(n)))
        for n in range(clip['onset'], clip['offset'] + 1)])


@pytest.fixture(scope='session')
def read_frames():
    """Frames of a clip from onset to offset, BGR."""
    return _read


@pytest.fixture(scope='session')
def frames(clips) -> np.ndarray:
    """One clip as an array."""
    return _read(clips[0])


@pytest.fixture(scope='session')
def video_file(frames, tmp_path_factory) -> Path:
    """The same clip as a video file of 200 frames a second."""
    path = tmp_path_factory.mktemp('video') / 'clip.avi'
    with VideoWriter(path, 200, frames.shape[1:3]) as video:
        for frame in frames:
            video.write(frame)
    return path
