# Copyright (c) AULLM-MM contributors.
from .launch import run_plan
from .plan import Plan, Unit, make_plan, open_plan
from .summary import summarize

__all__ = ['Plan', 'Unit', 'make_plan', 'open_plan', 'run_plan', 'summarize']
