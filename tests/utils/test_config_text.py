# Copyright (c) AULLM-MM contributors.
"""A config that came with weights is read, and nothing in it is run."""
from pathlib import Path

import pytest
from mmengine.config import Config

from aullm_mm.utils.config_text import read_config_text

CONFIGS = Path(__file__).parents[2] / 'configs'


@pytest.mark.parametrize('name', [
    'aullm_casme2.py', 'aullm_cross.py', 'aullm_led_casme2.py',
    'baselines/slowonly_r18_casme2.py', 'ablations/no_llm_megc.py'])
def test_same_values_as_mmengine_gets_by_running_it(name):
    text = Config.fromfile(CONFIGS / name).pretty_text
    assert read_config_text(text) == Config.fromstring(text, '.py').to_dict()


@pytest.mark.parametrize('text', [
    "a = __import__('os').system('true')", 'import os', 'a = b', 'a = lambda: 1',
    "a = dict(b=open('x'))", 'a = [1] * 10', "a = dict(**{'b': 1})", "a = f'{1}'",
    "a = dict([('b', 1)])", 'a = set([1])', 'a = {**{}}', 'a = b = 1', 'a[0] = 1',
    'a = [i for i in (1, 2)]', 'def f(): pass', 'print(1)'])
def test_anything_but_values_is_refused(text):
    with pytest.raises(ValueError, match='more than plain values .line 1'):
        read_config_text(text, 'a.pth')


@pytest.mark.parametrize('text', [
    'a = (', '\x00', 'a = {[]: 1}', 'a = ' + '-' * 100_000 + '1', 'a = ' + '(' * 999])
def test_damaged_text_is_said_to_be_damaged(text):
    with pytest.raises(ValueError, match='a.pth is damaged'):
        read_config_text(text, 'a.pth')
