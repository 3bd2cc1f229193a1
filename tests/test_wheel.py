# Copyright (c) AULLM-MM contributors.
"""The wheel holds every module and data file, and the right requirements."""
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SUFFIXES = {'.py', '.css', '.csv', '.jinja', '.js', '.json', '.md', '.safetensors',
            '.txt', '.yaml', '.yml'}


@pytest.fixture(scope='module')
def source(tmp_path_factory):
    """A copy to build from, so that nothing is left in the work tree."""
    source = tmp_path_factory.mktemp('source')
    for name in ('aullm_mm', 'requirements'):
        shutil.copytree(ROOT / name, source / name,
                        ignore=shutil.ignore_patterns('__pycache__'))
    for name in ('setup.py', 'MANIFEST.in'):
        shutil.copy(ROOT / name, source)
    for suffix in ('json', 'md', 'safetensors'):  # as a model of the zoo
        path = source / 'aullm_mm' / 'zoo' / 'weights' / f'sample.{suffix}'
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return source


@pytest.fixture(scope='module')
def wheel(tmp_path_factory, source):
    target = tmp_path_factory.mktemp('wheel')
    subprocess.run(
        [sys.executable, '-m', 'pip', 'wheel', '--quiet', '--no-deps',
         '--no-build-isolation', '--wheel-dir', str(target), str(source)],
        check=True)
    return next(target.glob('aullm_mm-*.whl'))


def test_wheel_holds_every_module_and_data_file(wheel, source):
    expected = {path.relative_to(source).as_posix()
                for path in (source / 'aullm_mm').rglob('*')
                if path.suffix in SUFFIXES}
    names = set(zipfile.ZipFile(wheel).namelist())
    assert 'aullm_mm/facs/relations.csv' in names
    assert expected - names == set()


def test_wheel_holds_nothing_but_the_package(wheel):
    tops = {name.split('/')[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith('.dist-info')} == {'aullm_mm'}


def test_wheel_metadata_has_ranges_and_extras(wheel):
    archive = zipfile.ZipFile(wheel)
    name = next(n for n in archive.namelist() if n.endswith('METADATA'))
    metadata = archive.read(name).decode()
    required = [line for line in metadata.splitlines()
                if line.startswith('Requires-Dist')]
    assert any('mmengine<0.11,>=0.10.7' in line for line in required)
    assert any('gguf' in line and 'extra == "llm"' in line.replace("'", '"')
               for line in required)
    python = next(line for line in metadata.splitlines()
                  if line.startswith('Requires-Python: '))
    assert set(python.split(': ')[1].split(',')) == {'>=3.10', '<3.13'}
    for forbidden in ('openmim', 'torchvision', 'timm'):
        assert not any(forbidden in line for line in required)
