# Copyright (c) AULLM-MM contributors.
"""The report page of a run: its numbers are those of the folder, its controls work."""
import importlib.util
import json
import pickle
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from browser import complaints, open_page, requests, start_browser

from aullm_mm.apis.cross_validation.plan import Plan
from aullm_mm.apis.run_report import read_run, report_view
from aullm_mm.apis.run_report.view import worst_mistakes
from aullm_mm.evaluation.functional import au_scores, predictions_of
from aullm_mm.visualization.page import render_run_page, write_run_page
from aullm_mm.visualization.page.charts import line_chart, nice_ticks

AUS = (1, 4, 12)
ROOT = Path(__file__).resolve().parents[2]
HOSTILE = '</script><script>window.hacked=1</script><img src=x onerror=hacked=1>'


def clips(fold, seed, count=8):
    """Test clips of a fold: labels by number, scores that mostly follow them."""
    random = np.random.default_rng(10 * fold + seed)
    found = []
    for i in range(count):
        label = [float((i + j) % 3 == 0) for j in range(len(AUS))]
        score = [float(np.clip(0.25 + 0.5 * v + random.normal(0, .4), 0, 1))
                 for v in label]
        subject = f'casme2/sub{fold}{i % 4}'
        found.append(dict(clip_id=f'{subject}/{i}', subject=subject, corpus='casme2',
                          label=label, score=score))
    return found


def log(folder, aus=AUS):
    records = [dict(loss=1 / i, loss_au=.9 / i, iter=i, step=i) for i in range(1, 30)]
    for epoch, f1 in ((1, .4), (2, .6)):
        scores = {f'au/{measure}_{name}': f1
                  for measure in ('F1', 'macro_F1', 'AUC', 'all_positive_F1')
                  for name in ('mean', *(f'AU{au}' for au in aus))}
        records.append(dict(scores, step=epoch))
    path = folder / '20260101_000000' / 'vis_data' / 'scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text('\n'.join(map(json.dumps, records)) + '\n')


@pytest.fixture(scope='module')
def work_dir(tmp_path_factory):
    """A cross-validation of two folds and two seeds, as the tool leaves it."""
    root = tmp_path_factory.mktemp('runs') / 'loso run'
    folds = tuple(dict(index=i, name=f'sub{i}', hash=f'h{i}', train=9, val=2, test=8)
                  for i in range(2))
    plan = Plan(config=f'# {HOSTILE}', protocol='loso', seeds=(0, 1), folds=folds,
                tables={'casme2': 'ab'}, oracle=True, versions={'torch': '2'})
    root.mkdir()
    (root / 'plan.json').write_text(json.dumps(asdict(plan)))
    for unit in plan.units:
        test = clips(unit.fold, unit.seed)
        folder = unit.folder(root)
        log(folder)
        epochs = {'1': {clip['clip_id']: clip['score'] for clip in test}}
        (folder / 'result.json').write_text(json.dumps(dict(
            format='aullm_mm.fold_result', version=1, fold=folds[unit.fold]['name'],
            hash=folds[unit.fold]['hash'], seed=unit.seed, aus=AUS, emotions=[],
            test=test, val=clips(5, unit.seed), oracle_epochs=epochs, seconds=1.0)))
    return root


def test_tables_are_those_of_the_predictions(work_dir):
    report = report_view(read_run(work_dir, bootstrap=50))
    assert [t['oracle'] for t in report['tables']] == [False, False, True, True]
    seeds = [predictions_of(clips(0, s) + clips(1, s)) for s in (0, 1)]
    want = np.mean([au_scores(p.labels, p.scores).f1 for p in seeds], axis=0)
    rows = report['tables'][0]['rows']
    assert [r['label'] for r in rows] == ['AU1', 'AU4', 'AU12']
    assert [r['f1'] for r in rows] == pytest.approx(want)
    assert all(r['low'] <= r['f1'] + 1e-9 and r['f1'] <= r['high'] + .3 for r in rows)
    assert rows[0]['known'] == 16


def test_curves_count_the_clips_at_every_threshold(work_dir):
    report = report_view(read_run(work_dir, bootstrap=50))
    rows = predictions_of(clips(0, 0) + clips(1, 0))
    half = report['thresholds'].index(0.5)
    for i, unit in enumerate(report['units']):
        assert {sum(counts) for counts in unit['counts']} == {16}
        found, present = rows.scores[:, i] >= .5, rows.labels[:, i] == 1
        assert unit['counts'][half] == [
            (found & present).sum(), (found & ~present).sum(), (~found & present).sum(),
            (~found & ~present).sum()]
        assert unit['f1'][0] == unit['constant']


def test_worst_mistakes_are_wrong_and_in_order(work_dir):
    run = read_run(work_dir, bootstrap=50)
    rows = worst_mistakes(list(run.predictions.values()), AUS)
    error = [r['score'] if r['kind'] == 'false alarm' else 1 - r['score'] for r in rows]
    assert error == sorted(error, reverse=True) and min(error) >= .5
    assert all((r['label'] in r['truth']) == (r['kind'] == 'missed') for r in rows)
    assert len(worst_mistakes(list(run.predictions.values()), AUS, 1)) == 1


def test_training_without_predictions_shows_its_last_validation(tmp_path):
    log(tmp_path)
    report = report_view(read_run(tmp_path))
    (table,) = report['tables']
    assert 'epoch 2' in table['title'] and table['mean']['f1'] == .6
    assert report['logs'][0]['scores'] == [(1, .4), (2, .6)]
    assert list(report['logs'][0]['losses']) == ['loss', 'loss_au']
    page = render_run_page(report)
    assert 'Training losses' in page and 'Confusion' not in page


def test_training_with_predictions_is_judged_on_them(tmp_path):
    log(tmp_path)
    rows = [dict(clip_id=c['clip_id'], subject=c['subject'], corpus='casme2',
                 gt_label=torch.tensor(c['label']), pred_score=torch.tensor(c['score']))
            for c in clips(0, 0)]
    path = tmp_path / 'test.pkl'
    path.write_bytes(pickle.dumps(rows))
    report = report_view(read_run(tmp_path, str(path)), bootstrap=50)
    assert report['tables'][0]['title'].startswith('test clips')
    assert len(report['units']) == 3 and report['facts']['clips'] == 8
    with pytest.raises(ValueError, match='3 scores a clip, but 2 AUs are known'):
        read_run(tmp_path, str(path), aus=(1, 2))


def test_folders_that_are_no_run_are_named(tmp_path, work_dir):
    with pytest.raises(FileNotFoundError, match='nowhere is no folder'):
        read_run(tmp_path / 'nowhere')
    with pytest.raises(FileNotFoundError, match='neither a cross-validation'):
        read_run(tmp_path)
    with pytest.raises(ValueError, match='leave --predictions out'):
        read_run(work_dir, 'test.pkl')


def test_tool_writes_the_page_into_the_folder(work_dir, monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location(
        'report_run', ROOT / 'tools/analysis/report_run.py')
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    monkeypatch.setattr('sys.argv', ['x', str(work_dir), '--bootstrap', '20'])
    tool.main()
    assert str(work_dir / 'report.html') in capsys.readouterr().out
    assert 'most confident mistakes' in (work_dir / 'report.html').read_text().lower()


def test_charts_are_cut_where_a_value_is_missing():
    points = [(0, 0.), (1, 1.), (2, None), (3, float('nan')), (4, 0.5)]
    chart = line_chart([dict(points=points, name='x', style='main')], size=(100, 10))
    assert chart['lines'][0]['path'] == 'M0.0,10.0L25.0,0.0M100.0,5.0'
    assert nice_ticks(0, 0.05)[1] == 0.01 and nice_ticks(3, 3) == [3]


def test_page_of_a_run_works_in_a_browser(work_dir, tmp_path):
    driver = start_browser()
    try:
        report = report_view(read_run(work_dir, bootstrap=50))
        report['name'] = report['mistakes'][0]['clip'] = HOSTILE
        path = write_run_page(report, tmp_path / 'report.html')
        open_page(driver, path)
        check_page(driver, report)
        assert complaints(driver) == []
        asked = [url for url in requests(driver) if not url.startswith('data:')]
        assert asked == [path.as_uri()]
    finally:
        driver.quit()


def check_page(driver, report):
    def texts(selector):
        return [e.text for e in driver.find_elements('css selector', selector)]
    assert texts('h1') == [HOSTILE]
    assert driver.execute_script('return window.hacked') is None
    assert texts('#shown') == ['0.50']
    counts = texts('[data-unit="0"] [data-count]')
    driver.execute_script(
        'const s = document.querySelector("#threshold"); s.value = 10;'
        's.dispatchEvent(new Event("input"))')
    assert texts('#shown') == ['0.20']
    tp, fp, fn, tn = report['units'][0]['counts'][10]
    assert texts('[data-unit="0"] [data-count]') == list(map(str, (tp, fn, fp, tn)))
    driver.find_element('css selector', '#reset').click()
    assert texts('[data-unit="0"] [data-count]') == counts
    heading = driver.find_elements('css selector', '.sortable th')[4]
    heading.click()
    order = [float(t) for t in texts('.sortable:first-of-type tbody strong')[:3]]
    assert order == sorted(order, reverse=True)
    from selenium.webdriver.support.ui import Select
    Select(driver.find_element('css selector', '#unit-filter')).select_by_index(1)
    shown = {r.get_attribute('data-label') for r in driver.find_elements(
        'css selector', '#mistakes tbody tr') if r.is_displayed()}
    assert shown == {'AU1'}
