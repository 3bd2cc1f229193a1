# Copyright (c) AULLM-MM contributors.
"""One pool of processes over the trainings of all rows."""
from __future__ import annotations

import contextlib
import multiprocessing
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.utils import import_modules_from_strings

from aullm_mm.utils.atomic import write_text_atomic
from aullm_mm.models.llm.reuse import reuse_llms
from aullm_mm.utils.cli import error_message
from aullm_mm.utils.parallel import available_cores

from ..cross_validation.launch import run_quietly
from ..cross_validation.plan import Plan
from ..cross_validation.unit import FILE
from .budget import Deadline
from .planning import PlannedRow, Task, breadth_first

#: Left in the folder of a training that failed; removed when it is run again.
ERROR_FILE = 'error.txt'
DIED = 'the process died, as it does when memory runs out'
Setting = tuple[dict[str, Any], Plan, Path]  # config, plan and folder of a row


def run_rows(
    rows: Sequence[PlannedRow], jobs: int, deadline: Deadline,
    say: Callable[[str], None] = print
) -> None:
    """Run what has no result yet, breadth first, until it is done or time is over.

    A training that fails leaves :data:`ERROR_FILE`; the rest of its row is left for
    another call, and the other rows go on.

    Args:
        rows: Rows to run.
        jobs: Trainings side by side, sharing the cores.
        deadline: From when on nothing new is started.
        say: Where the progress goes. Defaults to ``print``.

    Raises:
        ValueError: If ``jobs`` is below 1.
    """
    if jobs < 1:
        raise ValueError(f'jobs must be at least 1, got {jobs}.')
    settings = {r.row.name: (r.cfg.to_dict(), r.plan, r.work_dir) for r in rows}
    tasks = breadth_first({name: plan for name, (_, plan, _) in settings.items()})
    todo = deque(t for t in tasks if not (folder(t, settings) / FILE).is_file())
    say(f'{len(tasks)} trainings, {len(tasks) - len(todo)} of them done already')
    if todo and not deadline.passed:
        _Pool(settings, todo, len(tasks), jobs, deadline, say).run()
    if todo:
        say(f'{len(todo)} trainings are left; the same command goes on with them')


def folder(task: Task, settings: Mapping[str, Setting]) -> Path:
    """Where a training leaves everything."""
    return task.unit.folder(settings[task.row][2])


class _Pool:
    """Keeps as many trainings under way as there are jobs, and no more in a queue."""

    def __init__(self, settings, todo, total, jobs, deadline, say) -> None:
        self.settings, self.todo, self.total = settings, todo, total
        self.jobs, self.deadline, self.say = jobs, deadline, say
        self.under_way: dict[Future, tuple[Task, float]] = {}
        self.failed: set[str] = set()  # rows
        self.left: list[Task] = []  # of failed rows

    def run(self) -> None:
        """Work; ``todo`` holds what is left afterwards."""
        while self.todo and not self.deadline.passed:
            with contextlib.suppress(BrokenProcessPool), self._open() as executor:
                self._fill(executor)
                while self.under_way:
                    done, _ = wait(self.under_way, return_when=FIRST_COMPLETED)
                    for future in done:
                        self._finish(future)
                    self._fill(executor)
            for future in list(self.under_way):  # a process died: all of its pool do
                self._finish(future)
        self.todo.extend(self.left)

    def _open(self) -> ProcessPoolExecutor:
        threads = max(1, available_cores() // self.jobs) if self.jobs > 1 else None
        # Fresh processes: a fork beside PyTorch's threads may wait for ever.
        return ProcessPoolExecutor(
            self.jobs, multiprocessing.get_context('spawn'), _start_worker,
            (self.settings, threads))

    def _fill(self, executor: ProcessPoolExecutor) -> None:
        while (self.todo and len(self.under_way) < self.jobs
               and not self.deadline.passed):
            task = self.todo.popleft()
            if task.row in self.failed:
                self.left.append(task)
                continue
            try:
                future = executor.submit(_run_task, task)
            except BrokenProcessPool:
                self.todo.appendleft(task)
                raise
            self.under_way[future] = task, time.monotonic()

    def _finish(self, future: Future) -> None:
        task, start = self.under_way.pop(future)
        try:
            error = future.result()
        except BrokenProcessPool:
            error = DIED
            write_text_atomic(folder(task, self.settings) / ERROR_FILE, DIED + '\n')
        if error:
            self.failed.add(task.row)
            self.left.append(task)
        done = self.total - len(self.todo) - len(self.under_way) - len(self.left)
        what = f'FAILED: {error}' if error else f'{time.monotonic() - start:.0f} s'
        self.say(f'[{done}/{self.total}] {task.row}, seed {task.unit.seed}, fold '
                 f'{task.unit.fold + 1}: {what}')


_WORKER: dict[str, Any] = {}  # of a worker process: what its rows are, what is open


def _start_worker(settings: Mapping[str, Setting], threads: int | None) -> None:
    if threads is not None:
        torch.set_num_threads(threads)
    opened = contextlib.ExitStack()
    opened.enter_context(reuse_llms())
    _WORKER.update(settings=settings, opened=opened)


def _run_task(task: Task) -> str:
    """Run a training; the last line of its error, or nothing."""
    config, plan, work_dir = _WORKER['settings'][task.row]
    try:
        if config.get('custom_imports'):
            import_modules_from_strings(**config['custom_imports'])
        run_quietly(Config(config), plan, task.unit, work_dir)
    except Exception as error:  # whatever it is, the other rows go on
        text = f'{type(error).__name__}: {error_message(error)}'
        path = task.unit.folder(work_dir) / ERROR_FILE
        write_text_atomic(path, f'{traceback.format_exc()}\n{text}\n')
        return text
    return ''
