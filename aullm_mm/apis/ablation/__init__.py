# Copyright (c) AULLM-MM contributors.
from .budget import Deadline, locked, parse_duration
from .corpora import ensure_corpora
from .judging import judge_suite, missing
from .planning import plan_rows, shown
from .reporting import write_results
from .running import run_rows
from .suite import Row, Suite, load_suite
from .tables import main_table

__all__ = [
    'Deadline', 'Row', 'Suite', 'ensure_corpora', 'judge_suite', 'load_suite', 'locked',
    'main_table', 'missing', 'parse_duration', 'plan_rows', 'run_rows', 'shown',
    'write_results'
]
