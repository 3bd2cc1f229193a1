# Copyright (c) AULLM-MM contributors.
"""Tools that make long videos and judge spotting on them."""
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(script, *arguments):
    """Run a tool as a user does."""
    return subprocess.run([sys.executable, str(ROOT / script), *map(str, arguments)],
                          capture_output=True, text=True, cwd=ROOT, check=False)


def test_a_long_video_is_made_and_never_overwritten(tmp_path):
    arguments = (tmp_path / 'v', '--seconds', 3, '--fps', 20, '--micro-rate', 20,
                 '--macro-rate', 0, '--size', 200)
    made = run('tools/make_long_video.py', *arguments)
    assert made.returncode == 0, made.stderr
    assert 'semi-synthetic video of 60 frames' in made.stdout
    truth = json.loads((tmp_path / 'v' / 'truth.json').read_text())
    assert truth['frames'] == 60 and len(truth['movements']) == 1
    again = run('tools/make_long_video.py', *arguments)
    assert again.returncode == 2 and again.stderr.startswith('error: ')


def test_spotting_is_judged_and_what_was_measured_is_kept(tmp_path):
    arguments = ('--fps', 25, '--videos', 1, '--seconds', 6, '--seed', 3,
                 '--amplitude', 2, '--cache', tmp_path / 'cache', '--errors')
    first = run('tools/analysis/evaluate_spotting.py', *arguments)
    assert first.returncode == 0, first.stderr
    row = re.search(r'^\| 25 \| ([\d.]+|nan) ', first.stdout, re.M)
    assert row, first.stdout
    kept, = (tmp_path / 'cache').iterdir()
    again = run('tools/analysis/evaluate_spotting.py', *arguments)
    assert again.stdout == first.stdout and list(kept.parent.iterdir()) == [kept]
