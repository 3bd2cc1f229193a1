# Copyright (c) AULLM-MM contributors.
"""Run the units of a plan: one after another, side by side, on Slurm or on Ray."""
from __future__ import annotations

import contextlib
import multiprocessing
import os
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any, Iterator, Sequence

import torch
from mmengine.config import Config
from mmengine.utils import import_modules_from_strings
from tqdm import tqdm

from aullm_mm.models.llm.reuse import reuse_llms
from aullm_mm.utils.parallel import available_cores

from .plan import Plan, Unit
from .unit import FILE, run_unit

LAUNCHERS = ('local', 'slurm', 'ray')


class Worker:
    """A process that runs units one after another and loads the LLM once.

    Args:
        config: The config of the cross-validation as a dict.
        plan: The plan.
        work_dir: Its folder.
        threads: PyTorch threads; None leaves them alone. Defaults to None.
    """

    def __init__(
        self, config: dict[str, Any], plan: Plan, work_dir: str,
        threads: int | None = None
    ) -> None:
        if threads is not None:
            torch.set_num_threads(threads)
        if config.get('custom_imports'):
            import_modules_from_strings(**config['custom_imports'])
        self.config, self.plan, self.work_dir = Config(config), plan, Path(work_dir)
        self.opened = contextlib.ExitStack()
        self.opened.enter_context(reuse_llms())

    def run(self, unit: Unit) -> int:
        """Run a unit; its log goes to its folder only."""
        run_quietly(self.config, self.plan, unit, self.work_dir)
        return unit.index

    def close(self) -> None:
        """Let go of the LLM."""
        self.opened.close()


def run_quietly(cfg: Config, plan: Plan, unit: Unit, work_dir: Path) -> None:
    """Run a unit; its log goes to its folder only.

    Args:
        cfg: The config of the cross-validation.
        plan: The plan.
        unit: The unit.
        work_dir: Folder of the cross-validation.
    """
    with open(os.devnull, 'w', encoding='utf-8') as nowhere:
        with contextlib.redirect_stdout(nowhere):
            run_unit(cfg, plan, unit, work_dir)


def pending(plan: Plan, work_dir: Path) -> list[Unit]:
    """Units of a plan that have no result yet."""
    return [u for u in plan.units if not (u.folder(work_dir) / FILE).is_file()]


def run_plan(
    cfg: Config, plan: Plan, work_dir: Path, jobs: int = 1, launcher: str = 'local',
    only: Sequence[int] | None = None
) -> None:
    """Run all units of a plan that have no result yet, with a progress bar.

    Args:
        cfg: The config.
        plan: The plan, opened in ``work_dir``.
        work_dir: Folder of the cross-validation; other machines must see it too.
        jobs: Units side by side, each with its share of the cores. Defaults to 1.
        launcher: ``'local'`` or ``'ray'``. Defaults to ``'local'``.
        only: Indices of the units to run; None for all. Defaults to None.

    Raises:
        ValueError: If ``jobs`` or a unit's index is out of range.
        RuntimeError: If a unit fails; the message names its folder. Finished units
            stay, and units not begun are left for a resumed run.
    """
    if jobs < 1:
        raise ValueError(f'jobs must be at least 1, got {jobs}.')
    unknown = sorted(set(only or ()) - {unit.index for unit in plan.units})
    if unknown:
        raise ValueError(f'units {unknown} are not among 0 to {len(plan.units) - 1}.')
    todo = [unit for unit in pending(plan, work_dir)
            if only is None or unit.index in only]
    done = len(plan.units) - len(pending(plan, work_dir))
    run = _run_on_ray if launcher == 'ray' else _run_here if jobs == 1 else _run_pool
    with tqdm(total=len(plan.units), initial=done, desc='folds', unit='fold') as bar:
        for _ in run(cfg.to_dict(), plan, work_dir, todo, min(jobs, len(todo) or 1)):
            bar.update()


Settings = dict[str, Any]


def _run_here(
    config: Settings, plan: Plan, work_dir: Path, todo: list[Unit], jobs: int
) -> Iterator[int]:
    worker = Worker(config, plan, str(work_dir))
    try:
        for unit in todo:
            with _naming(unit, work_dir):
                yield worker.run(unit)
    finally:
        worker.close()


def _run_pool(
    config: Settings, plan: Plan, work_dir: Path, todo: list[Unit], jobs: int
) -> Iterator[int]:
    threads = max(1, available_cores() // jobs)
    # Fresh processes: a fork beside PyTorch's threads may wait for ever.
    pool = ProcessPoolExecutor(
        jobs, multiprocessing.get_context('spawn'), _start_worker,
        (config, plan, str(work_dir), threads))
    with pool:
        units = {pool.submit(_run_in_worker, unit): unit for unit in todo}
        waiting = set(units)
        while waiting:
            finished, waiting = wait(waiting, 1.0, FIRST_EXCEPTION)
            for future in finished:
                if future.exception():
                    pool.shutdown(cancel_futures=True)
                with _naming(units[future], work_dir):
                    yield future.result()


def _run_on_ray(
    config: Settings, plan: Plan, work_dir: Path, todo: list[Unit], jobs: int
) -> Iterator[int]:
    try:
        import ray
        from ray.util import ActorPool
    except ImportError:
        raise ImportError(
            'the launcher ray needs Ray, which is not installed: '
            "pip install 'aullm-mm[ray]'") from None
    if not ray.is_initialized():
        ray.init(log_to_driver=False)  # RAY_ADDRESS, a running cluster, or a local one
    found = ray.cluster_resources()
    threads = max(1, int(found.get('CPU', 1)) // jobs)
    # Without a share of a GPU, Ray would hide it from the worker.
    gpus = min(1.0, found.get('GPU', 0) / jobs)
    actor = ray.remote(num_cpus=1, num_gpus=gpus)(Worker)
    folder = str(work_dir.resolve())
    actors = [actor.remote(config, plan, folder, threads) for _ in range(jobs)]
    pool = ActorPool(actors)
    yield from pool.map_unordered(lambda a, unit: a.run.remote(unit), todo)
    for each in actors:
        ray.kill(each)


_WORKER: list[Worker] = []  # of a worker process; one, made when it starts


def _start_worker(config: Settings, plan: Plan, work_dir: str, threads: int) -> None:
    _WORKER.append(Worker(config, plan, work_dir, threads))


def _run_in_worker(unit: Unit) -> int:
    return _WORKER[0].run(unit)


@contextlib.contextmanager
def _naming(unit: Unit, work_dir: Path) -> Iterator[None]:
    """Say which fold an error came from."""
    try:
        yield
    except ValueError as error:  # a mistake that the user can mend
        raise ValueError(f'{unit.folder(work_dir)}: {error}') from error
    except (OSError, ImportError):
        raise
    except Exception as error:
        raise RuntimeError(
            f'{unit.folder(work_dir)} failed ({type(error).__name__}: {error}). What '
            f'is finished stays; run again with --resume.') from error
