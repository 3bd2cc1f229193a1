# Copyright (c) AULLM-MM contributors.
import ast
from pathlib import Path

import pytest

from aullm_mm import facs
from aullm_mm.facs import (ACTION_UNITS, REGIONS, action_unit, au_label,
                           check_au_list)

CODED_IN_CORPORA = (1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 22,
                    23, 24, 25, 26, 27, 28, 38, 39, 43, 45)


def test_every_au_that_the_corpora_code_has_name_muscle_and_region():
    for number in CODED_IN_CORPORA:
        unit = action_unit(number)
        assert unit.number == number
        assert unit.name and unit.muscle
        assert unit.region in REGIONS


def test_table_is_sorted_named_uniquely_and_read_only():
    assert list(ACTION_UNITS) == sorted(ACTION_UNITS)
    assert len({unit.name for unit in ACTION_UNITS.values()}) == len(ACTION_UNITS)
    with pytest.raises(TypeError):
        ACTION_UNITS[3] = ACTION_UNITS[1]


def test_facs_names_are_the_standard_ones():
    assert au_label(15) == 'AU15'
    assert action_unit(15).name == 'lip corner depressor'
    assert action_unit(17).region == 'chin' and not action_unit(17).sided
    assert action_unit(12).sided


def test_unknown_au_lists_the_known_ones():
    with pytest.raises(ValueError, match='unknown AU 3: known AU numbers are 1, 2, 4'):
        action_unit(3)


@pytest.mark.parametrize('aus, message', [
    ((), 'empty'), ((1, 2, 1), r'repeats \[1\]'), ((1, 1215), 'unknown AU 1215')])
def test_bad_au_list_is_refused(aus, message):
    with pytest.raises(ValueError, match=message):
        check_au_list(aus)


@pytest.mark.parametrize('path', sorted(Path(facs.__file__).parent.glob('*.py')),
                         ids=lambda path: path.stem)
def test_domain_imports_neither_torch_nor_opencv(path):
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding='utf-8')))
             if isinstance(node, (ast.Import, ast.ImportFrom))]
    roots = {(name or '').split('.')[0] for node in nodes
             for name in ([a.name for a in node.names] if isinstance(node, ast.Import)
                          else [node.module])}
    assert not roots & {'torch', 'cv2', 'mmengine', 'mmaction'}
