# Copyright (c) AULLM-MM contributors.
"""What every test stands on: MMAction2's scope, one thread, a fixed seed."""
from pathlib import Path

import pytest
import torch
from mmengine.registry import init_default_scope


@pytest.fixture(scope='session', autouse=True)
def one_thread_in_scope():
    """MMAction2 as the default scope, and no more than one thread."""
    torch.set_num_threads(1)
    init_default_scope('mmaction')


@pytest.fixture(autouse=True)
def seed():
    """The same random numbers whichever tests ran before."""
    torch.manual_seed(0)


@pytest.fixture(scope='session')
def synthetic_corpus(tmp_path_factory) -> Path:
    """A semi-synthetic release in the official CASME II layout."""
    from aullm_mm.datasets.synthetic import CorpusParameters, make_corpus
    folder = tmp_path_factory.mktemp('corpus') / 'casme2'
    parameters = CorpusParameters(subjects=6, clips=24, seed=1)
    return Path(make_corpus(folder, parameters, jobs=2))
