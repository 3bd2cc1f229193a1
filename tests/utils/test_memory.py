# Copyright (c) AULLM-MM contributors.
import platform
import subprocess
import sys

import pytest

from aullm_mm.utils import memory

# Touches 64 MB again and again; counts the page faults of the later rounds.
PROGRAM = '''
import resource, runpy, sys
import numpy as np
memory = runpy.run_path(sys.argv[1])  # without the package around it: seconds
if sys.argv[2] == 'keep':
    assert memory['keep_freed_memory']() is True
np.ones(1 << 23)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    np.ones(1 << 23)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
'''


def faults(mode):
    run = subprocess.run([sys.executable, '-c', PROGRAM, memory.__file__, mode],
                         capture_output=True, text=True, check=True)
    return int(run.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='needs glibc')
def test_freed_blocks_are_not_faulted_in_again():
    assert faults('keep') * 3 < faults('hand back')
