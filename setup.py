# Copyright (c) AULLM-MM contributors.
"""Packaging of AULLM-MM."""
import re
import sys
import sysconfig
from importlib.metadata import distributions
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent
DATA_SUFFIXES = ('css', 'csv', 'jinja', 'js', 'json', 'md', 'safetensors', 'txt', 'yaml',
                 'yml')


def read_requirements(name):
    """Requirements of one file under ``requirements/``, comments left out."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text(encoding='utf-8')
    return [line.strip() for line in lines.splitlines()
            if line.strip() and not line.startswith('#')]


def is_installed(name):
    """Whether a distribution is installed where this package is going to be.

    pip builds in an environment of its own, whose ``sys.path`` hides the packages
    of the target; their folder is still the one that ``sysconfig`` names.
    """
    folders = [*sys.path, *map(sysconfig.get_path, ('purelib', 'platlib'))]
    return any(distributions(name=name, path=folders))


def runtime_requirements():
    """Runtime requirements; no mmcv-lite beside a compiled mmcv."""
    return [line for line in read_requirements('runtime')
            if not (line.startswith('mmcv-lite') and is_installed('mmcv'))]


def read_version():
    """``__version__`` without importing the package."""
    text = (ROOT / 'aullm_mm' / 'version.py').read_text(encoding='utf-8')
    return re.search(r"__version__ = '([^']+)'", text).group(1)


def read_readme():
    """The long description; empty before there is a README."""
    readme = ROOT / 'README.md'
    return readme.read_text(encoding='utf-8') if readme.is_file() else ''


setup(
    name='aullm-mm',
    version=read_version(),
    description='Facial Action Units in micro-expressions by structural reasoning '
    'with a large language model: an MMAction2 plugin',
    long_description=read_readme(),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    packages=find_packages(include=['aullm_mm', 'aullm_mm.*']),
    package_data={'aullm_mm': [f'**/*.{suffix}' for suffix in DATA_SUFFIXES]
                  + ['.mim/**/*']},
    include_package_data=False,
    python_requires='>=3.10,<3.13',
    install_requires=runtime_requirements(),
    extras_require={
        'llm': read_requirements('llm'),
        'ray': read_requirements('ray'),
        'tests': [line for name in ('llm', 'ray', 'web', 'tests')
                  for line in read_requirements(name)],
        'web': read_requirements('web'),
    },
)
