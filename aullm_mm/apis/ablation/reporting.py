# Copyright (c) AULLM-MM contributors.
"""The files that a comparison leaves: figures, section, drawing."""
from __future__ import annotations

import json
from pathlib import Path

from aullm_mm.utils.atomic import write_text_atomic
from aullm_mm.utils.jsonable import nan_to_none
from aullm_mm.visualization.style import save_figure

from .document import write_section
from .figure import curves, draw_curves
from .judging import Result, results_path
from .tables import section


def write_results(result: Result, work_dir: Path, report: Path) -> list[Path]:
    """Write ``results.json``, the section of the report and, of curves, the drawing.

    The drawing goes to ``images/`` beside the report.

    Args:
        result: Of :func:`~aullm_mm.apis.ablation.judging.judge_suite`.
        work_dir: Folder of the comparison.
        report: Markdown file; only what is between its markers is changed.

    Returns:
        The files written.

    Raises:
        ValueError: If the markers of the report are not in order.
    """
    content = json.dumps(nan_to_none(result), indent=1, allow_nan=False) + '\n'
    written = [write_text_atomic(results_path(work_dir), content)]
    figure = None
    if curves(result):
        figure = f'images/suite_{result["suite"]}.png'
        written.append(save_figure(draw_curves(result), report.parent / figure))
    write_section(report, result['suite'], section(result, figure))
    return [*written, report]
