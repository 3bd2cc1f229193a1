# Copyright (c) AULLM-MM contributors.
"""A cross-validation as a Slurm array job, one task a unit."""
from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Sequence

from aullm_mm.utils.atomic import write_text_atomic

SCRIPT = 'slurm_array.sh'
_TEMPLATE = '''#!/bin/bash
#SBATCH --job-name=aullm-mm
#SBATCH --array={units}%{jobs}
#SBATCH --cpus-per-task={cpus}
#SBATCH --output={logs}/%a.log
# Made by tools/cross_validate.py; edit time, memory, partition and account as your
# cluster wants them. Tasks that have a result end at once, so submitting it again
# resumes it. When all tasks are done:
#   {summarize}
set -euo pipefail
cd {here}
export OMP_NUM_THREADS="$SLURM_CPUS_PER_TASK"
{command} --units "$SLURM_ARRAY_TASK_ID"
'''


def array_script(
    command: Sequence[str], units: Sequence[int], jobs: int, cpus: int, work_dir: Path,
    here: Path
) -> str:
    """The batch script.

    Args:
        command: The call of the tool that runs one unit, ``--units`` left out.
        units: Indices of the units.
        jobs: Tasks at once.
        cpus: Cores a task.
        work_dir: Folder of the cross-validation.
        here: Folder to run in.

    Examples:
        >>> text = array_script(['python', 'cv.py'], [0, 2], 8, 4, Path('w'), Path('.'))
        >>> '--array=0,2%8' in text
        True
    """
    call = shlex.join(command)
    return _TEMPLATE.format(
        units=','.join(map(str, units)), jobs=jobs, cpus=cpus, command=call,
        summarize=call, logs=shlex.quote(str(work_dir / 'slurm_logs')),
        here=shlex.quote(str(here.resolve())))


def submit(script: str, work_dir: Path) -> str:
    """Write the script and submit it where there is a Slurm.

    Args:
        script: Text of :func:`array_script`.
        work_dir: Folder of the cross-validation.

    Returns:
        What happened, for the user.

    Raises:
        ValueError: If Slurm refuses the job.
    """
    path = write_text_atomic(work_dir / SCRIPT, script)
    path.chmod(0o755)
    (work_dir / 'slurm_logs').mkdir(exist_ok=True)
    if shutil.which('sbatch') is None:
        return f'sbatch is not here. Submit it where it is: sbatch {path}'
    done = subprocess.run(['sbatch', str(path)], capture_output=True, text=True)
    if done.returncode:
        raise ValueError(f'sbatch refused {path}: {done.stderr.strip()}')
    return f'{done.stdout.strip()} ({path})'
