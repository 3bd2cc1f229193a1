# Copyright (c) AULLM-MM contributors.
"""A semi-synthetic video and a real model for the page that takes videos."""
import cv2
import pytest

from aullm_mm.video import VideoWriter


@pytest.fixture(scope='session')
def web_inferencer():
    """The packaged weights; evidence and structure decide."""
    from aullm_mm.apis.inferencer import AUInferencer
    return AUInferencer(device='cpu', llm=False)


@pytest.fixture(scope='session')
def web_analyst(web_inferencer):
    """What makes a report of a video."""
    from aullm_mm.apis.webapp.analysis import Analyst
    return Analyst(web_inferencer)


@pytest.fixture(scope='session')
def web_clips(synthetic_corpus, tmp_path_factory):
    """Paths of a clip of 50 frames and of a long video of it, at 100 a second."""
    pictures = sorted(synthetic_corpus.glob('Cropped/*/*/*.jpg'))
    folder = pictures[0].parent
    frames = [cv2.imread(str(p)) for p in pictures if p.parent == folder][:50]
    there_and_back = frames + frames[::-1]
    made, target = {}, tmp_path_factory.mktemp('web_clips')
    for name, content in (('clip', frames), ('long', there_and_back * 5)):
        made[name] = target / f'{name}.mp4'
        with VideoWriter(made[name], 100, frames[0].shape[:2]) as video:
            for frame in content:
                video.write(frame)
    return made
