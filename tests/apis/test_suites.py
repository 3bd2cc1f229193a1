# Copyright (c) AULLM-MM contributors.
"""Comparisons: suites, order of trainings, budget, markers, tables, curves."""
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config

from aullm_mm.apis.ablation import Deadline, load_suite, parse_duration, run_rows
from aullm_mm.apis.ablation.budget import locked
from aullm_mm.apis.ablation.corpora import ensure_corpora, semi_synthetic
from aullm_mm.apis.ablation.document import markers, replace_section, write_section
from aullm_mm.apis.ablation.judging import compare
from aullm_mm.apis.ablation.planning import PlannedRow, breadth_first, remove_row
from aullm_mm.apis.ablation.reporting import write_results
from aullm_mm.apis.ablation.running import DIED
from aullm_mm.apis.ablation.tables import section
from aullm_mm.apis.cross_validation.plan import Plan, open_more_seeds, read_plan
from aullm_mm.evaluation.functional.pooling import Predictions

ROOT = Path(__file__).resolve().parents[2]
SUITES = sorted((ROOT / 'configs/suites').glob('*.py'))
SUITE = '''
title, asks, protocol = 'T', 'A?', 'kfold:2'
rows = [dict(name='a', config='a.py'), dict(name='b', config='b.py')]
'''


def plan_of(seeds=(0, 1, 2), folds=2, config='x = 1'):
    described = tuple(dict(index=i, name=str(i), hash='h') for i in range(folds))
    return Plan(config, 'kfold:2', tuple(seeds), described, {'c': 't'}, False, {})


def write_suite(folder, text=SUITE, **more):
    lines = [f'{key} = {value!r}' for key, value in more.items()]
    (folder / 's.py').write_text(text + '\n'.join(lines))
    return str(folder / 's.py')


@pytest.mark.parametrize('path', SUITES, ids=lambda path: path.stem)
def test_suites_of_the_project_name_configs_that_are_there(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    suite = load_suite(path.stem)
    assert suite.name == path.stem and suite.asks.endswith(('?', '.'))
    assert [r.config for r in suite.rows if not (ROOT / r.config).is_file()] == []
    made = {spec['out'] for spec in suite.corpora}
    roots = [row.data_root for row in suite.rows if row.data_root]
    named = {r for root in roots for r in ([root] if isinstance(root, str) else root)}
    assert named <= made


def test_rows_inherit_what_the_suite_shares_and_keep_their_own(tmp_path):
    text = SUITE.replace("config='b.py'", "config='b.py', cfg_options={'x.y': 3}, "
                         "data_root='other', reference='b', protocol='loso'")
    path = write_suite(tmp_path, text, cfg_options={'x.y': 1, 'z': {'w': 2}},
                       data_root='root')
    a, b = load_suite(path).rows
    assert a.cfg_options == {'x.y': 1, 'z.w': 2} and a.data_root == 'root'
    assert b.cfg_options == {'x.y': 3, 'z.w': 2} and b.data_root == 'other'
    assert (a.reference, b.reference) == ('a', 'b')
    assert (a.protocol, b.protocol) == ('kfold:2', 'loso')


@pytest.mark.parametrize('change, message', [
    (dict(sedes=3), 'the suite does not know sedes'),
    (dict(seeds=0), 'seeds must be 1 or more'),
    (dict(reference='c'), "reference 'c' of row 'a' is no row"),
    (dict(rows=[]), 'rows is missing'),
    (dict(protocol=None), 'neither it nor the suite has a protocol'),
    (dict(rows=[dict(name='a', config='a'), dict(name='a', config='b')]), 'twice: a'),
    (dict(rows=[dict(name='../a', config='a')]), 'must do as a folder name'),
    (dict(rows=[dict(name='a')]), "row 'a' lacks config"),
    (dict(rows=[dict(name='a', config='a', x=1)]), 'curve and x belong together'),
    (dict(rows=[dict(name='a', config='a', cfg_options={'k': '5'})]), 'KEY=VALUE')])
def test_mistakes_in_a_suite_are_named_with_its_file(tmp_path, change, message):
    path = write_suite(tmp_path, **change)
    with pytest.raises(ValueError, match=message) as caught:
        load_suite(path)
    assert str(caught.value).startswith(path)


def test_an_unknown_suite_lists_the_known_ones(monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(FileNotFoundError, match='no suite nothing.*smoke.*within'):
        load_suite('nothing')


def test_every_row_has_a_seed_before_any_has_two():
    tasks = breadth_first({'a': plan_of(), 'b': plan_of((5, 6), 3)})
    order = [(task.row, task.unit.seed, task.unit.fold) for task in tasks]
    assert order == [
        ('a', 0, 0), ('a', 0, 1), ('b', 5, 0), ('b', 5, 1), ('b', 5, 2),
        ('a', 1, 0), ('a', 1, 1), ('b', 6, 0), ('b', 6, 1), ('b', 6, 2),
        ('a', 2, 0), ('a', 2, 1)]


def test_more_seeds_are_added_to_a_folder_and_none_is_taken_away(tmp_path, monkeypatch):
    from aullm_mm.apis.cross_validation import plan as module
    monkeypatch.setattr(module, 'save_split', lambda *args, **kwargs: None)
    for seeds, kept in (((0, 1), (0, 1)), ((0, 1, 2), (0, 1, 2)), ((0,), (0, 1, 2))):
        open_more_seeds(plan_of(seeds), (), tmp_path)
        assert read_plan(tmp_path).seeds == kept
    with pytest.raises(ValueError, match='another config.*x = 2'):
        open_more_seeds(plan_of(config='x = 2'), (), tmp_path)


@pytest.mark.parametrize('text, seconds', [
    ('90s', 90), ('30m', 1800), ('2h', 7200), ('1h30m', 5400), ('0s', 0)])
def test_budgets_are_read(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize('text', ['', '5', 'm', '-5m', '5 m', '5d', '5m3'])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match='is no time'):
        parse_duration(text)


def test_a_deadline_passes():
    assert Deadline(0).passed and not Deadline(60).passed and not Deadline(None).passed


def test_a_second_run_is_kept_out(tmp_path):
    with locked(tmp_path / 'new'):
        with pytest.raises(ValueError, match='another run is at work'):
            with locked(tmp_path / 'new'):
                pass
    with locked(tmp_path / 'new'):
        pass


def test_only_folders_of_rows_are_removed(tmp_path):
    (tmp_path / 'row').mkdir()
    (tmp_path / 'row/precious').touch()
    with pytest.raises(ValueError, match='left alone'):
        remove_row(tmp_path / 'row')
    (tmp_path / 'row/plan.json').touch()
    remove_row(tmp_path / 'row')
    remove_row(tmp_path / 'row')
    assert not (tmp_path / 'row').exists()


def test_a_section_is_replaced_and_the_rest_stays_byte_for_byte(tmp_path):
    page = tmp_path / 'page.md'
    first, last = markers('x')
    before, after = b'# A\r\n\xc3\xa4  \n', b'\nend without newline'
    page.write_bytes(before + f'{first}\nold\n{last}'.encode() + after)
    for text in ('new | \\1', 'newer'):
        write_section(page, 'x', text)
        assert page.read_bytes() == before + f'{first}\n{text}\n{last}'.encode() + after


def test_a_section_without_markers_comes_last_and_others_stay():
    once = replace_section('# A', 'x', 'one')
    both = replace_section(once, 'xy', 'two')
    assert once == '# A\n\n<!-- suite:x -->\none\n<!-- /suite:x -->\n'
    assert both.startswith(once) and replace_section(both, 'xy', 'two') == both
    assert 'two' in replace_section(both, 'x', 'three')


@pytest.mark.parametrize('text', [
    '<!-- suite:x -->', '<!-- /suite:x --> <!-- suite:x -->',
    '<!-- suite:x --><!-- suite:x --><!-- /suite:x -->'])
def test_markers_out_of_order_change_nothing(tmp_path, text):
    page = tmp_path / 'page.md'
    page.write_text(text)
    with pytest.raises(ValueError, match='page.md: it must hold'):
        write_section(page, 'x', 'new')
    assert page.read_text() == text


def test_corpora_are_called_semi_synthetic_by_their_readme(synthetic_corpus, tmp_path):
    assert semi_synthetic([synthetic_corpus, tmp_path]) == [str(synthetic_corpus)]
    spec = dict(subjects=6, clips=24, seed=1, out=str(synthetic_corpus))
    assert ensure_corpora([spec]) == []
    with pytest.raises(ValueError, match='other parameters'):
        ensure_corpora([dict(spec, seed=2)])
    with pytest.raises(ValueError, match='corpora: .*subject'):
        ensure_corpora([dict(subject=6, out='x')])


def run_of(wrong=(), clips='abcdef', aus=2):
    labels = np.array([[i % 2, (i + 1) % 2] for i in range(len(clips))], float)[:, :aus]
    scores = labels.copy()
    scores[list(wrong)] = 1 - scores[list(wrong)]
    subjects = tuple(f's{i // 2}' for i in range(len(clips)))
    return Predictions(tuple(clips), subjects, ('c',) * len(clips), labels, scores)


def test_rows_are_compared_on_the_seeds_and_clips_of_both():
    reference = {0: run_of(), 1: run_of()}
    found = compare({1: run_of([0]), 2: run_of([1])}, reference, 200)
    assert found['seeds'] == [1] and found['clips'] == 6 and found['value'] < 0
    assert found['low'] <= found['value'] <= found['high']
    fewer = compare({0: run_of([0]).where([c != 'a' for c in 'abcdef'])}, reference, 50)
    assert fewer['clips'] == 5 and fewer['value'] == 0
    assert compare({3: run_of()}, reference, 50) is None
    assert compare({0: run_of()}, reference, 50, same_corpora=False) is None
    assert compare({0: run_of(aus=1)}, reference, 50) is None


def measure(*seeds):
    return dict(value=float(np.mean(seeds)), std=float(np.std(seeds)),
                each_seed=list(seeds))


def judged(name, f1, **more):
    if not f1:
        return {**judged(name, (.5,)), 'seeds': [], 'scores': None, **more}
    mean = dict(f1=measure(*f1), macro_f1=measure(*f1), auc=measure(*f1), low=.1,
                high=.9, all_positive_f1=.25)
    row = dict(
        name=name, config='c.py', protocol='loso', reference='full', group='', curve='',
        x=None, state='whole', error='', seeds=list(range(len(f1))), asked=len(f1),
        seconds=60., scores=mean, inner=None, per_corpus={'c': mean}, command='run',
        per_au={'AU4': dict(positives=3, known=9, **mean)}, clips=9, subjects=3,
        folds=3, difference=None, trained_parameters=1234567, seconds_per_unit=9.6,
        commits=['abc1234'], threads=[1])
    return {**row, **more}


def result_of(*rows):
    return dict(
        suite='s', title='T', asks='Why?', reference='full', x_label='people',
        rows=list(rows), roots=['data/a'], semi_synthetic=['data/a'], command='all',
        date='2026-01-02', commit='abc1234', cores=2, bootstrap=10, swaps=20,
        seconds=120., seeds=2)


def test_the_section_says_what_was_measured_and_what_is_missing():
    worse = dict(value=-.05, low=-.1, high=.02, p=.25, seeds=[0], clips=9)
    text = section(result_of(
        judged('full', (.5, .7)), judged('less', (.5, .6), difference=worse),
        judged('part', (.4,), asked=2, state='partial'),
        judged('gone', (), state='failed', error='ValueError: no'),
        judged('later', (), state='not run')))
    assert '**semi-synthetic** data (`data/a`)' in text
    assert '| **full** (reference) | 2 of 2 | 60.0 ± 10.0 | 50.0, 70.0 |' in text
    assert '| -5.0 (1 seeds) | -10.0 to +2.0 | 0.2500 | 1,234,567 | 10 |' in text
    assert '| less | full | +5.0 | -2.0 to +10.0 | 0.2500 | 1 | 9 |' in text
    assert '- part: 1 of 2 seeds are finished.' in text
    assert '- gone **failed**: ValueError: no' in text
    assert '- Not trained yet: later.' in text and '| later' not in text
    assert 'on the same clips, F1 25.0.' in text and '2 min of training' in text


def test_curves_are_drawn_and_linked(tmp_path):
    rows = [judged(f'{name}_{x}', (f1,), curve=name, x=x)
            for name, f1 in (('full', .6), ('other', .5)) for x in (4, 2)]
    unfinished = judged('full_8', (), curve='full', x=8, state='not run')
    report = tmp_path / 'docs/page.md'
    written = write_results(result_of(*rows, unfinished), tmp_path / 'work', report)
    picture = tmp_path / 'docs/images/suite_s.png'
    assert picture in written and picture.stat().st_size > 5000
    assert '](images/suite_s.png)' in report.read_text()
    assert json.loads((tmp_path / 'work/results.json').read_text())['suite'] == 's'


def test_rows_of_a_suite_are_what_they_say():
    suite = load_suite(str(ROOT / 'configs/suites/smoke.py'))
    assert suite.row('histogram').reference == 'sss_net'
    with pytest.raises(ValueError, match='folder name'):
        replace(suite.rows[0], name='')


def test_a_process_that_dies_and_an_error_cost_their_rows_only(tmp_path, monkeypatch):
    """Processes that are started fresh import what the config names."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / 'it_dies.py').write_text('import os\nos._exit(9)\n')
    (tmp_path / 'it_raises.py').write_text('raise KeyError("no\\nsuch")\n')
    suite = load_suite(write_suite(tmp_path))
    rows = [PlannedRow(row, tmp_path / row.name, plan=plan_of((0,)), cfg=Config(dict(
        custom_imports=dict(imports=[module])))) for row, module in zip(
            suite.rows, ('it_dies', 'it_raises'))]
    said = []
    run_rows(rows, 1, Deadline(None), said.append)
    errors = {row.row.name: [p.read_text().splitlines()[-1] for p in sorted(
        row.work_dir.glob('seed_0/*/error.txt'))] for row in rows}
    assert errors['a'] == [DIED] and len(errors['b']) == 1
    assert errors['b'][0].startswith('KeyError') and 'such' in errors['b'][0]
    assert said[0].startswith('4 trainings') and said[-1].startswith('4 trainings are')
