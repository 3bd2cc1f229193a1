# Copyright (c) AULLM-MM contributors.
"""Every row of a comparison as a cross-validation of its own."""
from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmengine.config import Config

from ..cross_validation.plan import (
    FILE,
    Plan,
    Unit,
    build_dataset,
    make_plan,
    open_more_seeds,
)
from ..runs import load_config
from .options import command_line, loader_options
from .suite import Row, Suite

TOOL = 'tools/cross_validate.py'


@dataclass(frozen=True)
class PlannedRow:
    """A row, ready to run.

    Args:
        row: The row.
        work_dir: Its folder.
        cfg: Its config, all changes made; None if it cannot be run.
        plan: Its plan with the seeds asked for; None if it cannot be run.
        options: What it changes in its config.
        roots: Corpus folders.
        error: Why it cannot be run.
    """

    row: Row
    work_dir: Path
    cfg: Config | None = None
    plan: Plan | None = None
    options: Mapping[str, Any] | None = None
    roots: tuple[str, ...] = ()
    error: str = ''


@dataclass(frozen=True)
class Task:
    """One training of a comparison.

    Args:
        row: Name of the row.
        unit: The training.
    """

    row: str
    unit: Unit


def plan_rows(
    suite: Suite, work_dir: Path, seeds: int, only: Sequence[str] = (),
    redo: Sequence[str] = ()
) -> list[PlannedRow]:
    """Plan all rows and open their folders.

    Args:
        suite: The comparison.
        work_dir: Its folder.
        seeds: How many seeds.
        only: Rows that are to run; none for all. What is wrong with another row is
            kept in its ``error``.
        redo: Rows whose folders are removed first.

    Raises:
        ValueError: If a row to run does not fit, or was begun with another config.
        FileNotFoundError: If the config or a corpus of a row to run is not there.
    """
    names = [row.name for row in suite.rows]
    unknown = sorted({*only, *redo} - set(names))
    if unknown:
        raise ValueError(f'{suite.path} has no row {", ".join(unknown)}; its rows are '
                         f'{", ".join(names)}.')
    for name in redo:
        remove_row(work_dir / name)
    planned = []
    for row in suite.rows:
        try:
            planned.append(_plan(suite, row, work_dir / row.name, seeds))
        except (ValueError, OSError) as error:
            text = f'row {row.name}: {error}'
            if not only or row.name in only:
                raise type(error)(text) from error
            planned.append(PlannedRow(row, work_dir / row.name, error=text))
    return planned


def _plan(suite: Suite, row: Row, folder: Path, seeds: int) -> PlannedRow:
    cfg = load_config(row.config)
    options = {**loader_options(cfg, row.corpus, row.data_root, row.cache_root,
                                row.split), **row.cfg_options}
    try:
        cfg = load_config(row.config, None, options)
    except (TypeError, KeyError) as error:  # of MMEngine, about a key
        raise ValueError(f'cfg_options do not fit {row.config}: {error}') from None
    plan, folds = make_plan(cfg, row.protocol, seeds, suite.oracle)
    try:
        open_more_seeds(plan, folds, folder)
    except ValueError as error:
        raise ValueError(
            f'{error} To throw its results away and start this row anew: --redo '
            f'{row.name}') from None
    roots = tuple(map(str, build_dataset(cfg).roots.values()))
    return PlannedRow(row, folder, cfg, plan, options, roots)


def remove_row(folder: Path) -> None:
    """Remove the folder of a row, if it is one.

    Args:
        folder: The folder.

    Raises:
        ValueError: If it is there and holds no cross-validation.
    """
    if folder.is_dir() and not (folder / FILE).is_file():
        raise ValueError(f'{folder} holds no cross-validation and is left alone.')
    if folder.is_dir():
        shutil.rmtree(folder)


def breadth_first(plans: Mapping[str, Plan]) -> list[Task]:
    """Trainings of all rows: the first seed of every row, then the second, ...

    So a run that ends early leaves a whole table of fewer seeds.

    Args:
        plans: Plans by row, in the order of the rows.
    """
    most = max((len(plan.seeds) for plan in plans.values()), default=0)
    return [Task(name, unit) for place in range(most) for name, plan in plans.items()
            for unit in plan.units if unit.seed in plan.seeds[place:place + 1]]


def row_command(planned: PlannedRow, oracle: bool = False) -> str:
    """The command that makes this row alone, or goes on with it.

    Args:
        planned: The row.
        oracle: Whether the comparison keeps what the oracle chooses from.
    """
    words = ['python', TOOL, planned.row.config, '--protocol', planned.row.protocol,
             '--seeds', str(len(planned.plan.seeds)), '--work-dir',
             shown(planned.work_dir), '--resume']
    return command_line(
        [*words, *([] if oracle else ['--no-oracle'])], planned.options)


def shown(path: Path) -> str:
    """A path as it may stand in a document: relative where it is below this folder."""
    try:
        return str(Path(path).resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
